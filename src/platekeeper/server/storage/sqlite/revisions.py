"""Which revision of its read a row is, and whether another one counts: one of a later stage, or of the same that came later.

A correction has the read's identity and its LPR, and may have another time of capture: then it can lie in another hour's
or day's file. Rows of one LPR are looked for up to an hour around each other, which the index by LPR and time answers;
a correction that moves a read by more than that is shown as a read of its own. (Its alarms are recalled all the same:
that goes by identity.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platekeeper.server.storage.days import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, day_of, start_of
from platekeeper.server.storage.rows import ReadRow
from platekeeper.server.storage.sqlite.opened import OpenDays

_Order = tuple[int, int, int]
_FARTHEST = MICROSECONDS_AN_HOUR
_IDS_A_QUERY = 500


@dataclass(slots=True)
class _Window:
    """Rows of one LPR whose other revisions lie between two times (both included)."""

    lpr: int
    since: int
    until: int
    ids: set[bytes]

    def takes(self, lpr: int, since: int) -> bool:
        """Say whether a row whose window begins at `since` (none began later) goes into this one."""
        return lpr == self.lpr and since <= self.until and len(self.ids) < _IDS_A_QUERY


def revisions_of(days: OpenDays, rows: Sequence[tuple[int, ReadRow]]) -> list[tuple[int, bool]]:
    """Return, for each numbered row, its revision (from 1) and whether a later one is stored."""
    arrivals: dict[bytes, set[tuple[_Order, int]]] = {}
    for window in _windows([row for _, row in rows]):
        for identity, _, order, at in _all_between(days, window):
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
        for window in _windows(rows):
            for identity, digest, order, at in _all_between(days, window):
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


def _windows(rows: Sequence[ReadRow]) -> list[_Window]:
    windows: list[_Window] = []
    reaching = []
    for row in rows:
        # Without an event the identity contains the time, so revisions have the same.
        reach = _FARTHEST if row.event else 0
        reaching.append((row.lpr, max(row.at - reach, 0), row.at + reach, row.id))
    for lpr, since, until, identity in sorted(reaching):
        if not windows or not windows[-1].takes(lpr, since):
            windows.append(_Window(lpr, since, until, set()))
        windows[-1].until = max(windows[-1].until, until)
        windows[-1].ids.add(identity)
    return windows


def _all_between(days: OpenDays, window: _Window) -> Iterator[tuple[bytes, bytes, _Order, int]]:
    """Give identity, digest, order and time of every revision."""
    ids = sorted(window.ids)
    question = (
        "SELECT id, digest, at, stage, number, received FROM read WHERE lpr = ? AND at BETWEEN ? AND ? "
        f"AND id IN ({', '.join('?' * len(ids))})"
    )
    for begins in range(start_of(day_of(window.since)), window.until + 1, MICROSECONDS_A_DAY):
        first, last = (window.since - begins) // MICROSECONDS_AN_HOUR, (window.until - begins) // MICROSECONDS_AN_HOUR
        hours = range(max(first, 0), min(last, 23) + 1)
        values = (window.lpr, window.since, window.until, *ids)
        for connection in days.files(day_of(begins), hours).values():
            for identity, digest, at, *told in connection.execute(question, values):
                yield identity, digest, _order(*told), at
