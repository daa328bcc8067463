"""Check what a department's ledger proves, without the product: standard library and `cryptography` alone.

    python verify.py EXPORT.jsonl --fingerprint SHA256 [--held CHECKPOINT ...]
    python verify.py PACKET/ --fingerprint SHA256 [--held CHECKPOINT ...]

EXPORT is what `platekeeper ledger export` or `platekeeper ledger public` wrote, PACKET an unpacked evidence packet or audit
packet (a bag, RFC 8493). The fingerprint of the department's key, and any checkpoint that a witness holds, must come from
somewhere else than what is checked: nothing can vouch for itself. Exit status 0: everything that is claimed was checked; 1:
something is wrong or a held checkpoint could not be compared, and it is said; 2: there was nothing to check.

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
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SIGNED = "\u2014 "  # an em dash begins every line of signature
_ED25519 = b"\x01"
_COMMITMENT = b"platekeeper commitment v1\0"
SET_ASIDE = "set_aside"
"""The act whose leaf says of a preserved copy that it is not of its case; later packets name the copy and leave it out."""
KEY_ANNOUNCED = "ledger_key_changed"
"""The act whose leaf names the key that signs from then on; the key before it signs the checkpoint that covers the leaf."""


class Fault(Exception):
    """Something does not hold; the message says what, and where."""


UNFIT = (Fault, KeyError, ValueError, TypeError, AttributeError, RecursionError)
"""What checking raises: a fault that was looked for, or something that is not of the shape of what is checked."""


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


# ---- what a leaf is the hash of


PUBLIC_VERSION = 2
"""From this version of a leaf's body on, the hash is over what the public may see of it, and the digest of all of it."""
_CODE = re.compile(r"[a-z][a-z_]{0,31}")
_PUBLIC = {
    "v", "at", "action", "outcome", "clause", "on", "purpose", "agency", "positions", "automatic", "policy", "public_key",
    "body",
}  # fmt: skip


def public_form(body: bytes) -> dict[str, Any]:
    """Return what the public may see of a leaf: no plate, no person, no case, no words; the minute; positions, not names.

    `body` is the SHA-256 of everything that was recorded, which a salt in it keeps from being guessed.
    """
    return _shown(json.loads(body), body)


def _shown(said: dict[str, Any], body: bytes) -> dict[str, Any]:
    kind, purpose = said["subject"].partition(":")[0], said["purpose"]
    return {
        "v": said["v"],
        "at": f"{said['at'][:16]}Z",
        "action": said["action"],
        "outcome": said["outcome"],
        "clause": said["clause"],
        "on": kind if _CODE.fullmatch(kind) else "",
        "purpose": purpose if _CODE.fullmatch(purpose) else "",
        "agency": said["actor"]["agency"],
        "positions": said["actor"]["positions"],
        "automatic": said["actor"]["person"] == 0,
        "policy": said["policy"],
        "public_key": said["details"]["public_key"] if said["action"] == KEY_ANNOUNCED else "",
        "body": hashlib.sha256(body).hexdigest(),
    }


def entry_hash(body: bytes) -> bytes:
    """Return the hash of the leaf that a body belongs to. Raises one of `UNFIT` for what is no body."""
    said = json.loads(body)
    return leaf_hash(canonical(_shown(said, body)) if said.get("v") == PUBLIC_VERSION else body)


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
    # Pairing neighbors and carrying the odd one up gives the same tree as splitting at the largest power of two.
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

    def append(self, leaf: bytes, *, level: int = 0) -> None:
        """Add a leaf's hash; or that of a whole subtree of 2^level leaves, where such a one may stand. Raises `Fault`."""
        below, found = 1 << level, leaf
        if self.size % below:
            raise Fault(f"no subtree of {below} leaves begins at leaf {self.size}")
        self.size += below
        while self._peaks and self._peaks[-1][0] == below:
            found = node_hash(self._peaks.pop()[1], found)
            below *= 2
        self._peaks.append((below, found))

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


def read_leaf(*, salt: bytes, id: bytes, digest: bytes) -> bytes:
    """Return the leaf hash of a read in the tree of its batch; the salt hides the read behind the root."""
    return leaf_hash(salt + id + digest)


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
    found = read_checkpoint(note)
    _demand_signature(note, keys, what=f"the checkpoint of {found.size} leaves")
    return found


