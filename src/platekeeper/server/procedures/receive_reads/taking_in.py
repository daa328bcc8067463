"""The one place where reads enter."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from operator import attrgetter

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.moments import microseconds
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.retention import step
from platekeeper.server.gateways import metrics
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.follow_directives import copy_arriving
from platekeeper.server.procedures.hear_lprs import Heard
from platekeeper.server.procedures.prove_reads import Batch
from platekeeper.server.procedures.raise_hits import ImageOf, found_among, last_words, raise_hits
from platekeeper.server.procedures.recall import Alarmed
from platekeeper.server.procedures.receive_reads.governing import Governed
from platekeeper.server.procedures.receive_reads.submissions import (
    Arrived,
    Receipt,
    Submission,
    new_in_each,
    outside_barred,
    receipt_for,
    within_time,
)
from platekeeper.server.procedures.rows_of_reads import rows_of
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads import changes, lookups
from platekeeper.server.reads.models import Contact
from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.group import GroupCommit
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.reads import ReadWriter, Unsettled
from platekeeper.server.storage.rows import Incoming, ReadRow

_log = logging.getLogger(__name__)

_READS_A_GROUP = 8_000
"""What a group costs besides its reads (queries, two syncs) is little beside so many; if all that wait were taken,
everybody would wait for it, and then nobody would."""

_ROOM = (32, 200_000)
"""Requests that may wait at once, and their reads: more hear 503 and come again. The server has more threads than that
(`cli.serve`), so that pages are answered while LPRs wait; so many reads take some hundred megabytes."""

_ANEW = timedelta(minutes=1)
"""After so long a stored batch that could not be completed is tried again."""

_OF_NO_BATCH = (
    OperationalError, InterfaceError, psycopg.OperationalError, sqlite3.OperationalError, StoreFull, OSError,
)  # fmt: skip
"""What stops everything: no batch is to blame for it, and the next one could not be taken in either."""

_Taken = tuple[Arrived, int]
"""What was taken in of a submission, and how many of its rows were new."""


class Intake:
    """The one place where reads enter, holding the store's only writer for life."""

    def __init__(self, writer: ReadWriter, *, id_key: bytes) -> None:
        self._writer = writer
        self._id_key = id_key
        self._owing = False  # a batch may be stored without its hits and leaf
        self._failed: datetime | None = None  # when a batch could not be completed last
        self._alarmed = Alarmed()
        self._heard = Heard(Contact.Kind.UPLOAD)
        self._governed = Governed()
        self._line: GroupCommit[Arrived, _Taken] = GroupCommit(
            self._take_group, most=_READS_A_GROUP, size=lambda arrived: len(arrived.rows), room=_ROOM
        )
        metrics.WAITING.set_function(lambda: self._line.inside)

    def receive(self, submission: Submission) -> Receipt:
        """Store and match a submission, together with whatever else waits; return when all of it is on disk.

        Raises `GroupFull` where too much waits: nothing of it was taken.
        """
        return receipt_for(*self._line.submit(self._arrived(submission)))

    def close(self) -> None:
        """Finish what waits and let go of the store."""
        self._line.close()
        self._writer.close()

    def complete_unsettled(self, *, at: datetime) -> int:
        """Give every stored batch that was cut off its hits and its leaf; return how many got them.

        One that cannot be completed holds up no other and nothing that comes in: it stays marked in the store and is tried
        again, and each time the log says so. Raises what is no batch's fault.
        """
        waiting = self._writer.unsettled()
        done = lookups.settled(batch.batch for batch in waiting)
        left = 0
        for batch in waiting:
            if batch.batch in done or self._completed(batch, at=at):
                self._writer.settle(batch.batch)
            else:
                left += 1
        self._failed = at if left else None
        metrics.INCOMPLETE.set(left)
        return len(waiting) - len(done) - left

    def _completed(self, batch: Unsettled, *, at: datetime) -> bool:
        rows = [Incoming(row) for row in batch.rows]
        try:
            self._record(
                batch.batch, stored=batch.rows, incoming=rows, group=(), lags={}, policy=in_force(at=at), at=at,
                image_of=_stored,
            )  # fmt: skip
        except _OF_NO_BATCH:
            raise
        except Exception:
            _log.exception(
                "The %d reads of batch %s are stored, but their hits cannot be raised. It is tried again each minute.",
                len(rows),
                batch.batch.hex(),
            )
            return False
        return True

    def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Process one group of submissions: store, match, record, and say what became of each."""
        return [receipt_for(*taken) for taken in self._take([self._arrived(submission) for submission in submissions])]

    def _arrived(self, submission: Submission) -> Arrived:
        rows = rows_of(submission.reads, lpr=submission.lpr, received_at=submission.received_at, id_key=self._id_key)
        return Arrived(submission, rows)

    def _take_group(self, group: list[Arrived]) -> Sequence[_Taken | BaseException]:
        close_old_connections()  # this thread serves no request of its own, so nothing else would renew them
        return self._each_taken(group)

    def _each_taken(self, group: Sequence[Arrived]) -> Sequence[_Taken | BaseException]:
        """Take in a group, or each alone where something among them cannot be: who sent that hears of it, nobody else."""
        try:
            return self._take(group)
        except (RefusedAction, *_OF_NO_BATCH):
            raise
        except Exception:
            if len(group) == 1:
                raise
        return [self._taken_alone(each) for each in group]

    def _taken_alone(self, arrived: Arrived) -> _Taken | BaseException:
        try:
            return self._take([arrived])[0]
        except Exception as error:
            return error

    def _take(self, group: Sequence[Arrived]) -> list[_Taken]:
        at = max(each.submission.received_at for each in group)
        policy, places, _ = self._governed.now(at)
        unfilled = policy.needs("VI.k.ceiling", "VII.e.window")
        if isinstance(unfilled, Refused):
            raise RefusedAction(unfilled)
        batch = secrets.token_bytes(16)
        if self._owing or (self._failed is not None and abs(at - self._failed) >= _ANEW):
            self.complete_unsettled(at=at)
        self._owing = True  # until this batch is settled: a full disk or a lost database can part store and records
        group = outside_barred(group, places)
        lags = self._lags(group, at=at)  # of all that was sent: a clock that fell back years leaves nothing within time
        group = within_time(group, policy, at=at)
        incoming = [row for each in group for row in each.rows]
        stored = self._writer.append(batch=batch, incoming=incoming, received=microseconds(at), step=step(policy))
        incoming += [row for each in group for row in each.late]
        self._record(batch, stored=stored, incoming=incoming, group=group, lags=lags, policy=policy, at=at)
        self._writer.settle(batch)
        self._owing = False
        metrics.BATCHES.inc()
        metrics.READS.inc(len(stored))
        return list(zip(group, new_in_each(group, stored), strict=True))

    def _record(
        self,
        batch: bytes,
        *,
        stored: Sequence[ReadRow],
        incoming: Sequence[Incoming],
        group: Sequence[Arrived],
        lags: Mapping[int, float | None],
        policy: Policy,
        at: datetime,
        image_of: ImageOf = attrgetter("image"),
    ) -> None:
        """Commit hits, dead letters and the batch's leaf together. Repeats are matched too: nothing is missed."""
        standing = last_words(incoming, stored=stored)
        with transaction.atomic():
            self._heard.note(lags, at=at)
            provable = Batch(batch, stored)
            # Asked once these reads are stored: what is directed from now on finds them there.
            directives = self._governed.now(at).directives
            found = found_among(standing)
            copied = copy_arriving(standing, batch=provable, directives=directives, at=at, image_of=image_of)
            raised = raise_hits(
                standing, found, batch=provable, alarmed=self._alarmed, policy=policy, at=at, image_of=image_of
            )
            letters = [
                number
                for each in group
                for number in changes.keep_dead_letters(
                    each.submission.lpr, [(unparsed.reason, unparsed.payload) for unparsed in each.unparsed],
                    format=each.submission.format, at=each.submission.received_at,
                )
            ]  # fmt: skip
            for each in group:
                if each.past_ceiling:
                    day = each.submission.received_at.date()
                    changes.count_refusal(lpr=each.submission.lpr, day=day, count=each.past_ceiling)
            past_ceiling = sum(each.past_ceiling for each in group)
            inside = sum((Counter(each.barred) for each in group), Counter[tuple[int, date]]())
            changes.count_barred(inside)
            metrics.HITS.inc(len(raised))
            metrics.DEAD_LETTERS.inc(len(letters))
            if not (stored or raised or copied or letters or past_ceiling or inside):
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
                    "dead_letters": letters,
                    "past_ceiling": past_ceiling,
                    **({"barred": inside.total()} if inside else {}),
                },
                policy=policy.stamp,
            )
            changes.record_batch(batch=batch, at=at, count=len(stored), root=provable.root, leaf=leaf.index)
            transaction.on_commit(partial(self._governed.wrote, leaf))

    def _lags(self, group: Sequence[Arrived], *, at: datetime) -> dict[int, float | None]:
        """Return, by LPR that is due to be noted, how long ago its newest read was captured, in seconds."""
        lags: dict[int, float | None] = {}
        for each in group:
            number = each.submission.lpr.pk
            if number not in lags and self._heard.is_due(number, at=at):
                newest = max((item.row.at for item in each.rows), default=None)
                lags[number] = None if newest is None else (microseconds(at) - newest) / 1e6
        return lags


def _stored(item: Incoming) -> bytes | None:
    try:
        return read_store().image_of(item.row)
    except (ImageMissing, ImageDamaged):  # the hit is one without it, too
        return None
