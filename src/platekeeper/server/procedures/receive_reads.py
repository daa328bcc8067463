"""Reads come in (V.b): stored first, matched next, hits and the ledger leaf committed, then acknowledged.

One `Intake` stands in the one process that ingests. Requests wait in line; whatever waits is taken as one batch with
one store transaction a day, one records transaction and one ledger leaf. A batch that was stored and then cut off by
a crash is completed at the next start.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils import timezone

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.core.ledger import leaf_hash, tree_root
from platekeeper.core.plates import Plate, fold, parse_plate
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.retention import may_store
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.raise_hits import moment_of, raise_hits
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads import changes, lookups
from platekeeper.server.storage.group import GroupCommit
from platekeeper.server.storage.rows import ClockQuality, Incoming, ReadRow, content_digest, keyed_read_id
from platekeeper.server.storage.writer import ReadWriter

RETENTION_CLASS = "standard"
_OFFSET: Final[ClockQuality] = "offset"
_ZONE: Final[ClockQuality] = "zone"


class _Said(TypedDict):
    """What a payload said, under the names of the row's columns."""

    at: int
    raw: str
    plate: str | None
    state: str | None
    state_confidence: float | None
    confidence: float | None
    candidates: str
    vehicle: str
    direction: str
    latitude: float | None
    longitude: float | None


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
    ids: tuple[str, ...]


