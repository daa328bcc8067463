"""What one LPR sends in one request, and what became of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from platekeeper.core.barred import OUTSIDE, Barred
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.core.moments import microseconds
from platekeeper.core.policy import Policy
from platekeeper.core.rules.retention import oldest_stored, oldest_taken
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.reads.barred import numbers
from platekeeper.server.storage.rows import Incoming, ReadRow

_AHEAD = timedelta(days=1)
"""What a clock may be ahead of ours: a zone wrongly set is taken as it is said, a year is not."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one LPR sent in one request: reads understood, with their images, and payloads that were not."""

    lpr: LPR
    format: str
    reads: Sequence[tuple[ParsedRead, bytes | None]]
    unparsed: Sequence[UnparsedRead]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission: everything counted here is on disk."""

    stored: int
    repeated: int
    dead_letters: int
    past_ceiling: int
    ids: Sequence[str]
    barred: int = 0

    def told(self) -> dict[str, Any]:
        """Return it as plain data, as the sender is told: reads inside a barred place are among those that are not kept."""
        return {
            "stored": self.stored,
            "repeated": self.repeated,
            "dead_letters": self.dead_letters,
            "past_ceiling": self.past_ceiling + self.barred,
            "ids": self.ids,
        }


class Arrived(NamedTuple):
    """A submission and the rows made of its reads, those past their time left out once that is known.

    `late` are those that the store keeps no more and the policy's ceiling does: without a hit they are past their time.
    `to_come` are those captured later than can be: their LPR's clock is wrong, and they are dead letters. `barred` are the
    reads inside a place where collecting is barred, counted by place and day: they are in no row.
    """

    submission: Submission
    rows: list[Incoming]
    late: Sequence[Incoming] = ()
    to_come: Sequence[Incoming] = ()
    barred: Mapping[tuple[int, date], int] = MappingProxyType({})

    @property
    def past_ceiling(self) -> int:
        """How many of its reads are past their time."""
        return len(self.submission.reads) - len(self.rows) - len(self.to_come) - sum(self.barred.values())

    @property
    def unparsed(self) -> list[UnparsedRead]:
        """What becomes a dead letter: what was not understood, and what was captured later than can be."""
        return [*self.submission.unparsed, *map(_untimely, self.to_come)]


def outside_barred(group: Sequence[Arrived], places: tuple[Barred, ...]) -> Sequence[Arrived]:
    """Leave out the reads inside a barred place (IV.h): what is known of them from here on is how many, where and on which
    day."""
    if not places:
        return group
    seen = ((row.latitude, row.longitude, row.at) for each in group for row, _, _ in each.rows)
    found = iter(numbers(places, seen).tolist())
    return [_outside(each, list(islice(found, len(each.rows)))) for each in group]


def _outside(arrived: Arrived, within: Sequence[int]) -> Arrived:
    if max(within, default=OUTSIDE) == OUTSIDE:
        return arrived
    parted = list(zip(arrived.rows, within, strict=True))
    barred = Counter((place, moment_of(item.row).date()) for item, place in parted if place != OUTSIDE)
    return arrived._replace(rows=[item for item, place in parted if place == OUTSIDE], barred=barred)


def within_time(group: Sequence[Arrived], policy: Policy, *, at: datetime) -> list[Arrived]:
    """Leave out the reads that are past their time already (VI.k), part those that only a hit would keep, and those that say
    they were captured more than a day from now: kept by that time, they would be kept too long."""
    stored_from, taken_from = (_since(oldest(policy, at=at)) for oldest in (oldest_stored, oldest_taken))
    latest = microseconds(at + _AHEAD)
    return [_within(each, taken_from, stored_from, latest) for each in group]


def _within(arrived: Arrived, taken_from: int, stored_from: int, latest: int) -> Arrived:
    rows = [item for item in arrived.rows if stored_from <= item.row.at <= latest]
    if len(rows) == len(arrived.rows):
        return arrived
    return arrived._replace(
        rows=rows,
        late=[item for item in arrived.rows if taken_from <= item.row.at < stored_from],
        to_come=[item for item in arrived.rows if item.row.at > latest],
    )


def new_in_each(group: Sequence[Arrived], stored: Sequence[ReadRow]) -> list[int]:
    """Count the new reads of each submission; `stored` are the rows that were new, in the order of the group."""
    if len(stored) == sum(len(each.rows) for each in group):
        return [len(each.rows) for each in group]
    counts, waiting = [], deque((row.id, row.digest) for row in stored)
    for each in group:
        before = len(waiting)
        for row, _, _ in each.rows:
            if waiting and waiting[0] == (row.id, row.digest):
                waiting.popleft()
        counts.append(before - len(waiting))
    return counts


def receipt_for(arrived: Arrived, new: int) -> Receipt:
    """Return the receipt of a submission of which so many rows were new."""
    return Receipt(
        stored=new,
        repeated=len(arrived.rows) - new,
        dead_letters=len(arrived.submission.unparsed) + len(arrived.to_come),
        past_ceiling=arrived.past_ceiling,
        ids=[row.id.hex() for row, _, _ in arrived.rows],
        barred=sum(arrived.barred.values()),
    )


def _since(oldest: datetime | None) -> int:
    return 0 if oldest is None else microseconds(oldest)


def _untimely(item: Incoming) -> UnparsedRead:
    """Return a read as it can be sent again, in our own format, once its time is put right; its picture is not kept."""
    row = item.row
    said = {
        "plate": row.raw, "captured_at": moment_of(row), "event_id": row.event, "confidence": row.confidence,
        "state": row.state, "state_confidence": row.state_confidence, "direction": row.direction,
        "candidates": [{"plate": text, "confidence": confidence} for text, confidence in msgspec.json.decode(row.candidates)],
        "vehicle": msgspec.Raw(row.vehicle.encode()), "latitude": row.latitude, "longitude": row.longitude,
        "stage": row.stage,
    }  # fmt: skip
    when = f"{moment_of(row):%Y-%m-%d %H:%M} UTC"
    return UnparsedRead(
        f"captured_at: {when} is more than a day to come; the LPR's clock is wrong", msgspec.json.encode(said)
    )
