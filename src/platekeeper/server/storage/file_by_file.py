"""Files that are put together before they are packed, on disk: together they may be larger than the memory."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from io import BufferedRandom
from pathlib import Path
from typing import Self

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""What a ZIP file says of every file in it: a packet's own time is in the ledger."""


class FileByFile(Mapping[str, bytes]):
    """Files by path, all in one without a name; closed, they are gone. Each is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Begin with none, where the disk of `folder` is."""
        self._file = unnamed(folder)
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, path: str, content: bytes) -> None:
        """Add a file; a later one of the same path counts."""
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(content)
        self._places[path] = offset, len(content)

    def update(self, files: Mapping[str, bytes]) -> None:
        """Add files."""
        for path, content in files.items():
            self.add(path, content)

    def __getitem__(self, path: str) -> bytes:
        offset, length = self._places[path]
        self._file.seek(offset)
        return self._file.read(length)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def unnamed(folder: Path) -> BufferedRandom:
    """Open a file without a name, on the disk of a folder: closed, it is gone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)


def zipped(files: Mapping[str, bytes], out: BufferedRandom, *, folder: str) -> BufferedRandom:
    """Pack files by path as a ZIP file into `out`, below a folder of their own, and return it at its beginning; the same
    files make the same bytes."""
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(files):
                archive.writestr(zipfile.ZipInfo(f"{folder}/{path}", _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out