def opened_certificate(note: str, keys: Mapping[str, Iterable[bytes]]) -> tuple[str, int]:
    """Return a certificate of disposal (one line of JSON) that one of the keys (public, by name) signed, and its leaf.

    The leaf's body names the line's SHA-256 under "details", "certificate". Raises `Fault` otherwise.
    """
    lines = note.rpartition("\n\n")[0].split("\n")
    if len(lines) != 3 or not lines[0].endswith("/disposal") or not (lines[2].isascii() and lines[2].isdigit()):
        raise Fault("this is no certificate of disposal")
    _demand_signature(note, keys, what="the certificate")
    return lines[1], int(lines[2])


def _demand_signature(note: str, keys: Mapping[str, Iterable[bytes]], *, what: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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
                    raise Fault(f"{what} has a false signature") from error
                return
    raise Fault(f"no key that is trusted signed {what}")


def is_signed_by(note: str, *, name: str, public: bytes) -> bool:
    """Say whether one key signed a checkpoint."""
    try:
        opened(note, {name: [public]})
    except Fault:
        return False
    return True


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
    """What was checked. `witnessed` is the size of the newest checkpoint that came from elsewhere and fits, 0 for none.

    `root` is the one over all leaves, which the last checkpoint signs; `uncompared` are the sizes of those that what is
    checked cannot be held against.
    """

    origin: str = ""
    leaves: int = 0
    root: bytes = b""
    withheld: int = 0
    checkpoints: int = 0
    last_at: str = ""
    witnessed: int = 0
    shown: range | None = None
    first_at: str = ""
    keys: list[str] = field(default_factory=list)
    uncompared: list[int] = field(default_factory=list)

    def words(self) -> Iterator[str]:
        """Say it."""
        if self.shown is None:
            yield f"{self.origin}: {self.leaves} leaves hash as recorded, in one tree, the last of {self.last_at}."
        else:
            yield f"{self.origin}: {self.leaves} leaves stand in one tree."
            yield from self._of_the_public()
        yield f"{self.checkpoints} checkpoints are signed by the key of this fingerprint or one that it handed over to:"
        yield from (f"  {each}" for each in self.keys)
        if self.withheld:
            yield f"{self.withheld} sealed values are withheld or have expired; their leaves hash all the same."
        if self.witnessed:
            yield f"Leaves 0 to {self.witnessed - 1} are as somebody outside held them: they cannot have been rewritten."
        if self.witnessed < self.leaves:
            rest = "What follows" if self.witnessed else "All of it"
            yield f"{rest} is held by no witness yet: until it is, whoever has the key could rewrite it."

    def _of_the_public(self) -> Iterator[str]:
        if not self.shown:
            yield "None of them is shown."
            return
        yield f"Shown are leaves {self.shown[0]} to {self.shown[-1]}, of {self.first_at} to {self.last_at}, without a gap,"
        yield "with what was hashed for the public; who acted, on whom, on which plate and in which words is withheld."
        if hidden := self.leaves - len(self.shown):
            yield f"{hidden} leaves before and after are there by hash alone: how many they are is proven, not what they say."
        yield "A leaf that is laid open, in court or to an auditor, can be held against this log: it has the same hash."


def check_export(lines: Iterable[str], *, trusted: str, held: Sequence[str] = ()) -> Verdict:
    """Check an export of a ledger, the fingerprint and held checkpoints having come from elsewhere. Raises `Fault`."""
    reading = _Reading(trusted, [read_checkpoint(note) for note in held])
    for number, line in enumerate(lines, start=1):
        reading.take(_record(line, number), number)
    return reading.end()


_SHAPES = {
    "ledger": {"kind", "v", "origin", "public_key"},
    "public": {"kind", "v", "origin", "public_key"},
    "shown": {"kind", "index", "shown"},
    "hidden": {"kind", "index", "level", "hash"},
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
        self._by_keys_alone = True  # what is shown so far: the period need not have begun
        self._held = sorted(held, key=lambda each: each.size)

    def take(self, record: dict[str, Any], number: int) -> None:
        """Take one record."""
        kind = record.get("kind")
        if number == 1:
            self.verdict.origin, self._key = _begin(record, self._trusted)
            self.verdict.keys.append(fingerprint(self._key))
            self.verdict.shown = range(0) if kind == "public" else None
        elif kind == "leaf":
            announced = _leaf(record, number, self._tree.size, self.verdict)
            self._add(entry_hash(record["body"].encode()), announced)
        elif kind == "shown" and self.verdict.shown is not None:
            announced = self._show(record, number)
            self._add(leaf_hash(canonical(record["shown"])), announced)
        elif kind == "hidden" and self.verdict.shown is not None:
            _in_order(record, number, self._tree.size)
            if type(record["level"]) is not int or not 0 <= record["level"] < 48 or not _HASH.fullmatch(record["hash"]):
                raise Fault(f"line {number} stands for no leaves")
            self._add(bytes.fromhex(record["hash"]), None, level=record["level"])
        elif kind == "checkpoint":
            self._cover(opened(str(record["note"]), {self.verdict.origin: [self._key]}), number)
        else:
            raise Fault(f"line {number}: another export begins here")

    def _add(self, leaf: bytes, announced: bytes | None, *, level: int = 0) -> None:
        self._tree.append(leaf, level=level)
        self._announced = announced or self._announced
        self._compare()

    def _show(self, record: dict[str, Any], number: int) -> bytes | None:
        """Take what the public is shown of a leaf; return the key that it announces, which is shown wherever it stands."""
        index, shown, so_far = self._tree.size, record["shown"], self.verdict.shown or range(0)
        _in_order(record, number, index)
        if shown.keys() != _PUBLIC or canonical(shown["v"]) != b"2":
            raise Fault(f"leaf {index} is not shown as the public is shown a leaf")
        key = _decoded(shown["public_key"]) if shown["action"] == KEY_ANNOUNCED else None
        if so_far and index != so_far.stop:
            if not self._by_keys_alone and key is None:
                raise Fault(f"leaves {so_far.stop} to {index - 1} are withheld in the middle of what is shown")
            if not self._by_keys_alone:
                return key
            so_far = range(0)
        self.verdict.shown = range(so_far.start if so_far else index, index + 1)
        self.verdict.first_at = self.verdict.first_at if so_far else shown["at"]
        self.verdict.last_at = shown["at"]
        self._by_keys_alone = self._by_keys_alone and key is not None
        return key

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
            theirs = self._of_this_log(self._held.pop(0))
            if theirs.root != self._tree.root():
                raise Fault(f"the first {theirs.size} leaves are not those that a witness holds: history was rewritten")
            self.verdict.witnessed = theirs.size
        while self._held and self._held[0].size < self._tree.size:  # within leaves that are there by one hash alone
            self.verdict.uncompared.append(self._of_this_log(self._held.pop(0)).size)

    def _of_this_log(self, theirs: Checkpoint) -> Checkpoint:
        if theirs.origin != self.verdict.origin:
            raise Fault(f"the held checkpoint is of another ledger, {theirs.origin}")
        return theirs

    def end(self) -> Verdict:
        """Return what was checked, once everything was read."""
        self.verdict.leaves, self.verdict.root = self._tree.size, self._tree.root()
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
    if record["kind"] not in ("ledger", "public") or canonical(record["v"]) != b"1":
        raise Fault("line 1 is not the beginning of an export")
    public = _decoded(str(record["public_key"]))
    if fingerprint(public) != trusted.strip().lower().replace(":", ""):
        raise Fault("the export's key is not the one whose fingerprint you gave")
    return str(record["origin"]), public


_HASH = re.compile(r"[0-9a-f]{64}")


def _in_order(record: dict[str, Any], number: int, index: int) -> None:
    if record.get("index") != index:
        raise Fault(f"line {number}: leaf {index} is expected, leaf {record.get('index')} stands there")


def _leaf(record: dict[str, Any], number: int, index: int, verdict: Verdict) -> bytes | None:
    """Check one leaf and what is shown of its sealed fields; return the key that it announces, if it does."""
    _in_order(record, number, index)
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


def manifest(digest: str, files: Mapping[str, bytes], paths: Iterable[str]) -> bytes:
    """Return a manifest of some of the files in its one byte form: lower-case digest, two spaces, path; by path."""
    return "".join(f"{_digest(digest, files, path)}  {path}\n" for path in sorted(paths)).encode()


def _digest(name: str, files: Mapping[str, bytes], path: str) -> str:
    digest = hashlib.new(name)
    for piece in _pieces(files, path):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(files: Mapping[str, bytes], path: str) -> Iterator[bytes]:
    """Give a file in pieces, where `files` can: one may be larger than the memory."""
    pieces = getattr(files, "pieces", None)
    return pieces(path) if pieces else iter([files[path]])


def _lines(files: Mapping[str, bytes], path: str) -> Iterator[str]:
    """Give the lines of a file, each of which ends with a line feed."""
    rest = b""
    for piece in _pieces(files, path):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in lines)
    if rest:
        yield rest.decode()


def info_file(info: Mapping[str, str]) -> bytes:
    """Return `bag-info.txt`: what a bag says of itself, a label and its value a line."""
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in info.items()).encode()


