"""Sightings of many plates at once, day by day, as columns: what investigations compare (`core.investigations`).

Only what counts: of a read's revisions the one that stands, as far as they lie in the same windows. A correction that
moves a read out of them is not seen here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage.days import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, DayMissing, day_folder, start_of
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.revisions import SIGHTING, Sighting, sightings
from platekeeper.server.storage.sqlite.layout import days_in
from platekeeper.server.storage.sqlite.reading import reading

_AT_ONCE = 500


def scan(
    store: Path, windows: Sequence[Window], *, plates: Sequence[str] | None = None, seconds: float | None = None
) -> Iterator[Sightings]:
    """Give the sightings in windows, a day at a time, oldest day first; of these folded plates alone where some are given.

    Windows overlap as they like: each sighting is given once. Plates that could not be read are left out.
    Raises `SearchTooWide` once so many seconds have passed since the first day was asked for.
    """
    deadline = Deadline(seconds)
    for day in days_in(store):
        deadline.check()
        begins = start_of(day)
        ends = begins + MICROSECONDS_A_DAY
        clipped = [
            Window(max(each.since, begins), min(each.until, ends), each.lprs)
            for each in windows
            if each.since < ends and begins < each.until
        ]
        if not clipped:
            continue
        first = (min(each.since for each in clipped) - begins) // MICROSECONDS_AN_HOUR
        last = (max(each.until for each in clipped) - 1 - begins) // MICROSECONDS_AN_HOUR
        rows: list[Sighting] = []
        try:
            with (
                reading(day_folder(store, day), hours=range(first, last + 1)) as connections,
                deadline.over(connections),
            ):
                for connection in connections:
                    for window in clipped:
                        deadline.check()
                        rows += _rows(connection, window, plates)
        except DayMissing:
            continue
        if rows:
            yield sightings(rows)


def _rows(connection: sqlite3.Connection, window: Window, plates: Sequence[str] | None) -> Iterator[Sighting]:
    wanted, values = "at >= ? AND at < ?", [window.since, window.until]
    if plates is None:
        if window.lprs:
            wanted += f" AND lpr IN ({', '.join('?' * len(window.lprs))})"
            values += window.lprs
        yield from connection.execute(f"SELECT {SIGHTING} FROM read WHERE {wanted}", values)
        return
    if window.lprs:  # the plus keeps SQLite from looking by LPR: by plate there is far less to look at
        wanted += f" AND +lpr IN ({', '.join('?' * len(window.lprs))})"
        values += window.lprs
    for begin in range(0, len(plates), _AT_ONCE):
        some = plates[begin : begin + _AT_ONCE]
        question = f"SELECT {SIGHTING} FROM read WHERE {wanted} AND folded IN ({', '.join('?' * len(some))})"
        yield from connection.execute(question, (*values, *some))
