"""Which revision of its read a row is, and whether another one counts: one of a later stage, or of the same that came later.

A correction has the read's identity and its LPR, and may have another time of capture: then it can lie in another hour
or day. Rows of one LPR are looked for up to an hour around each other, which the index by LPR and time answers; a
correction that moves a read by more than that is shown as a read of its own. (Its alarms are recalled all the same: that
goes by identity.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from platekeeper.core.investigations.sightings import NO_PLATE, Sightings, numbers_of
from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR
from platekeeper.server.storage.rows import ReadRow

Order = tuple[int, int, int]
SIGHTING = "coalesce(folded, ''), lpr, at, id, stage, number, received"
Sighting = tuple[str, int, int, bytes, int, int, int]
"""The columns of `SIGHTING`."""


class Told(NamedTuple):
    """A revision that is stored: whose, what was said, where it stands among the others, and its time of capture."""

    identity: bytes
    digest: bytes
    order: Order
    at: int


def order_of(stage: int, number: int, received: int) -> Order:
    """Return what orders the revisions of a read."""
    # Numbers tell the order of arrival, but for those of the oldest files, which count from 1 in each day.
    return stage, max(number, received), number


def around(row: ReadRow) -> tuple[int, int]:
    """Return between which times, both included, other revisions of a row are looked for."""
    # Without an event the identity contains the time, so revisions have the same.
    reach = MICROSECONDS_AN_HOUR if row.event else 0
    return max(row.at - reach, 0), row.at + reach


def standing(rows: Sequence[tuple[int, ReadRow]], told: Iterable[Told]) -> list[tuple[int, bool]]:
    """Return, for each numbered row, its revision (from 1) and whether a later one is stored."""
    arrivals: defaultdict[bytes, set[tuple[Order, int]]] = defaultdict(set)
    for each in told:
        arrivals[each.identity].add((each.order, each.at))
    found = []
    for number, row in rows:
        mine = order_of(row.stage, number, row.received)
        others = [order for order, at in arrivals[row.id] if _is_near(at, row) and order != mine]
        found.append((1 + sum(other < mine for other in others), any(other > mine for other in others)))
    return found


def places_overtaken(rows: Sequence[ReadRow], told: Iterable[Told]) -> set[int]:
    """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
    said: defaultdict[bytes, list[Told]] = defaultdict(list)
    for each in told:
        said[each.identity].append(each)
    found = set()
    for place, row in enumerate(rows):
        near = [(each.order, each.digest) for each in said[row.id] if _is_near(each.at, row)]
        if near and max(near)[1] != row.digest:
            found.add(place)
    return found


def sightings(rows: Sequence[Sighting]) -> Sightings:
    """Return the rows that count: of each identity the one of the latest stage, and of that the last to arrive."""
    texts, lprs, ats, ids, stages, numbers, received = zip(*rows, strict=True)
    seen = Sightings(numbers_of(texts), np.array(lprs, np.int64), np.array(ats, np.int64))
    # Identities are keyed hashes of 16 bytes; eight of them tell those of a day apart.
    identities = np.frombuffer(b"".join(ids), np.uint64)[::2]
    distinct = np.unique(identities)
    if len(distinct) < len(identities):
        arrived = np.array(numbers, np.int64)
        order = np.lexsort((arrived, np.maximum(arrived, np.array(received, np.int64)), np.array(stages), identities))
        latest = np.append(np.flatnonzero(np.diff(identities[order])), len(order) - 1)
        seen = seen.where(order[latest])
    return seen.where(seen.plates != NO_PLATE)


def _is_near(at: int, row: ReadRow) -> bool:
    return abs(at - row.at) <= MICROSECONDS_AN_HOUR
