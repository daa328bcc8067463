"""Reads come in (V.b): stored first, matched next, hits and the ledger leaf committed, then acknowledged.

One `Intake` stands in the one process that ingests. Each request makes its rows; then it waits in line, and whatever
waits is taken as one batch with one store transaction an hour of capture, one records transaction and one ledger leaf.
A batch that was stored and then cut off by a crash is completed at the next start.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils import timezone

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.retention import oldest_stored, oldest_taken, step
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.follow_directives import copy_arriving
from platekeeper.server.procedures.hear_lprs import Heard
from platekeeper.server.procedures.prove_reads import Batch
from platekeeper.server.procedures.raise_hits import ImageOf, last_words, raise_hits
from platekeeper.server.procedures.recall import AlarmedReads
from platekeeper.server.procedures.rows_of_reads import microseconds, rows_of
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads import changes, lookups
from platekeeper.server.reads.models import Contact
from platekeeper.server.storage.group import GroupCommit
from platekeeper.server.storage.reads import ReadWriter, WriterBusy
from platekeeper.server.storage.rows import Incoming, ReadRow

_READS_A_GROUP = 8_000
"""What a group costs besides its reads (queries, two syncs) is little beside so many; if all that wait were taken,
everybody would wait for it, and then nobody would."""


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

    def told(self) -> dict[str, Any]:
        """Return it as plain data, as the sender is told."""
        return {
            "stored": self.stored,
            "repeated": self.repeated,
            "dead_letters": self.dead_letters,
            "past_ceiling": self.past_ceiling,
            "ids": self.ids,
        }


class _Arrived(NamedTuple):
    """A submission and the rows made of its reads, those past their time left out once that is known.

    `late` are those that the store keeps no more and the policy's ceiling does: without a hit they are past their time.
    """

    submission: Submission
    rows: list[Incoming]
    late: Sequence[Incoming] = ()

    @property
    def past_ceiling(self) -> int:
        return len(self.submission.reads) - len(self.rows)


_Taken = tuple[_Arrived, int]
"""What was taken in of a submission, and how many of its rows were new."""


class Intake:
    """The one place where reads enter, holding the store's only writer for life."""

    def __init__(self, writer: ReadWriter, *, id_key: bytes) -> None:
        self._writer = writer
        self._id_key = id_key
        self._owing = False  # a batch may be stored without its hits and leaf
        self._alarmed = AlarmedReads()
        self._heard = Heard(Contact.Kind.UPLOAD)
        self._line: GroupCommit[_Arrived, _Taken] = GroupCommit(
            self._take_group, most=_READS_A_GROUP, size=lambda arrived: len(arrived.rows)
        )

    def receive(self, submission: Submission) -> Receipt:
        """Store and match a submission, together with whatever else waits; return when all of it is on disk."""
        return _receipt(*self._line.submit(self._arrived(submission)))

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
                rows = [Incoming(row) for row in batch.rows]
                self._record(
                    batch.batch,
                    stored=batch.rows,
                    incoming=rows,
                    group=(),
                    policy=in_force(at=at),
                    at=at,
                    image_of=_stored,
                )
            self._writer.settle(batch.batch)
        return len(waiting) - len(done)

    def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Process one group of submissions: store, match, record, and say what became of each."""
        return [_receipt(*taken) for taken in self._take([self._arrived(submission) for submission in submissions])]

    def _arrived(self, submission: Submission) -> _Arrived:
        rows = rows_of(submission.reads, lpr=submission.lpr, received_at=submission.received_at, id_key=self._id_key)
        return _Arrived(submission, rows)

    def _take_group(self, group: list[_Arrived]) -> list[_Taken]:
        close_old_connections()  # this thread serves no request of its own, so nothing else would renew them
        return self._take(group)

    def _take(self, group: Sequence[_Arrived]) -> list[_Taken]:
        at = max(each.submission.received_at for each in group)
        policy = in_force(at=at)
        unfilled = policy.needs("VI.k.ceiling", "VII.e.window")
        if isinstance(unfilled, Refused):
            raise RefusedAction(unfilled)
        batch = secrets.token_bytes(16)
        if self._owing:
            self.complete_unsettled(at=at)
        self._owing = True  # until this batch is settled: a full disk or a lost database can part store and records
        group = _within_ceiling(group, policy, at=at)
        incoming = [row for each in group for row in each.rows]
        stored = self._writer.append(batch=batch, incoming=incoming, received=microseconds(at), step=step(policy))
        incoming += [row for each in group for row in each.late]
        self._record(batch, stored=stored, incoming=incoming, group=group, policy=policy, at=at)
        self._writer.settle(batch)
        self._owing = False
        return list(zip(group, _new_in_each(group, stored), strict=True))

    def _record(
        self,
        batch: bytes,
        *,
        stored: Sequence[ReadRow],
        incoming: Sequence[Incoming],
        group: Sequence[_Arrived],
        policy: Policy,
        at: datetime,
        image_of: ImageOf = attrgetter("image"),
    ) -> None:
        """Commit hits, dead letters and the batch's leaf together. Repeats are matched too: nothing is missed."""
        standing = last_words(incoming, stored=stored)
        with transaction.atomic():
            self._heard.note(self._lags(group, at=at), at=at)
            provable = Batch(batch, stored)
            copied = copy_arriving(standing, batch=provable, policy=policy, at=at)
            raised = raise_hits(
                standing, batch=provable, alarmed=self._alarmed, policy=policy, at=at, image_of=image_of
            )
            letters = [
                changes.keep_dead_letter(
                    lpr=each.submission.lpr, format=each.submission.format, reason=unparsed.reason,
                    payload=unparsed.payload, at=each.submission.received_at,
                )
                for each in group
                for unparsed in each.submission.unparsed
            ]  # fmt: skip
            for each in group:
                if each.past_ceiling:
                    day = each.submission.received_at.date()
                    changes.count_refusal(lpr=each.submission.lpr, day=day, count=each.past_ceiling)
            past_ceiling = sum(each.past_ceiling for each in group)
            if not (stored or raised or copied or letters or past_ceiling):
                return
            leaf = append(
                at=at,
                by=SYSTEM,
                action=Action.READS_RECEIVED,
                clause=Clause.V_b,
                subject=f"batch:{batch.hex()}",
                details={
                    "reads": len(stored),
                    "root": provable.root.hex(),
                    "lprs": sorted({row.lpr for row in stored}),
                    "hits": [hit.pk for hit in raised],
                    "dead_letters": [letter.pk for letter in letters],
                    "past_ceiling": past_ceiling,
                },
                policy=policy.stamp,
            )
            changes.record_batch(batch=batch, at=at, count=len(stored), root=provable.root, leaf=leaf.index)

    def _lags(self, group: Sequence[_Arrived], *, at: datetime) -> dict[int, float | None]:
        """Return, by LPR that is due to be noted, how long ago its newest read was captured, in seconds."""
        lags: dict[int, float | None] = {}
        for submission, rows, _ in group:
            if submission.lpr.pk not in lags and self._heard.is_due(submission.lpr.pk, at=at):
                newest = max((item.row.at for item in rows), default=None)
                lags[submission.lpr.pk] = None if newest is None else (microseconds(at) - newest) / 1e6
        return lags