def tag_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the tag files of a bag by path, of its payload, whose paths begin with `data/`, and its `bag-info.txt`."""
    tags = {"bagit.txt": BAG_DECLARATION, "bag-info.txt": files["bag-info.txt"]}
    tags |= {f"manifest-{digest}.txt": manifest(digest, files, _payload(files)) for digest in DIGESTS}
    return tags | {f"tagmanifest-{digest}.txt": manifest(digest, tags, tags) for digest in DIGESTS}


def _payload(files: Iterable[str]) -> list[str]:
    return [path for path in files if path.startswith("data/")]


@dataclass
class Packet:
    """What was checked of an evidence packet. `proven` of the `reads` are, word for word, what an LPR delivered.

    `aside` copies that the leaves name were set aside as not of the case, and are left out; `bare` of the reads came with a
    picture that is not there; `withheld` counts sealed values that are not shown; `witnessed` is the size of the checkpoint
    that came from elsewhere and fits, 0 for none; `before` counts the leaves that it covers; `uncompared` are the sizes of
    those that the packet cannot be held against.
    """

    case: str
    leaves: int
    withheld: int
    copies: int
    aside: int
    images: int
    reads: int
    proven: int
    bare: int
    signed: int
    last_at: str
    witnessed: int = 0
    before: int = 0
    uncompared: Sequence[int] = ()

    def words(self) -> Iterator[str]:
        """Say it."""
        yield f"Case {self.case}: every byte is the one that the manifests name, and the files are those that were exported."
        yield f"{self.leaves} leaves of the ledger stand in the tree of {self.signed} leaves that the key signed,"
        yield f"the last of them of {self.last_at}; they are all that the export names."
        if self.withheld:
            yield f"{self.withheld} sealed values are withheld or have expired; their leaves hash all the same."
        yield f"{self.copies} preserved copies and {self.images} images are those that the leaves name, unchanged since."
        if self.aside:
            yield f"{self.aside} copies were set aside as not of this case: the leaves name them, and they are not here."
        if self.reads:
            yield f"{self.proven} of {self.reads} reads carry the proof that they came in so, word for word and picture;"
            yield "the name of the LPR beside its number is the department's word."
        if self.bare:
            yield f"{self.bare} of them came with a picture that is not in the packet."
        if self.witnessed:
            yield f"{self.before} of the leaves are as somebody outside held them: they cannot have been rewritten."
        if self.before < self.leaves:
            yield f"{self.leaves - self.before} leaves rest on the key alone: nothing from outside was held against them."
        yield "Proven is that they were so when the leaf was signed; what a camera or a person got wrong before is not."


def check_packet(files: Mapping[str, bytes], *, trusted: str, held: Sequence[str] = ()) -> Packet:
    """Check the files of a packet by path, the fingerprint and held checkpoints having come from elsewhere.

    Raises `Fault`.
    """
    _check_bag(files)
    origin, public = _signing_key(files, trusted)
    signed = opened(files["data/ledger/checkpoint.txt"].decode(), {origin: [public]})
    paths = sorted((path for path in files if _LEAVES.fullmatch(path)), key=_number)
    verdict = Verdict()
    leaves = {_number(path): _proven(path, files, signed, verdict) for path in paths}
    _check_exported(files, leaves)
    copies, images, aside = _check_preserved(files, leaves.values())
    reads = {path: copy for path, copy in copies.items() if "read" in copy}
    batches = batches_of(leaves.values())
    bare = sum(
        check_read(path, copy, files[images[path]] if path in images else None, batches) for path, copy in reads.items()
    )
    number = json.loads(files["data/case.json"])["number"]
    if {body["case"] for body in leaves.values()} - {""} != {number}:  # a refusal is of no case, and so is a batch
        raise Fault("data/case.json is not of the case that the leaves are of")
    fitting, uncompared = _compared(held, files, signed)
    witnessed = max(fitting, default=0)
    return Packet(
        case=number,
        leaves=len(leaves),
        withheld=verdict.withheld,
        copies=len(copies),
        aside=aside,
        images=len(images),
        reads=len(reads),
        proven=sum(copy.get("proof") is not None for copy in reads.values()),
        bare=bare,
        signed=signed.size,
        last_at=max(body["at"] for body in leaves.values()),
        witnessed=witnessed,
        before=sum(index < witnessed for index in leaves),
        uncompared=uncompared,
    )


AUDIT_PACKET = "audit_packet_exported"
"""The act whose leaf names the payload of an audit packet."""
_PUBLIC_LOG = "data/ledger/public-log.jsonl"


@dataclass
class AuditPacket:
    """What was checked of the audit packet of a year: its files against their leaf, and the public's log against its tree.

    `witnessed` and `uncompared` as with a `Packet`; the log has its own.
    """

    year: int
    files: int
    leaf: int
    witnessed: int
    log: Verdict
    uncompared: Sequence[int] = ()

    def words(self) -> Iterator[str]:
        """Say it."""
        yield f"Audit packet of {self.year}: every byte of its {self.files} files is the one that the manifests name,"
        yield f"and all but those of data/ledger are the ones that leaf {self.leaf} names, which the key signed."
        yield "The public's log in it is of the same tree, and shows the whole time that the packet speaks of:"
        yield from (f"  {line}" for line in self.log.words())
        yield "Proven is that it was so recorded; what people got wrong before is not."


def check_audit_packet(files: Mapping[str, bytes], *, trusted: str, held: Sequence[str] = ()) -> AuditPacket:
    """Check the files of an audit packet by path; otherwise as `check_packet`."""
    _check_bag(files)
    origin, public = _signing_key(files, trusted)
    signed = opened(files["data/ledger/checkpoint.txt"].decode(), {origin: [public]})
    [path] = [path for path in files if _LEAVES.fullmatch(path)]
    body = _proven(path, files, signed, Verdict())
    if body["action"] != AUDIT_PACKET or body["details"].get("payload") != exported(files):
        raise Fault("what is in the packet is not what its leaf names")
    _check_ledger_files(files, {_PUBLIC_LOG})
    about = _exact(files, "data/packet.json")
    if about["year"] != body["details"]["year"]:
        raise Fault("the packet is of another year than its leaf says")
    fitting, uncompared = _compared(held, files, signed)
    so_far = [note for note in held if read_checkpoint(note).size <= signed.size]
    log = check_export(_lines(files, _PUBLIC_LOG), trusted=fingerprint(first_key(files)), held=so_far)
    if (log.origin, log.leaves, log.root) != (signed.origin, signed.size, signed.root):
        raise Fault(f"{_PUBLIC_LOG} does not end with the tree that the packet's checkpoint signs")
    _demand_whole(log, since=about["since"], until=about["until"])
    payload = sum(path.startswith("data/") for path in files)
    return AuditPacket(
        year=about["year"],
        files=payload,
        leaf=_number(path),
        witnessed=max(fitting, default=0),
        log=log,
        uncompared=uncompared,
    )


def _demand_whole(log: Verdict, *, since: str, until: str) -> None:
    """Raise `Fault` unless a public's log shows everything after `since` up to `until`, as far as the ledger goes."""
    if not log.shown:
        raise Fault(f"{_PUBLIC_LOG} shows no leaf")
    first, last = datetime.fromisoformat(log.first_at), datetime.fromisoformat(log.last_at)
    after = (datetime.fromisoformat(until) + timedelta(microseconds=1)).replace(second=0, microsecond=0)
    if (log.shown.start > 0 and first > datetime.fromisoformat(since)) or (
        log.shown.stop < log.leaves and last < after
    ):
        raise Fault(
            f"{_PUBLIC_LOG} shows the leaves of {log.first_at} to {log.last_at}, and not all of the packet's time"
        )


