"""The hour files that the writer has open, and which batches in them are settled.

An hour file is written until sealing claims it or its day is disposed of; both are seen at the next append, which holds
`DAYS_LOCK` as they do. A read that comes later for the same hour goes into a file of the next generation.
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from platekeeper.server.storage.days import MICROSECONDS_A_MINUTE, MICROSECONDS_AN_HOUR, day_of
from platekeeper.server.storage.sqlite.engine import make_hour, open_for_writing
from platekeeper.server.storage.sqlite.layout import (
    HourFile,
    ensure_day,
    files_in,
    note_opened,
    reads_file,
)
from platekeeper.server.storage.sqlite.reading import next_generation

_MOST_OPEN = 26  # an ordinary day and some hours of late uploads


class Hour(NamedTuple):
    """An hour of capture, or a step of it: its day's name, its number in it (0 to 23, UTC), where it begins and lasts."""

    day: str
    number: int
    minute: int = 0
    lasts: int = 0

    @classmethod
    def since(cls, at: int, *, lasts: int = 0) -> Self:
        """Return the hour, or the step of so many minutes, that begins at a time in microseconds."""
        hours, rest = divmod(at, MICROSECONDS_AN_HOUR)
        return cls(day_of(at).isoformat(), hours % 24, rest // MICROSECONDS_A_MINUTE, lasts)

    @classmethod
    def of(cls, day: str, file: HourFile) -> Self:
        """Return the hour of a file."""
        return cls(day, file.hour, file.minute, file.lasts)

    def file(self, generation: int) -> HourFile:
        """Return the hour's file of a generation."""
        return HourFile(self.number, generation, self.minute, self.lasts)


_Key = tuple[Hour, HourFile]


@dataclass(frozen=True, slots=True)
class OpenHour:
    """An hour file with its writing connection."""

    hour: Hour
    folder: Path
    file: HourFile
    connection: sqlite3.Connection
    known: os.stat_result

    @property
    def key(self) -> _Key:
        """Return what names the file within the store."""
        return self.hour, self.file

    def others_may_hold(self) -> bool:
        """Say whether reads of this hour can lie in another file: the sealed day, or another generation."""
        alone = all(each == self.file for each in files_in(self.folder) if each.shares_with(self.file))
        return not alone or reads_file(self.folder).exists()

    def is_ours(self) -> bool:
        """Say whether the file is still in its place and not claimed."""
        try:
            in_place = os.path.samestat(self.known, self.file.file(self.folder).stat())
        except (FileNotFoundError, NotADirectoryError):
            return False
        return in_place and not self.file.claim(self.folder).exists()


class OpenHours:
    """The writer's open files. Every method but `settle` and `settled` needs `DAYS_LOCK`."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._open: OrderedDict[Hour, OpenHour] = OrderedDict()  # last used last
        self._files_of: dict[bytes, set[_Key]] = {}  # batches that this process stored and nobody settled yet
        self._settled: dict[_Key, set[bytes]] = {}  # marks to be taken out of a file

    def __contains__(self, hour: Hour) -> bool:
        return hour in self._open

    def open(self, hour: Hour, *, generation: int) -> OpenHour:
        """Return an hour's file, making one of that generation or a later one where there is none that may be written."""
        if hour not in self._open:
            folder = self._store / hour.day
            ensure_day(folder)
            if hour.lasts:
                ensure_day(hour.file(generation).place(folder))
            same = [each for each in files_in(folder) if each == hour.file(each.generation)]
            free = [each for each in same if not each.claim(folder).exists()]
            if free:
                file = free[-1]
            else:
                # What is in no sealed file needs no name that was never there: batches rise, and so does `generation`.
                new = generation if hour.lasts else next_generation(folder, hour.number, least=generation)
                file = hour.file(new)
                make_hour(file.file(folder))
            connection = open_for_writing(file.file(folder))
            note_opened(self._store)
            self._open[hour] = OpenHour(hour, folder, file, connection, file.file(folder).stat())
            while len(self._open) > _MOST_OPEN:
                self._close(next(iter(self._open.values())))
        self._open.move_to_end(hour)
        return self._open[hour]

    def let_go(self) -> None:
        """Close what is claimed or disposed of: it would hold the space, and swallow what is written."""
        for opened in list(self._open.values()):
            if not opened.is_ours():
                self.forget(opened)
                self._settled.pop(opened.key, None)

    def settle(self, batch: bytes) -> None:
        """Remember that a batch is settled, for every file it is in."""
        for key in self._files_of.pop(batch, ()):
            self._settled.setdefault(key, set()).add(batch)

    def settled(self) -> set[bytes]:
        """Return the batches that are settled although a file still marks them as pending."""
        return {batch for batches in self._settled.values() for batch in batches} - self._files_of.keys()

    def pending(self, batch: bytes, hour: Hour, file: HourFile) -> None:
        """Note that a file marks a batch as pending."""
        self._files_of.setdefault(batch, set()).add((hour, file))

    def clear_settled(self, opened: OpenHour) -> None:
        """Take the marks of settled batches out of a file, inside the caller's transaction."""
        batches = [(batch,) for batch in self._settled.get(opened.key, ())]
        opened.connection.executemany("DELETE FROM pending WHERE batch = ?", batches)

    def committed(self, opened: OpenHour) -> None:
        """Note that the transaction with `clear_settled` is on disk."""
        self._settled.pop(opened.key, None)

    def forget(self, opened: OpenHour) -> None:
        """Close a file as it is."""
        self._open.pop(opened.hour, None)
        opened.connection.close()

    def close(self) -> None:
        """Take out the marks of settled batches where the files may still be written, and close everything."""
        self.let_go()
        for hour, file in sorted(self._settled.keys() - {opened.key for opened in self._open.values()}):
            folder = self._store / hour.day
            place = file.file(folder)
            if place.exists() and not file.claim(folder).exists():
                self._close(OpenHour(hour, folder, file, open_for_writing(place), place.stat()))
        for opened in list(self._open.values()):
            self._close(opened)

    def _close(self, opened: OpenHour) -> None:
        try:
            if self._settled.get(opened.key):
                opened.connection.execute("BEGIN IMMEDIATE")
                self.clear_settled(opened)
                opened.connection.execute("COMMIT")
                self.committed(opened)
        except sqlite3.Error:
            pass  # the marks come back from `unsettled`, and are settled again
        finally:
            self.forget(opened)
