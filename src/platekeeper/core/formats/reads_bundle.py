"""Reads that a unit hands in on removable media: encrypted to its department, signed by the unit (V.b).

    platekeeper reads 1
    pieces     4 bytes of length, then AES-256-GCM of a batch as `POST /api/reads` takes it, in zlib
    end        4 bytes of nothing
    one line   `core.transfer`: whose, how many, the digest of everything before, the key of the pieces sealed (HPKE)

The signature stands last, so a unit writes a bundle in one go; what broke off has none. A piece's nonce is its number.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from platekeeper.core.transfer import LONGEST_LINE, Bundle, Sign, TransferError, fingerprint, opened, sealed

KIND, RECEIPT = "reads", "receipt"
MAGIC = b"platekeeper reads 1\n"
LARGEST_PIECE = 64 << 20
"""Bytes of a batch, packed or not."""
_FOREVER = timedelta(days=3650)
"""A bundle does not run out: what was read is taken whenever it comes, or told to be past its time."""
_LENGTH = struct.Struct(">I")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CUT_OFF = "The bundle is cut off: the rest of the file is missing. Export it again."
_CHANGED = "The bundle was changed after it was written. Export it again."

Read = Callable[[int], bytes]
"""Reads on, up to so many bytes."""


@dataclass(frozen=True, slots=True)
class Signing:
    """What a unit signs with, and whom it seals to (32 bytes)."""

    public: bytes
    sign: Sign
    to: bytes


def written(
    batches: Iterable[tuple[int, bytes]], *, unit: int, uid: str, made_at: datetime, by: Signing
) -> Iterator[bytes]:
    """Give a bundle in pieces; `batches` are how many reads each holds, and itself."""
    key, digest, count = secrets.token_bytes(32), hashlib.sha256(), 0
    cipher, about = AESGCM(key), uid.encode()

    def told(piece: bytes) -> bytes:
        digest.update(piece)
        return piece

    yield told(MAGIC)
    for number, (reads, batch) in enumerate(batches):
        packed = cipher.encrypt(_nonce(number), zlib.compress(batch, 1), about)
        yield told(_LENGTH.pack(len(packed)) + packed)
        count += reads
    yield told(_LENGTH.pack(0))
    content = {
        "unit": unit, "reads": count, "sha256": digest.hexdigest(), "to": fingerprint(by.to),
        "key": base64.b64encode(_SUITE.encrypt(key, X25519PublicKey.from_public_bytes(by.to), about)).decode(),
    }  # fmt: skip
    yield sealed(
        content, kind=KIND, uid=uid, made_at=made_at, expires_at=made_at + _FOREVER, public=by.public, sign=by.sign
    )


def looked_through(read: Read) -> Bundle:
    """Return what a file says of itself, once every byte before has the digest it names. Raises `TransferError`.

    Whether the signature holds, and whose it is, is not known yet.
    """
    digest = hashlib.sha256()
    if read(len(MAGIC)) != MAGIC:
        raise TransferError("This is no bundle of reads.")
    digest.update(MAGIC)
    for piece in _pieces(read):
        digest.update(_LENGTH.pack(len(piece)) + piece)
    digest.update(_LENGTH.pack(0))
    line = read(LONGEST_LINE + 1)
    if not line.endswith(b"}"):
        raise TransferError(_CUT_OFF if len(line) <= LONGEST_LINE else _CHANGED)
    try:
        bundle = opened(line)
    except TransferError as error:
        raise TransferError(_CHANGED) from error
    if bundle.kind != KIND or set(bundle.content) != {"unit", "reads", "sha256", "to", "key"}:
        raise TransferError("This is no bundle of reads.")
    if bundle.content["sha256"] != digest.hexdigest():
        raise TransferError(_CHANGED)
    return bundle


def batches_of(read: Read, bundle: Bundle, opens: X25519PrivateKey) -> Iterator[bytes]:
    """Give the batches of a file that was looked through, from its beginning. Raises `TransferError`."""
    about = bundle.uid.encode()
    try:
        key = _SUITE.decrypt(base64.b64decode(str(bundle.content["key"]), validate=True), opens, about)
        cipher = AESGCM(key)
        read(len(MAGIC))
        for number, piece in enumerate(_pieces(read)):
            yield zlib.decompressobj().decompress(cipher.decrypt(_nonce(number), piece, about), LARGEST_PIECE)
    except (InvalidTag, ValueError, zlib.error) as error:
        raise TransferError("The bundle does not open with the department's key.") from error


def receipt_for(
    bundle: Bundle, counts: Mapping[str, int], *, uid: str, at: datetime, public: bytes, sign: Sign
) -> bytes:
    """Return the line with which the department says that it has what a bundle holds."""
    content: dict[str, Any] = {
        "bundle": bundle.uid, "unit": bundle.content["unit"], "sha256": bundle.content["sha256"], **counts,
    }  # fmt: skip
    return sealed(content, kind=RECEIPT, uid=uid, made_at=at, expires_at=at + _FOREVER, public=public, sign=sign)


def _pieces(read: Read) -> Iterator[bytes]:
    while True:
        head = read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise TransferError(_CUT_OFF)
        (length,) = _LENGTH.unpack(head)
        if length == 0:
            return
        if length > LARGEST_PIECE:
            raise TransferError(_CHANGED)
        piece = read(length)
        if len(piece) < length:
            raise TransferError(_CUT_OFF)
        yield piece


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