def first_key(files: Mapping[str, bytes]) -> bytes:
    """Return the public key with which the packet's chain of keys begins."""
    return _decoded(_exact(files, "data/ledger/key.json")["public_key"])


_LEAVES = re.compile(r"data/ledger/[0-9]+\.leaf\.json")
_HANDED_OVER = re.compile(r"data/ledger/keys/[0-9]+\.leaf\.json")
_CONSISTENT = re.compile(r"data/ledger/consistency/[0-9]+\.json")


def _number(path: str) -> int:
    return int(Path(path).name.split(".")[0])


def _signing_key(files: Mapping[str, bytes], trusted: str) -> tuple[str, bytes]:
    """Return the ledger's name and the key that signs now: the one that is trusted, or one that it handed over to."""
    first, wanted = _exact(files, "data/ledger/key.json"), trusted.strip().lower().replace(":", "")
    origin, public = str(first["origin"]), _decoded(first["public_key"])
    known = fingerprint(public) == wanted
    for path in sorted((path for path in files if _HANDED_OVER.fullmatch(path)), key=_number):
        _head, _, note = files[path.replace(".leaf.json", ".tlog-proof")].decode().partition("\n\n")
        body = _proven(path, files, opened(note, {origin: [public]}), Verdict())
        if body["action"] != KEY_ANNOUNCED:
            raise Fault(f"{path} hands over no key")
        public = _decoded(body["details"]["public_key"])
        known = known or fingerprint(public) == wanted
    if not known:
        raise Fault("neither the packet's key nor one before it is the one whose fingerprint you gave")
    return origin, public


