"""A whole day of reads as it is stored, for a store of another kind that takes it over with every number."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from platekeeper.server.storage.columns import ALL_COLUMNS, row_from
from platekeeper.server.storage.days import DayMissing, day_folder
from platekeeper.server.storage.reads import Leaving
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
