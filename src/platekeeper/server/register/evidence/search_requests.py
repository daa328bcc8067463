"""Requests for searches (IV.e, V.e, VI.h, VI.l): decided by whom the policy names, kept in case files, shared as it says."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from platekeeper.core.rules.search_requests import DIRECTOR, RUN_WITHIN, decider, may_share
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.personnel.lookups import department
from platekeeper.server.querylog.models import SearchRequest, SearchStep
from platekeeper.server.querylog.requests import ENDS
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, unfit
from platekeeper.server.register.evidence.counts import once
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, makers, parted
from platekeeper.server.register.words import many

Kind = SearchStep.Kind
_DECISIONS = (Kind.APPROVED, Kind.REFUSED)


def mutual_aid(period: Period) -> Evidence:
    """Judge V.e: did requests for mutual aid go through the position that the policy names?"""
    wrongly, count = wrongly_decided(period, mutual_aid=True)
    return judged(
        many(count, "decision on searches for mutual aid", "decisions on searches for mutual aid"),
        *wrongly,
        activity=count,
    )


def shared(period: Period) -> Evidence:
    """Judge VI.l: did each answer to another agency go where the policy allows, upon the direction that it names?"""
    agency = department()
    ours = agency.name if agency else ""
    handed = [(step, agencies) for step in _answered(period) if (agencies := _agencies(step, ours=ours))]
    by = sum((of_a_kind["directed"] for of_a_kind in _taken(period).values()), Counter())
    undirected = unfit(period, _directions, holds(DIRECTOR), by="by", moment="at", made=by)
    wrong = sum(not _was_allowed(period, step, agencies) for step, agencies in handed)
    return judged(
        many(len(handed), "answer to other agencies", "answers to other agencies"),
        Fault(wrong, "to an agency that the policy does not name, or without a direction"),
        Fault(undirected, "directed by somebody who did not hold the position"),
        activity=len(handed) + by.total(),
    )


def wrongly_decided(period: Period, *, mutual_aid: bool) -> tuple[tuple[Fault | Concern, ...], int]:
    """Return, of requests for mutual aid or of all the others, the decisions by who did not hold the position or upon a
    request of their own, and what waits past its time; and how many were decided."""
    by, late = _taken(period)[mutual_aid], _undecided(period)[mutual_aid]
    wrong = unfit(
        period, lambda of: _steps(of, *_DECISIONS).filter(request__mutual_aid=mutual_aid),
        holds(decider(mutual_aid=mutual_aid)), by="by", moment="at", made=by["decided"],
    )  # fmt: skip
    said = (
        Fault(wrong, "requests for searches decided by somebody who did not hold the position"),
        Fault(by["own"].total(), "decided by who had asked or entered the request"),
        Concern(late, "requests undecided past their time"),
    )
    return said, by["decided"].total()


def unkept(period: Period) -> int:
    """Count the answered requests of the period of which no case file keeps a copy (VI.h)."""
    return sum(not step.is_kept for step in _answered(period))


@asked
def _undecided(of: Times) -> Sought[Counter[bool]]:
    """How many requests for mutual aid (True), and how many others, wait past their time, no approval holding: the time by
    which they are needed or, where they name none, as long as an approval holds."""
    taken = SearchStep.objects.filter(request=OuterRef("pk"), at__lte=of.at)
    holds_still = taken.filter(kind=Kind.APPROVED, at__gt=of.at - RUN_WITHIN)
    late = Q(due_at__lt=of.at) | Q(due_at=None, asked_at__lt=of.at - RUN_WITHIN)
    waiting = SearchRequest.objects.filter(late, asked_at__lte=of.at)
    return makers(waiting.filter(~Exists(taken.filter(kind__in=ENDS)), ~Exists(holds_still)), "mutual_aid")


@asked
def _taken(of: Times) -> Sought[dict[bool, dict[str, Makers]]]:
    """How many requests each person decided on, `own` of them their own, and how often each directed sharing: upon
    requests for mutual aid (True), and upon the others."""
    steps, decided = _steps(of, *_DECISIONS, Kind.DIRECTED), Q(kind__in=_DECISIONS)
    own = decided & (Q(by=F("request__asked_by")) | Q(by=F("request__entered_by")))
    return parted(steps, "request__mutual_aid", "by", decided=decided, own=own, directed=Q(kind=Kind.DIRECTED))


def _directions(of: Of) -> QuerySet[SearchStep]:
    return _steps(of, Kind.DIRECTED)


def _answered(period: Period) -> list[Any]:
    """Return the answers of the period; `is_kept`: a case file keeps a copy (VI.h), `directed`: its request was by then."""
    key = Concat(Value("search:"), Cast(OuterRef("request"), CharField()))
    kept = Exists(preserved(at=period.at).filter(key=key))
    directed = Exists(
        SearchStep.objects.filter(request=OuterRef("request"), kind=Kind.DIRECTED, at__lte=OuterRef("at"))
    )
    answered = _steps(period, Kind.ANSWERED).select_related("request__agency").annotate(is_kept=kept, directed=directed)
    return once(period, "requests answered", lambda: list(answered))


def _steps(of: Of, *kinds: SearchStep.Kind) -> QuerySet[SearchStep]:
    return SearchStep.objects.filter(of.within("at"), kind__in=kinds)


def _agencies(step: SearchStep, *, ours: str) -> set[str]:
    """Return the other agencies that an answer went to."""
    return {step.request.outside, *(agency for _name, agency in step.recipients)} - {"", ours}


def _was_allowed(period: Period, step: Any, agencies: set[str]) -> bool:
    policy = period.history.policy(step.at)
    return all(may_share(policy, agency, directed=step.directed) for agency in agencies)
