"""A day's files opened together, each read counted once whatever sealing does meanwhile.

Sealing commits an hour's reads to the sealed file together with the hour's name, and only then removes the hour file.
So the hour files are opened first and the sealed file last: an hour file that was gone is in the sealed file, and one
that is still there although the sealed file names it is passed over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.sqlite.engine import has_table, open_for_reading
from platekeeper.server.storage.sqlite.layout import HourFile, claims, files_in, hour_files, reads_file

ALL_HOURS = range(24)
SealedFile = Callable[[Path], AbstractContextManager[sqlite3.Connection | None]]


@contextmanager
def alone(file: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a file for one reader and close it; None where there is no such file."""
    connection = open_for_reading(file)
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()


@contextmanager
def reading(folder: Path, *, hours: Collection[int] = ALL_HOURS) -> Iterator[list[sqlite3.Connection]]:
    """Open the files of a day that may hold reads of these hours, each at one moment. Raises `DayMissing`."""
    with files_of(folder, hours=hours) as files:
        yield list(files.values())


@contextmanager
def files_of(
    folder: Path, *, hours: Collection[int] = ALL_HOURS, sealed_file: SealedFile = alone
) -> Iterator[dict[HourFile | None, sqlite3.Connection]]:
    """Do as `reading`, and say which hour file each connection is to; None is the sealed file."""
    with ExitStack() as open_files:
        known = _state(folder)
        opened: dict[HourFile | None, sqlite3.Connection] = {}
        for hour in files_in(folder):
            connection = open_for_reading(hour.file(folder)) if hour.hour in hours else None
            if connection is not None:
                opened[hour] = open_files.enter_context(closing(connection))
        sealed = open_files.enter_context(sealed_file(reads_file(folder)))
        if sealed is not None:
            names = sealed_hours(sealed)
            opened = {hour: connection for hour, connection in opened.items() if hour and hour.name not in names}
            opened[None] = sealed
        if not os.path.samestat(known, _state(folder)):  # disposed of, and begun anew by a late read
            raise DayMissing(folder.name)
        yield opened


def sealed_hours(sealed: sqlite3.Connection) -> set[str]:
    """Return the names of the hour files whose reads a sealed file holds."""
    try:
        return {name for (name,) in sealed.execute("SELECT hour FROM sealed")}
    except sqlite3.OperationalError:
        if has_table(sealed, "sealed"):
            raise
        return set()  # a day of version 1


def next_generation(folder: Path, hour: int, *, least: int) -> int:
    """Return a generation for a new file of an hour: `least`, or what comes after every one that there ever was.

    An empty file leaves no read whose number would tell; its name may stand in the sealed file all the same.
    """
    names = {each.name for each in (*hour_files(folder), *claims(folder))}
    sealed = open_for_reading(reads_file(folder))
    if sealed is not None:
        with closing(sealed):
            names |= sealed_hours(sealed)
    mark = f"{hour:02}-"
    return max([least, *(int(name.removeprefix(mark), 16) + 1 for name in names if name.startswith(mark))])


def _state(folder: Path) -> os.stat_result:
    try:
        return folder.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DayMissing(folder.name) from error
