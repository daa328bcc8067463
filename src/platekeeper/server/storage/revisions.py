"""Which revision of its read a row is, and whether a later one counts.

A correction has the read's identity and its LPR, and may have another time of capture: then it can lie in another hour's
or day's file. Rows of one LPR are looked for up to an hour around each other, which the index by LPR and time answers;
a correction that moves a read by more than that is shown as a read of its own. (Its alarms are recalled all the same:
that goes by identity.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platekeeper.server.storage.days import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_AN_HOUR,
    DayMissing,
    day_folder,
    day_of,
    start_of,
)
from platekeeper.server.storage.reading import reading
from platekeeper.server.storage.rows import ReadRow

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


def revisions_of(store: Path, rows: Sequence[tuple[int, ReadRow]]) -> list[tuple[int, bool]]:
    """Return, for each numbered row, its revision (from 1) and whether a later one is stored."""
    arrivals: dict[bytes, set[tuple[tuple[int, int], int]]] = {}
    for window in _windows(rows):
        for identity, number, received, at in _all_between(store, window):
            arrivals.setdefault(identity, set()).add((_order(number, received), at))
    standing = []
    for number, row in rows:
        mine = _order(number, row.received)
        others = [order for order, at in arrivals.get(row.id, ()) if abs(at - row.at) <= _FARTHEST and order != mine]
        standing.append((1 + sum(other < mine for other in others), any(other > mine for other in others)))
    return standing


def _order(number: int, received: int) -> tuple[int, int]:
    # Numbers tell the order of arrival, but for those of the oldest files, which count from 1 in each day.
    return max(number, received), number


def _windows(rows: Sequence[tuple[int, ReadRow]]) -> list[_Window]:
    windows: list[_Window] = []
    reaching = []
    for _, row in rows:
        # Without an event the identity contains the time, so revisions have the same.
        reach = _FARTHEST if row.event else 0
        reaching.append((row.lpr, max(row.at - reach, 0), row.at + reach, row.id))
    for lpr, since, until, identity in sorted(reaching):
        if not windows or not windows[-1].takes(lpr, since):
            windows.append(_Window(lpr, since, until, set()))
        windows[-1].until = max(windows[-1].until, until)
        windows[-1].ids.add(identity)
    return windows


def _all_between(store: Path, window: _Window) -> Iterator[tuple[bytes, int, int, int]]:
    ids = sorted(window.ids)
    question = (
        "SELECT id, number, received, at FROM read WHERE lpr = ? AND at BETWEEN ? AND ? "
        f"AND id IN ({', '.join('?' * len(ids))})"
    )
    for begins in range(start_of(day_of(window.since)), window.until + 1, MICROSECONDS_A_DAY):
        first, last = (window.since - begins) // MICROSECONDS_AN_HOUR, (window.until - begins) // MICROSECONDS_AN_HOUR
        hours = range(max(first, 0), min(last, 23) + 1)
        try:
            with reading(day_folder(store, day_of(begins)), hours=hours) as connections:
                for connection in connections:
                    yield from connection.execute(question, (window.lpr, window.since, window.until, *ids))
        except DayMissing:
            continue
