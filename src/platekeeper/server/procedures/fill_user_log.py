"""The Daily User Log fills itself (VII.h): LPR, times, reads, hits and their outcomes, entries made, arrests.

It names hits and entries by number and says nothing of plates: those end with their own periods, the log does not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platekeeper.core.investigations.sightings import Window
from platekeeper.core.ledger import canonical
from platekeeper.core.moments import microseconds
from platekeeper.core.rules.tours import Question
from platekeeper.server.hits.lookups import standing
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.procedures.copies import plain
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.userlog.lookups import arrests_of, hits_of
from platekeeper.server.userlog.models import DailyUserLog, Tour, TourCheck

_TICK = timedelta(microseconds=1)


def content_of(log: DailyUserLog, *, at: datetime) -> dict[str, Any]:
    """Return all that a log says at `at`, as plain data; `frozen` makes the bytes of it that are forwarded."""
    return {
        "log": log.pk,
        "member": log.member.name,
        "tours": [_tour(tour, at=at) for tour in sorted(log.tours.all(), key=lambda tour: tour.begun_at)],
        "arrests": [case.number for case in arrests_of(log, at=at)],
        "policy": [log.policy_number, log.policy_digest],
    }


def frozen(content: dict[str, Any]) -> bytes:
    """Return the content as it is forwarded: canonical JSON."""
    return canonical(plain(content))


def reads_of(tour: Tour, *, at: datetime) -> int:
    """Count the readable reads that the LPR of a tour made on it and that are stored now."""
    since, until = microseconds(tour.begun_at), microseconds((tour.ended_at or at) + _TICK)
    return sum(map(len, read_store().scan([Window(since, until, (tour.lpr_id,))])))


def _tour(tour: Tour, *, at: datetime) -> dict[str, Any]:
    hot_list, hits = tour.hot_list, hits_of(tour, at=at).select_related("lpr")
    entries = HotListEntry.objects.filter(
        requested_by=tour.member, requested_at__gte=tour.begun_at, requested_at__lte=tour.ended_at or at
    )
    return {
        "tour": tour.pk, "lpr": tour.lpr.name, "purpose": tour.purpose, "begun_at": tour.begun_at,
        "ended_at": tour.ended_at, "ended_by": tour.ended_by.name if tour.ended_by else "",
        "hot_list": {"delivered_at": hot_list.delivered_at, "digest": hot_list.digest} if hot_list else None,
        "checks": [_check(check) for check in tour.checks.select_related("by") if check.question != Question.PURPOSE],
        "reads": reads_of(tour, at=at),
        "hits": [_hit(hit, on=tour) for hit in hits.prefetch_related("steps")],
        "entries": [
            {"entry": entry.pk, "category": entry.category, "state": entry.state, "at": entry.requested_at}
            for entry in entries.order_by("pk")
        ],
    }  # fmt: skip


def _check(check: TourCheck) -> dict[str, Any]:
    return {
        "phase": check.phase, "question": check.question, "clause": check.clause, "answer": check.answer,
        "words": check.words, "by": check.by.name if check.by else "",
        "override": check.override_id,
    }  # fmt: skip


def _hit(hit: Hit, *, on: Tour) -> dict[str, Any]:
    steps = standing(hit)
    ended = steps.get(HitStep.Kind.OUTCOME)
    return {
        "hit": hit.pk, "category": hit.category, "seen_at": hit.seen_at, "repeat_of": hit.repeat_of_id,
        "stopped": HitStep.Kind.STOPPED in steps, "recalled": HitStep.Kind.RECALLED in steps,
        "outcome": ended.outcome if ended else "", **({} if hit.lpr_id == on.lpr_id else {"lpr": hit.lpr.name}),
    }  # fmt: skip