def exported(files: Mapping[str, bytes]) -> str:
    """Return what the leaf of an export names: the digest over a packet's payload and `bag-info.txt`, the ledger's part,
    `data/ledger/`, left out."""
    named = ["bag-info.txt", *(path for path in _payload(files) if not path.startswith("data/ledger/"))]
    return hashlib.sha256(manifest("sha256", files, named)).hexdigest()


def _check_exported(files: Mapping[str, bytes], leaves: Mapping[int, Mapping[str, Any]]) -> None:
    """Raise `Fault` unless the files are those of the newest export of the case, and its leaves all that the export names."""
    last = max((index for index, body in leaves.items() if body["subject"].startswith("case:")), default=-1)
    if last < 0 or leaves[last]["details"].get("payload") != exported(files):
        raise Fault("what is in the packet is not what the newest export of the case names")
    named = _exact(files, "data/leaves.json")["leaves"]
    if sorted(named) != sorted(set(leaves) - {last}):
        raise Fault("the leaves in the packet are not those that the export names")
    _check_ledger_files(files)


def _check_ledger_files(files: Mapping[str, bytes], more: Iterable[str] = ()) -> None:
    proven = [path for path in files if _LEAVES.fullmatch(path) or _HANDED_OVER.fullmatch(path)]
    known = {"data/ledger/key.json", "data/ledger/checkpoint.txt", *more, *proven}
    known |= {path.replace(".leaf.json", ".tlog-proof") for path in proven}
    for path in files:
        if path.startswith("data/ledger/") and path not in known and not _CONSISTENT.fullmatch(path):
            raise Fault(f"{path} belongs in no packet")


