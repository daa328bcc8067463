"""Case files (V.c, VI.d, VI.h, VI.k.1-4): is what belongs into a case preserved there, and is all of it still there?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from platekeeper.server.casefiles.lookups import overdue
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.lookups import is_taken, led_on
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.querylog.lookups import unpreserved_then
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Look, acts, judged, unfit
from platekeeper.server.register.evidence.counts import acted
from platekeeper.server.register.evidence.search_requests import unkept
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import counted, grouped, makers, named, tally
from platekeeper.server.register.words import Counted, Joined, Said, many
from platekeeper.server.retention.models import Directive

_FOLLOWED = timedelta(hours=2)
"""Within which what is stored and named by a directive is copied."""
GRACE = timedelta(days=7)
"""Within which somebody copies into the case what belongs there."""

_DIRECTING = (Action.CASE_CHANGED, Action.DIRECTIVE_GIVEN, Action.DIRECTIVE_ENDED)


class _Facts(NamedTuple):
    """What is judged of a case."""

    pk: int
    offense_class: str
    is_felony: bool
    arrested_on: date | None
    directed_until: date | None


def hits(period: Period) -> Evidence:
    """Judge V.c: is every hit preserved that led on to enforcement, an investigation or a prosecution?"""
    sums = _led(period)
    late = _late(period) if sums["waiting"] else 0
    kept = _preserved(period, Preserved.Kind.HIT).total()
    return judged(
        Joined(
            many(kept, "hit preserved", "hits preserved"),
            many(
                sums["led"],
                "hit ever led to enforcement or an investigation",
                "hits ever led to enforcement or an investigation",
            ),
        ),
        Fault(late, "not preserved within {1} days", GRACE.days),
        Concern(sums["waiting"] - late, "waiting to be preserved"),
        activity=kept + sums["led"],
    )


@asked
def _led(of: Times) -> Sought[dict[str, int]]:
    """How many hits ever led on, and how many of these wait to be preserved."""
    return tally(Hit.objects.filter(led_on(by=of.at)), led=Q(), waiting=~is_taken(by=of.at))


@asked
def _late(of: Times) -> Sought[int]:
    """How many hits have waited to be preserved for too long."""
    return counted(Hit.objects.filter(led_on(by=of.at), led_on(by=of.at - GRACE), ~is_taken(by=of.at)))


def queries_behind_arrests(period: Period) -> Evidence:
    """Judge VI.d: are the queries of a case preserved in it once there was an arrest?"""
    late, today = _unpreserved(period)["arrested"], period.today
    count = sum(case.arrested_on is not None and case.arrested_on <= today for case in _facts(period))
    return judged(
        many(count, "case with an arrest", "cases with an arrest"),
        Fault(late, "of their queries not preserved within {1} days", GRACE.days),
        activity=count,
    )


def requests_and_results(period: Period) -> Evidence:
    """Judge VI.h: are the queries made for a case, and the requests for searches that were answered, kept in its file, and is
    who asks for records answered in time?"""
    kept = _preserved(period, Preserved.Kind.QUERY).total()
    open_queries = _unpreserved(period)
    late = open_queries["late"]
    return judged(
        Said("{0} preserved in {1}", many(kept, "query", "queries"), many(len(_facts(period)), "case", "cases")),
        Fault(late, "made for a case and not preserved within {1} days", GRACE.days),
        Fault(unkept(period), "requests answered and not kept in a case file"),
        Concern(open_queries["all"] - late, "waiting to be preserved"),
        Concern(_overdue(period), "requests for records past their day"),
        activity=kept + open_queries["all"],
    )


@asked
def _overdue(of: Times) -> Sought[int]:
    """How many requests for records had not been answered by their day."""
    return counted(overdue(today=of.today, at=of.at))


def _kept_whole(which: Callable[[_Facts], bool], said: Callable[[int], Counted], *, by_schedule: bool = False) -> Look:
    """Judge VI.k.1-3: is everything still there that was ever preserved in such cases, and does it have an end?"""

    def look(period: Period) -> Evidence:
        cases = {case.pk: case.offense_class for case in _facts(period) if which(case)}
        lost = _lost(period, cases)
        unscheduled = _without_class(period, cases.values()) if by_schedule else 0
        return judged(
            said(len(cases)),
            Fault(lost, "preserved once and no longer there"),
            Concern(unscheduled, "of a class that the record schedule does not name: kept without an end"),
            activity=len(cases),
        )

    return look


every_case = _kept_whole(lambda _case: True, lambda count: many(count, "case open or closed", "cases open or closed"))
with_an_arrest = _kept_whole(
    lambda case: case.arrested_on is not None,
    lambda count: many(count, "case with an arrest", "cases with an arrest"),
    by_schedule=True,
)
of_felonies = _kept_whole(
    lambda case: case.is_felony,
    lambda count: many(count, "case of felony investigations", "cases of felony investigations"),
    by_schedule=True,
)


def directives(period: Period) -> Evidence:
    """Judge VI.k.4: did command direct what was directed, and was all that is named copied?"""
    directed, count = acts(*_DIRECTING, clause="VI.k.4"), acted(period, *_DIRECTING, clause="VI.k.4")
    sums = _directives(period)
    standing_ones, unfollowed, today = sums["standing"], sums["unfollowed"], period.today
    standing = sum(case.directed_until is not None and case.directed_until >= today for case in _facts(period))
    wrong = unfit(period, directed, holds("VI.k.4.director"), by="person", moment="at", made=count)
    return judged(
        Joined(
            many(count.total(), "directive given", "directives given"),
            many(standing, "case kept by one", "cases kept by one"),
        ),
        Fault(wrong, "by somebody who did not hold the command position"),
        many(standing_ones, "directive standing over what arrives", "directives standing over what arrives"),
        Fault(unfollowed, "without a copy yet of all that they name"),
        activity=count.total() + standing + standing_ones,
    )


@asked
def _directives(of: Times) -> Sought[dict[str, int]]:
    """How many directives stood at the end of the period, and how many of these were not followed in time."""
    unfollowed = Q(followed_at=None) | Q(followed_at__gt=of.at)
    return tally(
        Directive.objects.filter(given_at__lte=of.at, kept_until__gte=of.today),
        standing=Q(ended_at=None) | Q(ended_at__gt=of.at),
        unfollowed=unfollowed & Q(ended_at=None, case__ended_at=None, given_at__lt=of.at - _FOLLOWED),
    )


def _cases(of: Of) -> QuerySet[CaseFile]:
    return CaseFile.objects.filter(opened_at__lte=of.at).order_by()


@asked
def _facts(of: Times) -> Sought[list[_Facts]]:
    """The cases with what is judged of them."""
    return named(_cases(of), _Facts)


def _preserved(period: Period, kind: Preserved.Kind | None = None) -> Counter[int]:
    """Return how many copies each case holds at the end of the period; of a kind, how many were made in it."""
    return _copies(period)[kind or "all"]


@asked
def _copies(of: Times) -> Sought[dict[str, Counter[int]]]:
    lately = Q(Q(set_aside_at=None) | Q(set_aside_at__gt=of.at), preserved_at__gt=of.since)
    kinds = {each.value: lately & Q(kind=each) for each in (Preserved.Kind.HIT, Preserved.Kind.QUERY)}
    return grouped(Preserved.objects.filter(preserved_at__lte=of.at), "case", all=Q(), **kinds)


@asked
def _unpreserved(of: Of) -> Sought[dict[str, int]]:
    """How many queries made for an open case are not copied into it: `late` for too long, since they ran or were put under
    its number, `arrested` of these of cases with an arrest some time ago."""
    late = Q(begun_at__lt=of.at - GRACE, since__lt=of.at - GRACE)
    arrested = Q(about__in=_cases(of).filter(arrested_on__lt=of.today - GRACE).values("number"))
    return tally(unpreserved_then(at=of.at, today=of.today), all=Q(), late=late, arrested=late & arrested)


def _lost(period: Period, cases: Iterable[int]) -> int:
    """Count what the ledger says was preserved in these cases and is not there."""
    told, there = _told(period), _preserved(period)
    return sum(max(0, told[f"case:{number}"] - there[number]) for number in cases)


@asked
def _told(of: Times) -> Sought[Counter[str]]:
    """How many copies the ledger says were made, by the case."""
    return makers(LedgerEntry.objects.filter(action=Action.PRESERVED, at__lte=of.at), "subject")


def _without_class(period: Period, classes: Iterable[str]) -> int:
    named = {what.casefold() for what, _period in period.policy.values.get("VI.k.2.schedule", ())}
    return sum(each.casefold() not in named for each in classes)
