"""How data ends, and how it is backed up (VI.k, VI.m)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet

from platekeeper.core.rules.backups import copies_missing, is_restore_due
from platekeeper.core.rules.retention import (
    AGREED_WITHIN,
    APPROVERS,
    FLOOR,
    hits_raised_before,
    oldest_stored,
    waits_for_approval,
)
from platekeeper.core.rules.upkeep import SCHEDULE_PATIENCE
from platekeeper.server.ledger.actions import Action
from platekeeper.server.oversight.hits_over import hits_over
from platekeeper.server.reads.lookups import letters_before
from platekeeper.server.reads.models import ReadBatch
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, acts, judged, unfit
from platekeeper.server.register.evidence.counts import acted
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, first, grouped, named, rows, tally
from platekeeper.server.register.words import Joined, Said, many, some
from platekeeper.server.retention.lookups import pieces_before
from platekeeper.server.retention.models import Backup, Disposal, Drill


def retention(period: Period) -> Evidence:
    """Judge VI.k: was nothing stored past its time at the end of the period, and nothing disposed of before it?

    Where two persons must agree, what is past its time may wait for them a while, and says so.
    """
    waits = waits_for_approval(period.policy)
    days = _days_disposed_of(period)
    done = [each for each in days if each[2] is not None and each[2] <= period.at]
    gone = {day for day, until, at in days if at and at > period.at and until is None}
    stored = {*period.days_stored, *(day for day in gone if day <= period.at.astimezone(UTC).date())}
    over = _past(period, gone, patience=SCHEDULE_PATIENCE)
    late = _past(period, gone, patience=AGREED_WITHIN) if waits else over
    disposals = _disposals(period)
    hits, early = disposals["hits"], _early(period, done)
    by, approved = acted(period, Action.DISPOSAL_APPROVED), acts(Action.DISPOSAL_APPROVED)
    improper = unfit(period, approved, holds(APPROVERS), by="person", moment="at", made=by)
    return judged(
        many(len(stored), "day of reads stored", "days of reads stored"),
        Fault(late.reads, "past the time of the policy"),
        Concern(over.reads - late.reads, "past their time and waiting for two persons to agree"),
        Fault(late.others, "of the hits and dead letters past their time"),
        Concern(over.others - late.others, "of the hits and dead letters waiting for two persons to agree"),
        Said("{0} and {1}", many(len(done), "disposal of reads", "disposals of reads"), some(hits, "of hits")),
        Fault(early, "before the least time of the policy"),
        Fault(improper, "approved by somebody who does not approve disposals"),
        Concern(disposals["unsigned"], "certificates not signed yet"),
        activity=len(stored) + len(done) + hits,
    )


@asked
def _days_disposed_of(of: Times) -> Sought[list[Row]]:
    """Which days were disposed of since the period began, up to when, and at what moment."""
    found = Disposal.objects.filter(kind=Disposal.Kind.READS, completed_at__gt=of.since)
    return rows(found, "day", "until", "completed_at")


@asked
def _disposals(of: Times) -> Sought[dict[str, int]]:
    return tally(
        Disposal.objects.filter(completed_at__lte=of.at),
        hits=Q(kind=Disposal.Kind.HITS, completed_at__gt=of.since), unsigned=Q(note="") & ~Q(certificate=""),
    )  # fmt: skip


def backups(period: Period) -> Evidence:
    """Judge VI.m: was the newest backup at the end of the period as young as the policy says?"""
    made, every = period.within("completed_at"), period.policy.said_period("VI.m.every")
    lately = Q(begun_at__gte=period.at - every - SCHEDULE_PATIENCE) if every else made
    there = Q(destroyed_at=None) | Q(destroyed_at__gt=period.at)
    sums = Backup.objects.filter(completed_at__lte=period.at).aggregate(
        first=Min("begun_at", filter=there), newest=Max("begun_at", filter=there), made=Count("pk", filter=made),
        folders=Count("target", filter=there & lately, distinct=True),
    )  # fmt: skip
    newest: datetime | None = sums["newest"]
    by = _keepers(period)
    improper = unfit(period, _backups, holds("VI.m.keeper"), by="by", moment="begun_at", made=by["all"])
    # without any backup the clock runs from the first reads on: before them there was nothing to lose
    since = newest or ReadBatch.objects.aggregate(first=Min("received_at"))["first"]
    late = every is not None and since is not None and period.at - since > every + SCHEDULE_PATIENCE
    checked, restored = (_last_drill(period, kind) for kind in (Drill.Kind.CHECK, Drill.Kind.RESTORE))
    restore_due = is_restore_due(restored.at if restored else None, since=sums["first"], at=period.at)
    missing = copies_missing(period.policy, folders=sums["folders"]) if newest else 0
    shown = Said("no backup yet")
    if newest:
        shown = Said("newest backup {0}", f"{newest.astimezone(period.zone):%Y-%m-%d %H:%M}")
    return judged(
        shown,
        Fault(int(late), "backup overdue") if late else "",
        Joined(many(sums["made"], "backup made", "backups made"), some(by["failed"].total(), "failed")),
        Fault(improper, "by somebody who does not keep backups"),
        Said("last checked {0}", period.day_of(checked.at)) if checked else Said("never checked"),
        Fault(int(checked is not None and not checked.passed), "backup found damaged"),
        Said("last restored as a drill {0}", period.day_of(restored.at))
        if restored
        else Said("never restored as a drill"),
        Fault(int(restored is not None and not restored.passed), "drill failed"),
        Concern(int(restore_due), "drill overdue: restore a backup"),
        Concern(missing, "copies fewer than the policy names"),
        Concern(int(any(_last_failure(period) or ())), "failure not mended yet: the last backup"),
        activity=int(newest is not None),
    )


def _backups(of: Of) -> QuerySet[Backup]:
    return Backup.objects.filter(of.within("begun_at"))


@asked
def _keepers(of: Times) -> Sought[dict[str, Makers]]:
    """How many backups each person began, and how many of these failed."""
    return grouped(_backups(of), "by", all=Q(), failed=~Q(failure=""))


@asked
def _last_failure(of: Times) -> Sought[Row | None]:
    """What failed in the last backup that was begun."""
    return first(_backups(of).order_by("-begun_at"), "failure")


class _Drilled(NamedTuple):
    """When a drill was, and what came of it."""

    at: datetime
    passed: bool


def _last_drill(period: Period, kind: Drill.Kind) -> _Drilled | None:
    return next(iter(_drills(period, kind)), None)


@asked
def _drills(of: Times, kind: Drill.Kind) -> Sought[list[_Drilled]]:
    """The last drill of a kind: none, or one."""
    return named(Drill.objects.filter(at__lte=of.at, kind=kind).order_by("-at", "-pk")[:1], _Drilled)


class _Past(NamedTuple):
    """How many days of reads, or parts of one, are past their time, and how many hits and dead letters."""

    reads: int
    others: int


def _past(period: Period, gone: Collection[date], *, patience: timedelta) -> _Past:
    """Count what was past its time for so long already, by the policy of back then as well; `gone` are days that were
    disposed of since."""
    at = period.at - patience
    policies = (period.policy, period.history.policy(at))
    oldest = _first(oldest_stored(each, at=at) for each in policies)
    raised_before = _first(hits_raised_before(each, at=at) for each in policies)
    over = hits_over(period.policy, at=at, raised_before=raised_before) if raised_before else ()
    hits = sum(map(len, over))
    if oldest is None:
        return _Past(0, hits)
    there = {day for day, _until in pieces_before(oldest, of=period.store)} if period.store else set()
    there.update(day for day in gone if day < oldest.astimezone(UTC).date())
    return _Past(len(there), hits + letters_before(oldest).count())


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the first of moments, None where one of them is none."""
    found = list(moments)
    return None if None in found else min(each for each in found if each is not None)


def _early(period: Period, done: Iterable[tuple[date, datetime | None, datetime | None]]) -> int:
    """Count what was disposed of before all of it was as old as the least time of the policy of that moment."""
    return sum(
        completed is not None
        and (floor := period.history.policy(completed).said_period(FLOOR)) is not None
        and (until or datetime.combine(day + timedelta(days=1), time(), UTC)) > completed - floor
        for day, until, completed in done
    )
