"""The dictionary of a sealed day's plates: a file beside the day's reads, derived from them and gone with them.

It is made once a day is sealed and made again when late reads were added. It says of which hour files the sealed file
was made, and which file that was when it was looked at; where neither agrees it is passed over. Processes map it into
memory and may still have it mapped when the day is disposed of, so it is blanked before it is removed.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from platekeeper.core.matching.packing import Numbers
from platekeeper.core.search.dictionary import TRIPLES, PlateDictionary, Small
from platekeeper.core.search.words import words_of
from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.files import write_pieces_durably
from platekeeper.server.storage.sqlite.engine import open_for_reading
from platekeeper.server.storage.sqlite.layout import hour_files, reads_file
from platekeeper.server.storage.sqlite.reading import sealed_hours
from platekeeper.server.storage.steps import steps_in

_NAME = "plates.dictionary"
_VERSION = 2
_HEAD = 16  # words
_STARTS = TRIPLES + 2 & ~1  # whole words
_BLANK = bytes(1 << 20)

Seen = tuple[int, ...]
"""Inode, size and time of a sealed file, size and time of its log."""


class Hints(NamedTuple):
    """How many reads, distinct plates and LPRs a file has, about."""

    reads: int
    plates: int
    lprs: int


@dataclass(frozen=True, slots=True)
class DayDictionary:
    """The plates of a sealed file, with what tells whether it is still that file."""

    plates: PlateDictionary
    hints: Hints
    hours: int
    seen: Seen

    def is_of(self, hours: Collection[str]) -> bool:
        """Say whether it was made of a sealed file with the reads of these hour files."""
        return self.hours == _digest(hours)


def keep_dictionary(folder: Path) -> None:
    """Make the dictionary of a day's sealed file unless it is there and right. Raises OSError or sqlite3.Error."""
    with suppress(FileNotFoundError):
        seen = _seen(reads_file(folder))  # before its content: what comes later is another one
        there = dictionary_of(folder)
        if there is None or there.seen != seen:
            _make(folder, seen)


def whole_dictionary(folder: str, *, opened: int) -> DayDictionary | None:
    """Return the dictionary of a day's folder if it surely has every plate of the day, without opening a file of reads.

    All that comes into a sealed file comes by an hour file that was opened for writing. So where none was (`opened`, which
    `times_opened` told before) since a folder was seen to have no hour file, and a dictionary that was right, it is right.
    """
    known = _known.get(folder)
    if known is not None and known.opened == opened:
        return known.dictionary
    try:
        _known.pop(folder, None)
        # The hours are looked for before the sealed file: one that is gone has changed that file by then.
        place = Path(folder)
        dictionary = None if hour_files(place) or steps_in(place) else dictionary_of(place)
        if dictionary is None or _seen(reads_file(place)) != dictionary.seen:
            return None
        _known[folder] = _Known(opened, dictionary)
        return dictionary
    except (FileNotFoundError, NotADirectoryError, DayMissing):
        return None


def let_go(store: Path, *, but: Collection[str]) -> None:
    """Let go of what is mapped of a store's other folders: those days are disposed of."""
    for folder in _known.keys() - but:
        if folder.startswith(f"{store}{os.sep}"):
            _known.pop(folder, None)


def blank(folder: Path) -> None:
    """Overwrite a day's dictionary: nobody who has it mapped may read on in it."""
    with suppress(OSError), (folder / _NAME).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        for place in range(0, size, len(_BLANK)):
            file.write(_BLANK[: size - place])


@dataclass(frozen=True, slots=True)
class _Known:
    """A day that had a right dictionary and no hour file after hour files had been opened so many times."""

    opened: int
    dictionary: DayDictionary


_known: dict[str, _Known] = {}


def _make(folder: Path, seen: Seen) -> None:
    connection = open_for_reading(reads_file(folder))
    if connection is None:
        return
    with closing(connection):
        hours = sealed_hours(connection)
        found = _plates(connection)
        if found is None:
            return
        (reads,) = connection.execute("SELECT count(*) FROM read").fetchone()
        (lprs,) = connection.execute("SELECT count(DISTINCT lpr) FROM read").fetchone()
    plates = PlateDictionary.of(*found)
    head = np.zeros(_HEAD, np.uint64)
    told = (_VERSION, len(plates), len(plates.places), reads, lprs, _digest(hours), *seen)
    head[: len(told)] = told
    starts = np.zeros(_STARTS, np.uint32)
    starts[: TRIPLES + 1] = plates.starts
    parts = (head, plates.words, starts, plates.latest, plates.places)
    pieces = (part.tobytes() for part in parts)
    write_pieces_durably(folder / _NAME, pieces)


def _plates(connection: sqlite3.Connection) -> tuple[Numbers, Small] | None:
    """Return the plates, and the second of the last read of each; None where a plate is none that has a word."""
    question = "SELECT folded, max(at) / 1000000 FROM read WHERE folded IS NOT NULL GROUP BY folded ORDER BY folded"
    found = connection.execute(question).fetchall()
    words = words_of([text for text, _ in found])
    if words is None or not np.all(words[1:] > words[:-1]):
        return None
    return words, np.array([second for _, second in found], np.uint32)


def dictionary_of(folder: Path) -> DayDictionary | None:
    """Return a day's dictionary as it lies in its folder, to be compared with the file (`is_of`); None without any."""
    try:
        with (folder / _NAME).open("rb") as file:
            mapped = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    except (OSError, ValueError):
        return None
    if len(mapped) < 8 * _HEAD:
        return None
    version, plates, places, reads, lprs, hours, *rest = mapped[: 8 * _HEAD].view(np.uint64).tolist()
    if version != _VERSION or len(mapped) != 8 * (_HEAD + plates) + 4 * (_STARTS + plates + places):
        return None
    words = mapped[8 * _HEAD : 8 * (_HEAD + plates)].view(np.uint64)
    numbers = mapped[8 * (_HEAD + plates) :].view(np.uint32)
    latest, among = np.split(numbers[_STARTS:], [plates])
    dictionary = PlateDictionary(words, numbers[: TRIPLES + 1], among, latest)
    return DayDictionary(dictionary, Hints(reads, plates, lprs), hours, tuple(rest[:5]))


def _digest(hours: Collection[str]) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(sorted(hours)).encode()).digest()[:8], "big")


def _seen(reads: Path) -> Seen:
    log = reads.with_name(f"{reads.name}-wal")
    state = reads.stat()
    try:
        log_state = log.stat()
        # An empty log is left by whoever opened the file to read it.
        size, changed = (log_state.st_size, log_state.st_mtime_ns) if log_state.st_size else (0, 0)
    except FileNotFoundError:
        size, changed = 0, 0
    return state.st_ino, state.st_size, state.st_mtime_ns, size, changed
