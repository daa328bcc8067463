"""The revisions of reads, asked of the files of their days (`storage.revisions` says which of them counts)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR, day_of
from platekeeper.server.storage.revisions import Told, around, order_of, places_overtaken, standing
from platekeeper.server.storage.rows import ReadRow
from platekeeper.server.storage.sqlite.opened import OpenDays

_VALUES_A_QUERY = 2_000
_REVISIONS = """
    WITH sought(lpr, since, until, id) AS (VALUES {})
    SELECT read.id, read.digest, read.at, read.stage, read.number, read.received FROM sought CROSS JOIN read
    ON read.lpr = sought.lpr AND read.at BETWEEN sought.since AND sought.until AND read.id = sought.id
"""


def revisions_of(days: OpenDays, rows: Sequence[tuple[int, ReadRow]]) -> list[tuple[int, bool]]:
    """Return, for each numbered row, its revision (from 1) and whether a later one is stored."""
    return standing(rows, _all_of(days, (row for _, row in rows)))


def overtaken(store: Path, rows: Sequence[ReadRow]) -> set[int]:
    """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
    with OpenDays(store) as days:
        return places_overtaken(rows, _all_of(days, rows))


def _all_of(days: OpenDays, rows: Iterable[ReadRow]) -> Iterator[Told]:
    """Give every revision of the rows, some of them more than once."""
    hours: defaultdict[date, set[int]] = defaultdict(set)
    sought: defaultdict[date, list[object]] = defaultdict(list)
    for row in rows:
        since, until = around(row)
        for hour in range(since // MICROSECONDS_AN_HOUR, until // MICROSECONDS_AN_HOUR + 1):
            hours[day_of(hour * MICROSECONDS_AN_HOUR)].add(hour % 24)
        for day in {day_of(since), day_of(until)}:
            sought[day] += (row.lpr, since, until, row.id)
    for day, values in sought.items():
        for connection in days.files(day, hours[day]).values():
            for begin in range(0, len(values), _VALUES_A_QUERY):
                some = values[begin : begin + _VALUES_A_QUERY]
                question = _REVISIONS.format(", ".join(["(?, ?, ?, ?)"] * (len(some) // 4)))
                for identity, digest, at, *order in connection.execute(question, some):
                    yield Told(identity, digest, order_of(*order), at)