class Intake:
    """The one place where reads enter, holding the store's only writer for life."""

    def __init__(self, writer: ReadWriter, *, id_key: bytes) -> None:
        self._writer = writer
        self._id_key = id_key
        self._owing = False  # a batch may be stored without its hits and leaf
        self._line: GroupCommit[Submission, Receipt] = GroupCommit(self._take_group)

    def receive(self, submission: Submission) -> Receipt:
        """Store and match a submission, together with whatever else waits; return when all of it is on disk."""
        return self._line.submit(submission)

    def close(self) -> None:
        """Finish what waits and let go of the store."""
        self._line.close()
        self._writer.close()

    def complete_unsettled(self, *, at: datetime) -> int:
        """Give every stored batch that a crash cut off its hits and its leaf; return how many there were."""
        waiting = self._writer.unsettled()
        done = lookups.settled(batch.batch for batch in waiting)
        for batch in waiting:
            if batch.batch not in done:
                rows = [Incoming(row=row, image=None) for row in batch.rows]
                self._record(batch.batch, stored=batch.rows, incoming=rows, submissions=(), policy=in_force(), at=at)
            self._writer.settle(batch.batch)
        return len(waiting) - len(done)

    def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Process one group of submissions: store, match, record, and say what became of each."""
        policy = in_force()
        unfilled = policy.needs("VI.k.ceiling", "VII.e.window")
        if isinstance(unfilled, Refused):
            raise RefusedAction(unfilled)
        batch, at = secrets.token_bytes(16), max(submission.received_at for submission in submissions)
        if self._owing:
            self.complete_unsettled(at=at)
        self._owing = True  # until this batch is settled: a full disk or a lost database can part store and records
        fresh = [self._within_ceiling(submission, policy, batch=batch, at=at) for submission in submissions]
        incoming = [item for items in fresh for item in items]
        stored = self._writer.append(batch=batch, incoming=incoming, received=microseconds(at))
        self._record(
            batch, stored=stored, incoming=incoming, submissions=submissions, policy=policy, at=at, fresh=fresh
        )
        self._writer.settle(batch)
        self._owing = False
        new = Counter((row.id, row.digest) for row in stored)
        return [_receipt(submission, items, new) for submission, items in zip(submissions, fresh, strict=True)]

    def _take_group(self, submissions: list[Submission]) -> list[Receipt]:
        close_old_connections()  # this thread serves no request of its own, so nothing else would renew them
        return self.take(submissions)

    def _within_ceiling(self, submission: Submission, policy: Policy, *, batch: bytes, at: datetime) -> list[Incoming]:
        items = (
            Incoming(row=self._row(read, image, lpr=submission.lpr, batch=batch, received=at), image=image)
            for read, image in submission.reads
        )
        return [item for item in items if may_store(moment_of(item.row), policy, at=at)]

    def _row(self, read: ParsedRead, image: bytes | None, *, lpr: LPR, batch: bytes, received: datetime) -> ReadRow:
        moment, clock = read.captured_at, _OFFSET
        if moment.tzinfo is None:
            moment, clock = moment.replace(tzinfo=ZoneInfo(lpr.zone)), _ZONE
        at = microseconds(moment)
        plate = parse_plate(read.raw_plate)
        text = plate.text if isinstance(plate, Plate) else None
        said: _Said = {
            "at": at,
            "raw": read.raw_plate,
            "plate": text,
            "state": read.state,
            "state_confidence": read.state_confidence,
            "confidence": read.confidence,
            "candidates": json.dumps(read.candidates),
            "vehicle": json.dumps(dict(read.vehicle), sort_keys=True),
            "direction": read.direction,
            "latitude": lpr.latitude if read.latitude is None else read.latitude,
            "longitude": lpr.longitude if read.longitude is None else read.longitude,
        }
        return ReadRow(
            **said,
            id=keyed_read_id(self._id_key, lpr=lpr.pk, event=read.event_id, at=at, raw=read.raw_plate),
            digest=content_digest(**said, image=image),
            lpr=lpr.pk,
            received=microseconds(received),
            clock=clock,
            zone=lpr.zone if clock == _ZONE else "",
            folded=fold(text) if text else None,
            event=read.event_id or "",
            retention=RETENTION_CLASS,
            salt=secrets.token_bytes(16),
            batch=batch,
        )

    def _record(
        self,
        batch: bytes,
        *,
        stored: Sequence[ReadRow],
        incoming: Sequence[Incoming],
        submissions: Sequence[Submission],
        policy: Policy,
        at: datetime,
        fresh: Sequence[Sequence[Incoming]] = (),
    ) -> None:
        """Commit hits, dead letters and the batch's leaf together. Repeats are matched too: nothing is missed."""
        with transaction.atomic():
            raised = raise_hits(incoming, policy=policy, at=at)
            letters = [
                changes.keep_dead_letter(
                    lpr=submission.lpr, format=submission.format, reason=unparsed.reason,
                    payload=unparsed.payload, at=submission.received_at,
                )
                for submission in submissions
                for unparsed in submission.unparsed
            ]  # fmt: skip
            late = [(s, len(s.reads) - len(items)) for s, items in zip(submissions, fresh, strict=False)]
            for submission, count in late:
                if count:
                    changes.count_refusal(lpr=submission.lpr, day=submission.received_at.date(), count=count)
            if not (stored or raised or letters or any(count for _, count in late)):
                return
            root = batch_root(stored)
            leaf = append(
                at=at,
                by=SYSTEM,
                action=Action.READS_RECEIVED,
                clause=Clause.V_b,
                subject=f"batch:{batch.hex()}",
                details={
                    "reads": len(stored),
                    "root": root.hex(),
                    "lprs": sorted({row.lpr for row in stored}),
                    "hits": [hit.pk for hit in raised],
                    "dead_letters": [letter.pk for letter in letters],
                    "past_ceiling": sum(count for _, count in late),
                },
                policy=policy.stamp,
            )
            changes.record_batch(batch=batch, at=at, count=len(stored), root=root, leaf=leaf.index)


def batch_root(rows: Sequence[ReadRow]) -> bytes:
    """Return the RFC 6962 root over a batch: each leaf is salt, id and content digest, so one read can be proven."""
    return tree_root([leaf_hash(row.salt + row.id + row.digest) for row in rows])


def microseconds(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC, exactly."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _receipt(submission: Submission, items: Sequence[Incoming], new: Counter[tuple[bytes, bytes]]) -> Receipt:
    stored = 0
    for item in items:
        key = (item.row.id, item.row.digest)
        if new[key]:
            new[key] -= 1
            stored += 1
    return Receipt(
        stored=stored,
        repeated=len(items) - stored,
        dead_letters=len(submission.unparsed),
        past_ceiling=len(submission.reads) - len(items),
        ids=tuple(item.row.id.hex() for item in items),
    )


_open: dict[str, Intake] = {}


def intake() -> Intake:
    """Return this process's intake, opening it (and completing what a crash cut off) at the first call."""
    place = str(settings.HOME.lpr_data)
    if place not in _open:
        opened = Intake(read_store().writer(), id_key=settings.READ_ID_KEY)
        opened.complete_unsettled(at=timezone.now())
        _open[place] = opened
    return _open[place]


def close_intakes() -> None:
    """Finish what waits and let go of every store that this process opened."""
    while _open:
        _open.popitem()[1].close()