def _check_preserved(
    files: Mapping[str, bytes], bodies: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, str], int]:
    """Return every copy by path, and the path of its image where it has one; both are those that one leaf names together.

    What was set aside is not there, and is counted, unless the same copy was taken in again since.
    """
    named: dict[str, str | None] = {}
    aside = set()
    for body in bodies:  # in the order in which it was done
        said = body["details"]
        if body["action"] == SET_ASIDE:
            if said["sha256"] not in named:
                raise Fault("a copy that was set aside was not preserved")
            del named[said["sha256"]]
            aside.add(said["sha256"])
        elif "key" in said:
            named[said["sha256"]] = said.get("image_sha256")
            aside.discard(said["sha256"])
    kept = [path for path in files if path.startswith("data/preserved/")]
    copies = {path for path in kept if path.endswith(".json")}
    beside = {path.rpartition(".")[0]: path for path in kept if path not in copies}
    images = {path: beside[path.rpartition(".")[0]] for path in copies if path.rpartition(".")[0] in beside}
    if len(images) != len(kept) - len(copies):
        raise Fault("data/preserved/ holds an image of no copy, or two of one")
    found = {}
    for path in sorted(copies):
        content = files[path]
        digest, image = hashlib.sha256(content).hexdigest(), images.get(path)
        if digest not in named:
            raise Fault(f"{path}: no leaf of the ledger names what is in it")
        if named.pop(digest) != (None if image is None else hashlib.sha256(files[image]).hexdigest()):
            raise Fault(f"{path}: its image is not the one that its leaf names")
        found[path] = json.loads(content)
    if named:
        raise Fault(f"{len(named)} preserved copies that the leaves name are missing")
    return found, images, len(aside)


Batches = Mapping[str, Sequence[Mapping[str, Any]]]
"""What the leaves of arrivals say, by batch."""


