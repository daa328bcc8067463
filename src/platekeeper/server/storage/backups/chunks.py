"""One encrypted file: AES-256-GCM in chunks, of which none can be changed, cut off, swapped or added.

    header   magic, id of the data key (16 bytes), salt (32 random bytes)
    chunks   a MiB of plain text each, and its tag; the last may be shorter

The file's own key follows from the data key and the salt (HKDF-SHA256). A chunk's nonce is its number and whether it is
the last; the header is bound to every chunk. The plain text begins with the file's path and ends with padding up to a
multiple of 4 KiB, so a name is hidden, and a size to that extent.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from platekeeper.server.storage.backups.errors import BackupDamaged

CHUNK = 1 << 20
_MAGIC = b"platekeeper-1\n"
_HEADER = len(_MAGIC) + 16 + 32
_TAG = 16
_PADDED_TO = 4096
_END = b"\x80"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted file as it lies on disk: its size in bytes and its SHA-256 (hex)."""

    size: int
    sha256: str


def seal(source: BinaryIO, place: Path, *, path: str, key: bytes, key_id: str) -> Sealed:
    """Encrypt what `source` holds, up to its end, into a new file; on disk on return, but for the folder's entry."""
    header = _MAGIC + bytes.fromhex(key_id) + secrets.token_bytes(32)
    cipher, digest, size = _cipher(key, header), hashlib.sha256(), 0
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in _written(header, cipher, path, source):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return Sealed(size, digest.hexdigest())


def opened(file: BinaryIO, *, key: bytes) -> Iterator[bytes]:
    """Return the path, encoded, then the content in pieces. Raises `BackupDamaged` at the first thing that is not right."""
    header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise BackupDamaged(["a file does not begin like one of a backup"])
    cipher, number = _cipher(key, header), 0
    piece = file.read(CHUNK + _TAG)
    while True:
        following = file.read(CHUNK + _TAG)
        plain = _decrypt(cipher, number, piece, header, last=not following)
        if not following:
            plain = plain[: plain.rindex(_END)]
        if number == 0:
            length = 2 + int.from_bytes(plain[:2], "big")
            yield plain[2:length]
            plain = plain[length:]
        yield plain
        if not following:
            return
        number, piece = number + 1, following


def _written(header: bytes, cipher: AESGCM, path: str, source: BinaryIO) -> Iterator[bytes]:
    yield header
    name = path.encode()
    plain, number = len(name).to_bytes(2, "big") + name, 0
    while block := source.read(CHUNK - len(plain)):
        plain += block
        if len(plain) == CHUNK:
            yield cipher.encrypt(_nonce(number, last=False), plain, header)
            plain, number = b"", number + 1
    plain += _END
    yield cipher.encrypt(_nonce(number, last=True), plain + bytes(-len(plain) % _PADDED_TO), header)


def _decrypt(cipher: AESGCM, number: int, piece: bytes, header: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), piece, header)
    except (InvalidTag, ValueError) as error:
        raise BackupDamaged([f"chunk {number} of a file is not what was written"]) from error


def _cipher(key: bytes, header: bytes) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=header[-32:], info=b"platekeeper backup file").derive(key)
    return AESGCM(derived)


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">QI", number, last)
