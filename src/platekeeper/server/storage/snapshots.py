"""Immutable files kept under the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from platekeeper.server.storage.files import write_durably

_DIGEST = re.compile(r"[0-9a-f]{64}")


class SnapshotDamaged(Exception):
    """The file is gone, or its bytes are not those that were kept."""


def keep(folder: Path, content: bytes) -> str:
    """Put `content` on disk under its digest, unless it lies there whole already; return the digest (hexadecimal)."""
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        read(folder, digest)
    except SnapshotDamaged:
        write_durably(folder / digest, content)
    return digest


def read(folder: Path, digest: str) -> bytes:
    """Return the bytes kept under `digest`, checked. Raises `SnapshotDamaged`; ValueError for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("A digest has 64 hexadecimal characters.")
    try:
        content = (folder / digest).read_bytes()
    except FileNotFoundError as missing:
        raise SnapshotDamaged(f"The kept file {digest} is missing.") from missing
    if hashlib.sha256(content).hexdigest() != digest:
        raise SnapshotDamaged(f"The kept file {digest} is not what was kept.")
    return content
