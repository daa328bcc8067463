"""A whole day of reads as it is stored, for a store of another kind that takes it over with every number.

Images stay: they lie in the same places, whatever engine keeps the rows.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from platekeeper.server.storage.columns import ALL_COLUMNS, row_from
from platekeeper.server.storage.days import DayMissing, day_folder
from platekeeper.server.storage.files import sync_folder, write_durably
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.reads import Leaving
from platekeeper.server.storage.sqlite.layout import DAYS_LOCK, DISPOSAL_LOCK, days_in
from platekeeper.server.storage.sqlite.reading import files_of


def leaving(store: Path, day: date) -> Iterator[Leaving]:
    """Yield every revision of a day's reads in the order of their numbers; nothing where there is no such day."""
    try:
        with files_of(day_folder(store, day)) as files:
            rows = (
                each.execute(f"SELECT {ALL_COLUMNS}, {hour.lasts if hour else 0} FROM read ORDER BY number")
                for hour, each in files.items()
            )
            for number, *columns, step in heapq.merge(*rows):
                yield Leaving(number, *row_from(tuple(columns)), step)
    except DayMissing:
        return


def days_with_rows(store: Path) -> list[date]:
    """Return the days that have files of rows, oldest first; others may have images alone, or rows given up."""
    return [
        day for day in days_in(store) if any(_files(folder := day_folder(store, day))) and not _mark(folder).exists()
    ]


def give_up(store: Path, day: date) -> None:
    """Remove a day's rows, which another store has taken over; gone from the disk on return.

    They count as gone once the mark is there. Call it again for what a crash left.
    """
    with held(store / DISPOSAL_LOCK), held(store / DAYS_LOCK):
        folder = day_folder(store, day)
        write_durably(_mark(folder), b"")
        for file in sorted(_files(folder)):  # a file goes before its log
            file.unlink()
            sync_folder(file.parent)
        _mark(folder).unlink()


def half_given_up(store: Path) -> list[date]:
    """Return the days in which a crash interrupted `give_up`."""
    return [day for day in days_in(store) if _mark(day_folder(store, day)).exists()]


def _files(folder: Path) -> Iterator[Path]:
    return (each for pattern in _ROWS for each in folder.glob(pattern))


def _mark(folder: Path) -> Path:
    return folder / "rows.given-up"


_ROWS = ("*.sqlite3*", "*/*.sqlite3*", "*.sealing", "plates.dictionary")
