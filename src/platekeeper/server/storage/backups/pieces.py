"""What a backup asks of those who own the data: named pieces, each of which it may copy or find unchanged."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Protocol

_SETTLED_NS = 2_000_000_000  # a file changed within this time of being looked at may change again unseen


class PieceGone(Exception):
    """The piece is no longer there: sealed into another one, or removed by its owner."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to be: its path within a home, the original's state, and how to get at its bytes.

    `seen` equal to that of the last run: it has not changed. Empty: nobody can tell, so it is copied. `produce` is given
    a place that is free; it returns where the bytes are, that place or the original. Raises `PieceGone`.
    """

    path: str
    seen: str
    produce: Callable[[Path], Path]


class ReadsToCopy(Protocol):
    """A store of reads, as far as a backup knows it."""

    def days(self) -> list[date]:
        """Return the days with reads. Those kept in steps under a day are not among them, and so never backed up."""

    def pieces(self, day: date) -> Iterator[Piece]:
        """Return a day's pieces, each made up when it is asked for, after the one before was copied.

        A day disposed of meanwhile just ends.
        """


def tree(source: Path, path: str) -> Iterator[Piece]:
    """Return a file, or every file below a folder, as pieces under a path; each is read where it lies."""
    for file in sorted(_files(source)):
        name = str(PurePosixPath(path) / file.relative_to(source).as_posix())
        yield Piece(name, state_of(file), lambda _, file=file: file)  # type: ignore[misc]


def trees(sources: Iterable[Path]) -> Iterator[Piece]:
    """Return the pieces of several files or folders, under their own names."""
    for source in sources:
        yield from tree(source, source.name)


def state_of(*files: Path) -> str:
    """Return the files' sizes and times; empty when one has changed just now and so could do so again unseen."""
    states = []
    for file in files:
        with suppress(FileNotFoundError):
            state = file.stat()
            if not state.st_size:
                continue  # an empty log, left by whoever opened the file to read it
            if time.time_ns() - state.st_mtime_ns < _SETTLED_NS:
                return ""
            states.append(f"{file.name}:{state.st_ino}:{state.st_size}:{state.st_mtime_ns}")
    return " ".join(states)


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
    for place, _, names in os.walk(source):
        yield from (Path(place) / name for name in names if (Path(place) / name).is_file())
