"""Plate images, packed one file per LPR and hour: one file each would use up a disk's inodes.

A pack is nothing but images end to end; the read's row holds where its own lies and what it must hash to. Bytes that no
row points at (a transaction that did not happen) are left alone and go with their day.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from platekeeper.server.storage.files import sync_folder

_MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


class ImageMissing(Exception):
    """There is no such image, or no longer: its day has been disposed of."""


class ImageDamaged(Exception):
    """The stored bytes are not those that were stored."""


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Where in its pack an image lies: offset and length in bytes, SHA-256 in hex."""

    offset: int
    length: int
    sha256: str
    media_type: str


def media_type_of(image: bytes) -> str | None:
    """Return image/jpeg or image/png by the first bytes; None for anything else."""
    return next((media_type for magic, media_type in _MAGIC if image.startswith(magic)), None)


def pack_name(*, lpr: int, at: int) -> str:
    """Return the name of the pack that an LPR's images of that hour (UTC) go to; `at` in microseconds."""
    return f"{datetime.fromtimestamp(at // 1_000_000, UTC):%H}-{lpr}.pack"


def image_in(folder: Path, *, lpr: int, at: int, ref: ImageRef) -> bytes:
    """Read an image back, checked. Raises `ImageMissing` or `ImageDamaged`."""
    try:
        with (folder / pack_name(lpr=lpr, at=at)).open("rb") as pack:
            pack.seek(ref.offset)
            image = pack.read(ref.length)
    except (FileNotFoundError, NotADirectoryError) as missing:
        raise ImageMissing("The image is no longer stored.") from missing
    if hashlib.sha256(image).hexdigest() != ref.sha256:
        raise ImageDamaged("The stored image is not what the LPR sent.")
    return image


class PackWriter:
    """The images of one transaction: added, synced before the rows commit, or undone. One at a time (`days.lock`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, tuple[int, int]] = {}  # name -> handle, length before this transaction
        self._created = False

    def add(self, image: bytes, *, sha256: str, lpr: int, at: int) -> ImageRef:
        """Append an image, hashed already, to its pack and say where it lies. Raises OSError, or ValueError."""
        media_type = media_type_of(image)
        if media_type is None:
            raise ValueError("A plate image must be JPEG or PNG.")
        handle = self._handle(pack_name(lpr=lpr, at=at))
        offset = os.lseek(handle, 0, os.SEEK_END)
        rest = memoryview(image)
        while rest:
            rest = rest[os.write(handle, rest) :]
        return ImageRef(offset, len(image), sha256, media_type)

    def sync(self) -> None:
        """Put every image added on disk."""
        for handle, _ in self._open.values():
            os.fsync(handle)
        if self._created:
            sync_folder(self._folder)

    def undo(self) -> None:
        """Take back what was added, so that a full disk is not filled further by every repeat."""
        for handle, length in self._open.values():
            os.ftruncate(handle, length)

    def close(self) -> None:
        """Close the packs."""
        for handle, _ in self._open.values():
            os.close(handle)
        self._open.clear()

    def _handle(self, name: str) -> int:
        if name not in self._open:
            path = self._folder / name
            self._created = self._created or not path.exists()
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
            self._open[name] = handle, os.lseek(handle, 0, os.SEEK_END)
        return self._open[name][0]