def batches_of(bodies: Iterable[Mapping[str, Any]]) -> Batches:
    """Return what the leaves of arrivals say, out of all leaves."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for body in bodies:
        found.setdefault(body["subject"], []).append(body["details"])
    return found


def check_read(path: str, copy: Any, image: bytes | None, batches: Batches) -> bool:
    """Check a read against the leaf of its batch, if it brings its proof: text, picture and place.

    Say whether it came with a picture that is not there. Raises `Fault`.
    """
    proof, read = copy.get("proof"), copy["read"]
    if proof is None:
        return False
    said = [_as_copied(value) for value in json.loads(proof["said"])]
    said[6:8] = (_as_copied(json.loads(text)) for text in said[6:8])
    seen_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=read["at"])
    if (
        said[:11] != [None if name == "at" and read["clock"] == "received" else read[name] for name in _SAID]
        or copy["plate"] != (read["plate"] or read["raw"])
        or datetime.fromisoformat(copy["seen_at"]) != seen_at
    ):
        raise Fault(f"{path}: the read is not what was said of it when it came in")
    digest = hashlib.blake2b(proof["said"].encode(), digest_size=8, person=b"platekeeper.said").digest()
    leaf = read_leaf(salt=bytes.fromhex(read["salt"]), id=bytes.fromhex(read["id"]), digest=digest)
    steps = [bytes.fromhex(step) for step in proof["path"]]
    root = root_of_inclusion(leaf, index=proof["index"], size=proof["size"], proof=steps).hex()
    batch = batches.get(f"batch:{proof['batch']}", ())
    if [(each["reads"], each["root"]) for each in batch] != [(proof["size"], root)] or read["lpr"] not in batch[0][
        "lprs"
    ]:
        raise Fault(f"{path}: the leaf of its batch does not have this read")
    if image is not None and hashlib.sha256(image).hexdigest() != said[11]:
        raise Fault(f"{path}: its image did not come with this read")
    return image is None and said[11] is not None


_SAID = (
    "at", "raw", "plate", "state", "state_confidence", "confidence", "candidates", "vehicle", "direction", "latitude",
    "longitude",
)  # fmt: skip
"""What the text of a read says, in its order; the twelfth is the SHA-256 of its picture."""


def _as_copied(value: Any) -> Any:
    """Return data as a copy has it: fractions as the text of their shortest decimals."""
    match value:
        case dict():
            return {key: _as_copied(item) for key, item in value.items()}
        case list():
            return [_as_copied(item) for item in value]
        case float():
            return repr(value)
    return value


def _compared(held: Iterable[str], files: Mapping[str, bytes], signed: Checkpoint) -> tuple[list[int], list[int]]:
    """Return the sizes of held checkpoints: of those whose tree the packet shows to have only grown since, and of those
    that it says nothing of. Raises `Fault`."""
    fitting, uncompared = [], []
    for theirs in map(read_checkpoint, held):
        if theirs.origin != signed.origin:
            raise Fault(f"the held checkpoint is of another ledger, {theirs.origin}")
        path, steps = f"data/ledger/consistency/{theirs.size:09d}.json", list[bytes]()
        if theirs.size != signed.size:
            if path not in files:
                uncompared.append(theirs.size)
                continue
            steps = [_decoded(step) for step in _exact(files, path)["proof"]]
        check_consistency(
            old_size=theirs.size, old_root=theirs.root, new_size=signed.size, new_root=signed.root, proof=steps
        )
        fitting.append(theirs.size)
    return fitting, uncompared


def _exact(files: Mapping[str, bytes], path: str) -> Any:
    """Return a file's JSON, if it is written canonically: no key twice, no other way to say the same. Raises `Fault`."""
    value = json.loads(files[path])
    if canonical(value) != files[path]:
        raise Fault(f"{path} is not written canonically")
    return value


def _check_bag(files: Mapping[str, bytes]) -> None:
    payload = _payload(files)
    tags = {path: files[path] for path in ("bagit.txt", "bag-info.txt") if path in files}
    for digest in DIGESTS:
        given = files.get(f"manifest-{digest}.txt", b"")
        _same(given, manifest(digest, files, payload), f"manifest-{digest}.txt")
        tags[f"manifest-{digest}.txt"] = given
    for digest in DIGESTS:
        _same(files.get(f"tagmanifest-{digest}.txt", b""), manifest(digest, tags, tags), f"tagmanifest-{digest}.txt")
    known = {*payload, *tags, *(f"tagmanifest-{digest}.txt" for digest in DIGESTS)}
    if extra := sorted(files.keys() - known):
        raise Fault(f"{extra[0]} belongs in no packet")
    if files["bagit.txt"] != BAG_DECLARATION:
        raise Fault("bagit.txt is not that of a packet")


