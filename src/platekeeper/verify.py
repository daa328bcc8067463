"""Check what a department's ledger proves, without the product: standard library and `cryptography` alone.

    python verify.py EXPORT.jsonl --fingerprint SHA256 [--held CHECKPOINT ...]
    python verify.py PACKET/ --fingerprint SHA256

EXPORT is what `platekeeper ledger export` wrote, PACKET an unpacked evidence packet (a bag, RFC 8493). The fingerprint of
the department's key, and any checkpoint that a witness holds, must come from somewhere else than what is checked: nothing
can vouch for itself. Exit status 0: everything that is claimed was checked; 1: something is wrong, and it is said; 2: there
was nothing to check.

The ledger is a Merkle tree over canonical JSON (RFC 6962, section 2.1); checkpoints are signed notes (C2SP `signed-note`,
`tlog-checkpoint`). Whoever holds the signing key can rewrite everything after the newest checkpoint that somebody else holds,
and nothing before it: that horizon is part of the answer. The product itself stands on the functions of this file.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIGNED = "\u2014 "  # an em dash begins every line of signature
_ED25519 = b"\x01"
_COMMITMENT = b"platekeeper commitment v1\0"
KEY_ANNOUNCED = "ledger_key_changed"
"""The act whose leaf names the key that signs from then on; the key before it signs the checkpoint that covers the leaf."""


class Fault(Exception):
    """Something does not hold; the message says what, and where."""


# ---- canonical JSON and commitments


def canonical(value: Any) -> bytes:
    """Return the one byte form of plain data: JSON in UTF-8, keys sorted, no spaces.

    Takes str, int, bool, None, lists (or tuples) and dicts with str keys; anything else, floats included, is a TypeError.
    """
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check(value: Any) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key must be text, not {type(key).__name__}")
            _check(item)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form")


def commitment(salt: bytes, field: str, value: str) -> str:
    """Return the hexadecimal SHA-256 that stands for a field's value until its salt and value are shown."""
    parts = (salt, field.encode(), value.encode())
    return hashlib.sha256(_COMMITMENT + b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


# ---- the tree (RFC 6962, section 2.1; proofs as RFC 9162, sections 2.1.3 and 2.1.4, check them)


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of no leaves, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level, sha256 = list(leaves), hashlib.sha256
    # Pairing neighbours and carrying the odd one up gives the same tree as splitting at the largest power of two.
    while len(level) > 1:
        # `node_hash`, written out: batches of reads have a thousand leaves
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


class Frontier:
    """A tree that only grows: its root at any size, in space and time of the logarithm of that size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (leaves below, hash), the largest first

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        below, found = 1, leaf
        while self._peaks and self._peaks[-1][0] == below:
            found = node_hash(self._peaks.pop()[1], found)
            below *= 2
        self._peaks.append((below, found))
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        found = self._peaks[-1][1]
        for _below, peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root_of_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to from a leaf's hash. Raises `Fault` when it has the wrong shape."""
    if not 0 <= index < size:
        raise Fault(f"there is no leaf {index} among {size}")
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Fault("the inclusion proof is too long")
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise Fault("the inclusion proof is too short")
    return found


def check_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `Fault` unless the proof shows that the tree of the new root only appends to that of the old one."""
    if not 0 < old_size <= new_size:
        raise Fault(f"a tree of {new_size} cannot follow one of {old_size}")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise Fault("two trees of one size differ")
        return
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise Fault("the consistency proof is empty")
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Fault("the consistency proof is too long")
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    if last or old != old_root or new != new_root:
        raise Fault("the newer tree does not begin with the older one")


# ---- signed notes and checkpoints


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: the log's name, the number of leaves and the root over them; `note` is the signed text as it stands."""

    origin: str
    size: int
    root: bytes
    note: str


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that a signature line names a key by."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def fingerprint(public: bytes) -> str:
    """Return what people compare of a key: the hexadecimal SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Return the text that is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def read_checkpoint(note: str) -> Checkpoint:
    """Return a checkpoint without checking who signed it. Raises `Fault` when it is none, or not written canonically."""
    text, _, _signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) != 3 or not lines[0] or not (lines[1].isascii() and lines[1].isdigit()):
        raise Fault("this is no checkpoint")
    root = _decoded(lines[2])
    if len(root) != 32 or checkpoint_text(lines[0], int(lines[1]), root) != f"{text}\n":
        raise Fault("this checkpoint is not written canonically")
    return Checkpoint(lines[0], int(lines[1]), root, note)


def opened(note: str, keys: Mapping[str, Iterable[bytes]]) -> Checkpoint:
    """Return a checkpoint that one of the keys (public, by name) signed. Raises `Fault` otherwise."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = read_checkpoint(note)
    text, _, signatures = note.rpartition("\n\n")
    if not signatures.endswith("\n"):
        raise Fault("the last line of signature is cut off")
    for line in signatures[:-1].split("\n"):
        name, _, encoded = line.removeprefix(SIGNED).rpartition(" ")
        signature = _decoded(encoded) if line.startswith(SIGNED) else b""
        for public in keys.get(name, ()):
            if signature[:4] == key_id(name, public) and len(signature) == 68:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{text}\n".encode())
                except InvalidSignature as error:
                    raise Fault(f"the checkpoint of {found.size} leaves has a false signature") from error
                return found
    raise Fault(f"no key that is trusted signed the checkpoint of {found.size} leaves")


def _decoded(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault("this is no base64") from error
    if base64.b64encode(decoded).decode() != text:
        raise Fault("this base64 is not written canonically")
    return decoded


# ---- an export of the whole ledger: one JSON object a line


@dataclass
class Verdict:
    """What was checked. `witnessed` is the size of the newest checkpoint that came from elsewhere and fits, 0 for none."""

    origin: str = ""
    leaves: int = 0
    withheld: int = 0
    checkpoints: int = 0
    last_at: str = ""
    witnessed: int = 0
    keys: list[str] = field(default_factory=list)

    def words(self) -> Iterator[str]:
        """Say it."""
        yield f"{self.origin}: {self.leaves} leaves hash as recorded, in one tree, the last of {self.last_at}."
        yield f"{self.checkpoints} checkpoints are signed by the key of this fingerprint or one that it handed over to:"
        yield from (f"  {each}" for each in self.keys)
        if self.withheld:
            yield f"{self.withheld} sealed values are withheld or have expired; their leaves hash all the same."
        if self.witnessed:
            yield f"Leaves 0 to {self.witnessed - 1} are as somebody outside held them: they cannot have been rewritten."
        if self.witnessed < self.leaves:
            rest = "What follows" if self.witnessed else "All of it"
            yield f"{rest} is held by no witness yet: until it is, whoever has the key could rewrite it."


def check_export(lines: Iterable[str], *, trusted: str, held: Sequence[str] = ()) -> Verdict:
    """Check an export of a ledger, the fingerprint and held checkpoints having come from elsewhere. Raises `Fault`."""
    reading = _Reading(trusted, [read_checkpoint(note) for note in held])
    for number, line in enumerate(lines, start=1):
        reading.take(_record(line, number), number)
    return reading.end()


_SHAPES = {
    "ledger": {"kind", "v", "origin", "public_key"},
    "leaf": {"kind", "index", "body", "openings"},
    "checkpoint": {"kind", "note"},
}


class _Reading:
    """An export as it is read: the tree so far, the keys that are trusted by now, what is still to be compared."""

    def __init__(self, trusted: str, held: Sequence[Checkpoint]) -> None:
        self.verdict = Verdict()
        self._trusted = trusted
        self._tree = Frontier()
        self._key = b""
        self._announced: bytes | None = None
        self._covered = 0
        self._held = sorted(held, key=lambda each: each.size)

    def take(self, record: dict[str, Any], number: int) -> None:
        """Take one record."""
        kind = record.get("kind")
        if number == 1:
            self.verdict.origin, self._key = _begin(record, self._trusted)
            self.verdict.keys.append(fingerprint(self._key))
        elif kind == "leaf":
            announced = _leaf(record, number, self._tree.size, self.verdict)
            self._tree.append(leaf_hash(record["body"].encode()))
            self._announced = announced or self._announced
            self._compare()
        elif kind == "checkpoint":
            self._cover(opened(str(record["note"]), {self.verdict.origin: [self._key]}), number)
        else:
            raise Fault(f"line {number}: another export begins here")

    def _cover(self, checkpoint: Checkpoint, number: int) -> None:
        if checkpoint.origin != self.verdict.origin:
            raise Fault(f"line {number}: this checkpoint is of another ledger, {checkpoint.origin}")
        if checkpoint.size != self._tree.size:
            raise Fault(f"line {number}: a checkpoint of {checkpoint.size} leaves stands after {self._tree.size}")
        if checkpoint.root != self._tree.root():
            raise Fault(f"line {number}: the leaves before it do not have the root that was signed")
        self._covered = checkpoint.size
        self.verdict.checkpoints += 1
        if self._announced not in (None, self._key):  # the old key signed its hand-over; from here on it signs nothing
            self._key = self._announced or self._key
            self.verdict.keys.append(fingerprint(self._key))

    def _compare(self) -> None:
        while self._held and self._held[0].size == self._tree.size:
            theirs = self._held.pop(0)
            if theirs.origin != self.verdict.origin:
                raise Fault(f"the held checkpoint is of another ledger, {theirs.origin}")
            if theirs.root != self._tree.root():
                raise Fault(f"the first {theirs.size} leaves are not those that a witness holds: history was rewritten")
            self.verdict.witnessed = theirs.size

    def end(self) -> Verdict:
        """Return what was checked, once everything was read."""
        self.verdict.leaves = self._tree.size
        if not self.verdict.checkpoints:
            raise Fault("the export holds no checkpoint")
        if self._covered != self._tree.size:
            raise Fault(
                f"the last checkpoint covers {self._covered} of {self._tree.size} leaves: something was cut or added"
            )
        if self._held:
            most = self._held[-1].size
            raise Fault(f"a witness holds {most} leaves, the export has {self._tree.size}: the end was cut off")
        return self.verdict


def _record(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
        exact = isinstance(record, dict) and canonical(record).decode() == line.rstrip("\n")
    except (ValueError, TypeError) as error:
        raise Fault(f"line {number} is no record") from error
    if not exact:
        raise Fault(f"line {number} is not written canonically")
    if record.keys() != _SHAPES.get(str(record.get("kind")), set()) or type(record.get("index", 0)) is not int:
        raise Fault(f"line {number} belongs in no export")
    return dict(record)


def _begin(record: dict[str, Any], trusted: str) -> tuple[str, bytes]:
    if record["kind"] != "ledger" or canonical(record["v"]) != b"1":
        raise Fault("line 1 is not the beginning of an export")
    public = _decoded(str(record["public_key"]))
    if fingerprint(public) != trusted.strip().lower().replace(":", ""):
        raise Fault("the export's key is not the one whose fingerprint you gave")
    return str(record["origin"]), public


def _leaf(record: dict[str, Any], number: int, index: int, verdict: Verdict) -> bytes | None:
    """Check one leaf and what is shown of its sealed fields; return the key that it announces, if it does."""
    if record.get("index") != index:
        raise Fault(f"line {number}: leaf {index} is expected, leaf {record.get('index')} stands there")
    body = json.loads(record["body"])
    if canonical(body).decode() != record["body"]:
        raise Fault(f"leaf {index} is not written canonically")
    sealed, shown = body["sealed"], record["openings"]
    for name, opening in shown.items():
        salt = bytes.fromhex(opening["salt"])
        if salt.hex() != opening["salt"] or opening.keys() != {"salt", "value"}:
            raise Fault(f"leaf {index}: what is shown of {name} is not written canonically")
        if commitment(salt, name, opening["value"]) != sealed.get(name):
            raise Fault(f"leaf {index}: the value shown for {name} is not the one recorded")
    verdict.withheld += len(sealed) - len(shown)
    verdict.last_at = body["at"]
    if body["action"] != KEY_ANNOUNCED:
        return None
    return _decoded(body["details"]["public_key"])


# ---- an evidence packet: a bag (RFC 8493) whose every byte is accounted for


BAG_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DIGESTS = ("sha256", "sha512")


def manifest(digest: str, files: Mapping[str, bytes]) -> bytes:
    """Return a manifest in its one byte form: lower-case digest, two spaces, path; by path."""
    lines = (f"{hashlib.new(digest, files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def bagged(payload: Mapping[str, bytes], info: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of a bag: the payload under `data/`, and its tag files."""
    files = {f"data/{path}": content for path, content in payload.items()}
    tags = {"bagit.txt": BAG_DECLARATION}
    tags["bag-info.txt"] = "".join(f"{label}: {' '.join(value.split())}\n" for label, value in info.items()).encode()
    tags |= {f"manifest-{digest}.txt": manifest(digest, files) for digest in DIGESTS}
    return files | tags | {f"tagmanifest-{digest}.txt": manifest(digest, tags) for digest in DIGESTS}


@dataclass
class Packet:
    """What was checked of an evidence packet."""

    case: str
    leaves: int
    copies: int
    images: int
    signed: int
    last_at: str

    def words(self) -> Iterator[str]:
        """Say it."""
        yield f"Case {self.case}: every byte of the packet is the one that its manifests name."
        yield f"{self.leaves} leaves of the ledger stand in the tree of {self.signed} leaves that the key signed,"
        yield f"the last of them of {self.last_at}."
        yield f"{self.copies} preserved copies and {self.images} images are those that the leaves name, unchanged since."
        yield "Proven is that they were so when the leaf was signed; what a camera or a person got wrong before is not."


def check_packet(files: Mapping[str, bytes], *, trusted: str) -> Packet:
    """Check the files of a packet by path, the fingerprint having come from elsewhere. Raises `Fault`."""
    _check_bag(files)
    key = json.loads(files["data/ledger/key.json"])
    public = _decoded(key["public_key"])
    if fingerprint(public) != trusted.strip().lower().replace(":", ""):
        raise Fault("the packet's key is not the one whose fingerprint you gave")
    signed = opened(files["data/ledger/checkpoint.txt"].decode(), {key["origin"]: [public]})
    leaves = [_proven(path, files, signed) for path in sorted(files) if path.endswith(".leaf.json")]
    named = {detail for body in leaves for detail in body["details"].values() if isinstance(detail, str)}
    kept = {path: content for path, content in files.items() if path.startswith("data/preserved/")}
    for path, content in kept.items():
        if hashlib.sha256(content).hexdigest() not in named:
            raise Fault(f"{path}: no leaf of the ledger names what is in it")
    number = json.loads(files["data/case.json"])["number"]
    if {body["case"] for body in leaves} - {""} != {number}:  # a refusal is of no case
        raise Fault("data/case.json is not of the case that the leaves are of")
    return Packet(
        case=number,
        leaves=len(leaves),
        copies=sum(path.endswith(".json") for path in kept),
        images=sum(not path.endswith(".json") for path in kept),
        signed=signed.size,
        last_at=max(body["at"] for body in leaves),
    )


def _check_bag(files: Mapping[str, bytes]) -> None:
    payload = {path: content for path, content in files.items() if path.startswith("data/")}
    tags = {path: files[path] for path in ("bagit.txt", "bag-info.txt") if path in files}
    for digest in DIGESTS:
        given = files.get(f"manifest-{digest}.txt", b"")
        _same(given, manifest(digest, payload), payload, f"manifest-{digest}.txt")
        tags[f"manifest-{digest}.txt"] = given
    for digest in DIGESTS:
        _same(files.get(f"tagmanifest-{digest}.txt", b""), manifest(digest, tags), tags, f"tagmanifest-{digest}.txt")
    known = payload.keys() | tags.keys() | {f"tagmanifest-{digest}.txt" for digest in DIGESTS}
    if extra := sorted(files.keys() - known):
        raise Fault(f"{extra[0]} belongs in no packet")
    if files["bagit.txt"] != BAG_DECLARATION:
        raise Fault("bagit.txt is not that of a packet")


def _same(given: bytes, expected: bytes, files: Mapping[str, bytes], name: str) -> None:
    """Raise `Fault` unless a manifest is, byte by byte, the one that its files have; name the first that differs."""
    if given == expected:
        return
    lines = set(given.decode(errors="replace").splitlines())
    for line in expected.decode().splitlines():
        if line not in lines:
            raise Fault(f"{line.split('  ', 1)[-1]} is not what {name} names")
    raise Fault(f"{name} names what is not there, or is not written canonically")


def _proven(path: str, files: Mapping[str, bytes], signed: Checkpoint) -> dict[str, Any]:
    """Return a leaf's body, once it was shown that it stands in the signed tree."""
    record = json.loads(files[path])
    _leaf(record, 0, record["index"], Verdict())
    text = files[path.replace(".leaf.json", ".tlog-proof")].decode()
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if note != signed.note or lines[:2] != ["c2sp.org/tlog-proof@v1", f"index {record['index']}"]:
        raise Fault(f"{path}: its proof is of another leaf or another checkpoint")
    steps = [_decoded(line) for line in lines[2:]]
    leaf = leaf_hash(record["body"].encode())
    if root_of_inclusion(leaf, index=record["index"], size=signed.size, proof=steps) != signed.root:
        raise Fault(f"{path} does not stand in the tree that was signed")
    return dict(json.loads(record["body"]))


def _read(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def main(argv: Sequence[str] | None = None) -> int:
    """Check the export or the packet that the command line names."""
    parser = argparse.ArgumentParser(description="Check what a department's ledger proves.")
    parser.add_argument("export", help="what `platekeeper ledger export` wrote, or the folder of an evidence packet")
    parser.add_argument(
        "--fingerprint",
        required=True,
        help="of the department's key, from outside: the first one for an export, the one that signed for a packet",
    )
    parser.add_argument("--held", action="append", default=[], help="a file with a checkpoint that a witness holds")
    chosen = parser.parse_args(argv)
    try:
        if Path(chosen.export).is_dir():
            packet = check_packet(_read(Path(chosen.export)), trusted=chosen.fingerprint)
            print("\n".join(packet.words()))
            return 0
        held = [Path(path).read_bytes().decode() for path in chosen.held]
        with Path(chosen.export).open(encoding="utf-8", newline="\n") as lines:
            verdict = check_export(lines, trusted=chosen.fingerprint, held=held)
    except OSError as error:
        print(f"NOTHING CHECKED: {error}", file=sys.stderr)
        return 2
    except (Fault, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1
    print("\n".join(verdict.words()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
