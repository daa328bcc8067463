"""Which revision of its read a row is, and whether another one counts: one of a later stage, or of the same that came later.

A correction has the read's identity and its LPR, and may have another time of capture: then it can lie in another hour's
or day's file. Rows of one LPR are looked for up to an hour around each other, which the index by LPR and time answers;
a correction that moves a read by more than that is shown as a read of its own. (Its alarms are recalled all the same:
that goes by identity.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR, day_of
from platekeeper.server.storage.rows import ReadRow
from platekeeper.server.storage.sqlite.opened import OpenDays

_Order = tuple[int, int, int]
_FARTHEST = MICROSECONDS_AN_HOUR
_VALUES_A_QUERY = 2_000
_REVISIONS = """
    WITH sought(lpr, since, until, id) AS (VALUES {})
    SELECT read.id, read.digest, read.at, read.stage, read.number, read.received FROM sought CROSS JOIN read
    ON read.lpr = sought.lpr AND read.at BETWEEN sought.since AND sought.until AND read.id = sought.id
"""


def revisions_of(days: OpenDays, rows: Sequence[tuple[int, ReadRow]]) -> list[tuple[int, bool]]:
    """Return, for each numbered row, its revision (from 1) and whether a later one is stored."""
    arrivals: dict[bytes, set[tuple[_Order, int]]] = {}
    for identity, _, order, at in _all_of(days, (row for _, row in rows)):
        arrivals.setdefault(identity, set()).add((order, at))
    standing = []
    for number, row in rows:
        mine = _order(row.stage, number, row.received)
        others = [order for order, at in arrivals.get(row.id, ()) if abs(at - row.at) <= _FARTHEST and order != mine]
        standing.append((1 + sum(other < mine for other in others), any(other > mine for other in others)))
    return standing


def overtaken(store: Path, rows: Sequence[ReadRow]) -> set[int]:
    """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
    said: dict[bytes, list[tuple[bytes, _Order, int]]] = {}
    with OpenDays(store) as days:
        for identity, digest, order, at in _all_of(days, rows):
            said.setdefault(identity, []).append((digest, order, at))
    found = set()
    for place, row in enumerate(rows):
        near = [(order, digest) for digest, order, at in said.get(row.id, ()) if abs(at - row.at) <= _FARTHEST]
        if near and max(near)[1] != row.digest:
            found.add(place)
    return found


def _order(stage: int, number: int, received: int) -> _Order:
    # Numbers tell the order of arrival, but for those of the oldest files, which count from 1 in each day.
    return stage, max(number, received), number


def _all_of(days: OpenDays, rows: Iterable[ReadRow]) -> Iterator[tuple[bytes, bytes, _Order, int]]:
    """Give identity, digest, order and time of every revision of the rows, some of them more than once."""
    hours: defaultdict[date, set[int]] = defaultdict(set)
    sought: defaultdict[date, list[object]] = defaultdict(list)
    for row in rows:
        # Without an event the identity contains the time, so revisions have the same.
        reach = _FARTHEST if row.event else 0
        since, until = max(row.at - reach, 0), row.at + reach
        for hour in range(since // MICROSECONDS_AN_HOUR, until // MICROSECONDS_AN_HOUR + 1):
            hours[day_of(hour * MICROSECONDS_AN_HOUR)].add(hour % 24)
        for day in {day_of(since), day_of(until)}:
            sought[day] += (row.lpr, since, until, row.id)
    for day, values in sought.items():
        for connection in days.files(day, hours[day]).values():
            for begin in range(0, len(values), _VALUES_A_QUERY):
                some = values[begin : begin + _VALUES_A_QUERY]
                question = _REVISIONS.format(", ".join(["(?, ?, ?, ?)"] * (len(some) // 4)))
                for identity, digest, at, *told in connection.execute(question, some):
                    yield identity, digest, _order(*told), at