def _stored(item: Incoming) -> bytes | None:
    return read_store().image_of(item.row)


def _within_ceiling(group: Sequence[_Arrived], policy: Policy, *, at: datetime) -> list[_Arrived]:
    """Leave out the reads that are past their time already (VI.k), and part those that only a hit would keep."""
    stored_from, taken_from = (_since(oldest(policy, at=at)) for oldest in (oldest_stored, oldest_taken))
    if not stored_from:
        return list(group)
    return [
        each._replace(
            rows=[item for item in each.rows if item.row.at >= stored_from],
            late=[item for item in each.rows if taken_from <= item.row.at < stored_from],
        )
        for each in group
    ]


def _since(oldest: datetime | None) -> int:
    return 0 if oldest is None else microseconds(oldest)


def _new_in_each(group: Sequence[_Arrived], stored: Sequence[ReadRow]) -> list[int]:
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


def _receipt(arrived: _Arrived, new: int) -> Receipt:
    return Receipt(
        stored=new,
        repeated=len(arrived.rows) - new,
        dead_letters=len(arrived.submission.unparsed),
        past_ceiling=arrived.past_ceiling,
        ids=[row.id.hex() for row, _, _ in arrived.rows],
    )


_open: dict[str, Intake] = {}


def intake() -> Intake:
    """Return this process's intake, opening it (and completing what a crash cut off) at the first call.

    Raises `WriterBusy`, also where another machine is meant to receive: it must find the store free when it begins.
    """
    if settings.PAGES_ONLY:
        raise WriterBusy("Another machine receives reads; this one serves pages only.")
    place = str(settings.HOME.lpr_data)
    if place not in _open:
        opened = Intake(read_store().writer(), id_key=settings.READ_ID_KEY)
        try:
            opened.complete_unsettled(at=timezone.now())
        except BaseException:
            opened.close()  # or nobody could write any more, though the disk be well again
            raise
        _open[place] = opened
    return _open[place]


def close_intakes() -> None:
    """Finish what waits and let go of every store that this process opened."""
    while _open:
        _open.popitem()[1].close()