def _same(given: bytes, expected: bytes, name: str) -> None:
    """Raise `Fault` unless a manifest is, byte by byte, the one that its files have; name the first that differs."""
    if given == expected:
        return
    lines = set(given.decode(errors="replace").splitlines())
    for line in expected.decode().splitlines():
        if line not in lines:
            raise Fault(f"{line.split('  ', 1)[-1]} is not what {name} names")
    raise Fault(f"{name} names what is not there, or is not written canonically")


def _proven(path: str, files: Mapping[str, bytes], signed: Checkpoint, verdict: Verdict) -> dict[str, Any]:
    """Return a leaf's body, once it was shown that it stands in the signed tree."""
    record = _exact(files, path)
    if record.keys() != _SHAPES["leaf"] or Path(path).name != f"{record['index']:09d}.leaf.json":
        raise Fault(f"{path} is not the leaf that its name says")
    _leaf(record, 0, record["index"], verdict)
    text = files[path.replace(".leaf.json", ".tlog-proof")].decode()
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if note != signed.note or lines[:2] != ["c2sp.org/tlog-proof@v1", f"index {record['index']}"]:
        raise Fault(f"{path}: its proof is of another leaf or another checkpoint")
    steps = [_decoded(line) for line in lines[2:]]
    leaf = entry_hash(record["body"].encode())
    if root_of_inclusion(leaf, index=record["index"], size=signed.size, proof=steps) != signed.root:
        raise Fault(f"{path} does not stand in the tree that was signed")
    return dict(json.loads(record["body"]))


class Folder(Mapping[str, bytes]):
    """The files below a folder by path, each read when it is asked for: a packet may be larger than the memory."""

    def __init__(self, folder: Path) -> None:
        self._paths = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()
        }

    def __getitem__(self, path: str) -> bytes:
        return self._paths[path].read_bytes()

    def pieces(self, path: str) -> Iterator[bytes]:
        """Give a file in pieces."""
        with self._paths[path].open("rb") as file:
            yield from iter(lambda: file.read(1 << 20), b"")

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _no_place_of_a_packet(place: Path) -> str:
    """Say what to name instead; nothing where the place may be an export or a packet."""
    if place.is_dir() and not any((place / name).exists() for name in ("bagit.txt", "bag-info.txt", "data")):
        return f"{place} is not the folder of a packet: name the one with bagit.txt in it."
    return f"{place} is packed: unpack it, and name its folder." if zipfile.is_zipfile(place) else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Check the export or the packet that the command line names."""
    parser = argparse.ArgumentParser(description="Check what a department's ledger proves.")
    parser.add_argument("export", help="what `platekeeper ledger export` or `public` wrote, or the folder of a packet")
    parser.add_argument(
        "--fingerprint",
        required=True,
        help="of the department's first key, from outside; a packet may also be checked with that of a later one",
    )
    parser.add_argument("--held", action="append", default=[], help="a file with a checkpoint that a witness holds")
    chosen = parser.parse_args(argv)
    try:
        held = [
            Path(path).read_text(encoding="utf-8") for path in chosen.held
        ]  # however its lines end, pasted from a mail
        if wrong := _no_place_of_a_packet(Path(chosen.export)):
            print(f"NOTHING CHECKED: {wrong}", file=sys.stderr)
            return 2
        return _told(_check_place(Path(chosen.export), trusted=chosen.fingerprint, held=held))
    except OSError as error:
        print(f"NOTHING CHECKED: {error}", file=sys.stderr)
        return 2
    except UNFIT as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1


def _check_place(place: Path, *, trusted: str, held: Sequence[str]) -> Verdict | Packet | AuditPacket:
    if place.is_dir():
        files = Folder(place)
        check = check_audit_packet if "data/packet.json" in files else check_packet
        return check(files, trusted=trusted, held=held)
    with place.open(encoding="utf-8", newline="\n") as lines:
        return check_export(lines, trusted=trusted, held=held)


def _told(checked: Verdict | Packet | AuditPacket) -> int:
    """Say what was checked; return 1 if something held could not be compared with it."""
    print("\n".join(checked.words()))
    missed = {*checked.uncompared, *(checked.log.uncompared if isinstance(checked, AuditPacket) else ())}
    for size in sorted(missed):
        print(
            f"NOT COMPARED: this says nothing of the held checkpoint of {size} leaves; an export of the whole ledger does.",
            file=sys.stderr,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
