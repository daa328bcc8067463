"""Files that are put together before they are packed, on disk: together they may be larger than the memory."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedRandom
from pathlib import Path
from typing import Self

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""What a ZIP file says of every file in it: a packet's own time is in the ledger."""

_PIECE = 1 << 20


class FileByFile(Mapping[str, bytes]):
    """Files by path, all in one without a name; closed, they are gone. Each is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Begin with none, where the disk of `folder` is."""
        self._file = unnamed(folder)
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go."""
        self._file.close()

    def add(self, path: str, content: bytes) -> None:
        """Add a file; a later one of the same path counts."""
        self.add_pieces(path, [content])

    def add_pieces(self, path: str, pieces: Iterable[bytes]) -> None:
        """Add likewise a file that may itself be larger than the memory."""
        offset = self._file.seek(0, os.SEEK_END)
        self._file.writelines(pieces)
        self._places[path] = offset, self._file.tell() - offset

    def update(self, files: Mapping[str, bytes]) -> None:
        """Add files."""
        for path, content in files.items():
            self.add(path, content)

    def __getitem__(self, path: str) -> bytes:
        offset, length = self._places[path]
        self._file.seek(offset)
        return self._file.read(length)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._places[path][1]

    def pieces(self, path: str) -> Iterator[bytes]:
        """Give a file in pieces."""
        offset, length = self._places[path]
        for start in range(0, length, _PIECE):
            self._file.seek(offset + start)
            yield self._file.read(min(_PIECE, length - start))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def unnamed(folder: Path) -> BufferedRandom:
    """Open a file without a name, on the disk of a folder: closed, it is gone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)


def zipped(files: FileByFile, out: BufferedRandom, *, folder: str) -> BufferedRandom:
    """Pack files by path as a ZIP file into `out`, below a folder of their own, and return it at its beginning; the same
    files make the same bytes."""
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(files):
                packed = zipfile.ZipInfo(f"{folder}/{path}", _EPOCH)
                packed.compress_type, packed.file_size = zipfile.ZIP_DEFLATED, files.size(path)
                with archive.open(packed, "w") as into:
                    into.writelines(files.pieces(path))
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out
