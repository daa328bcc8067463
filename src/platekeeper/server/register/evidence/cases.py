"""Case files (V.c, VI.d, VI.h, VI.k.1-4): is what belongs into a case preserved there, and is all of it still there?"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import BigIntegerField, BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Substr

from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Look, acts, judged, many, unfit
from platekeeper.server.register.evidence.search_requests import unkept
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.retention.models import Directive

_FOLLOWED = timedelta(hours=2)
"""Within which what is stored and named by a directive is copied."""
GRACE = timedelta(days=7)
"""Within which somebody copies into the case what belongs there."""


def hits(period: Period) -> Evidence:
    """Judge V.c: is every hit preserved that led to a stop and was a correct read?"""
    stopped = HitStep.objects.filter(kind=HitStep.Kind.STOPPED, hit=OuterRef("pk"))
    correct = HitStep.objects.filter(
        kind=HitStep.Kind.OUTCOME, outcome=HitStep.Outcome.CORRECT, at__lte=period.at, hit=OuterRef("pk")
    )
    led = Hit.objects.filter(Exists(stopped.filter(at__lte=period.at)), Exists(correct)).order_by()
    waiting = Q(is_kept=False)
    sums = led.annotate(
        is_kept=ExpressionWrapper(_is_preserved("hit:", period), BooleanField()),
        is_late=Exists(stopped.filter(at__lt=period.at - GRACE)),
    ).aggregate(
        led=Count("pk"), waiting=Count("pk", filter=waiting), late=Count("pk", filter=waiting & Q(is_late=True))
    )
    kept = Preserved.objects.filter(period.within("preserved_at"), kind=Preserved.Kind.HIT).count()
    return judged(
        f"{many(kept, 'hit')} preserved, {many(sums['led'], 'hit')} ever led to a stop and was read correctly",
        Fault(sums["late"], f"not preserved within {GRACE.days} days"),
        Concern(sums["waiting"] - sums["late"], "waiting to be preserved"),
        activity=kept + sums["led"],
    )


def queries_behind_arrests(period: Period) -> Evidence:
    """Judge VI.d: are the queries of a case preserved in it once there was an arrest?"""
    arrested = _cases(period).filter(arrested_on__lte=period.today)
    late = _unpreserved(period, arrested.filter(arrested_on__lt=period.today - GRACE)).count()
    return judged(
        f"{many(arrested.count(), 'case')} with an arrest",
        Fault(late, f"of their queries not preserved within {GRACE.days} days"),
        activity=arrested.count(),
    )


def requests_and_results(period: Period) -> Evidence:
    """Judge VI.h: are the queries made for a case, and the requests for searches that were answered, kept in its file?"""
    cases = _cases(period)
    kept = Preserved.objects.filter(period.within("preserved_at"), kind=Preserved.Kind.QUERY).count()
    open_queries = _unpreserved(period, cases)
    late = open_queries.filter(begun_at__lt=period.at - GRACE).count()
    return judged(
        f"{many(kept, 'query', 'queries')} preserved in {many(cases.count(), 'case')}",
        Fault(late, f"made for a case and not preserved within {GRACE.days} days"),
        Fault(unkept(period), "requests answered and not kept in a case file"),
        Concern(open_queries.count() - late, "waiting to be preserved"),
        activity=kept + open_queries.count(),
    )


def kept_whole(which: Q, what: str, *, by_schedule: bool = False) -> Look:
    """Judge VI.k.1-3: is everything still there that was ever preserved in such cases, and does it have an end?"""

    def look(period: Period) -> Evidence:
        cases = _cases(period).filter(which)
        lost = _lost(period, cases)
        words = f"{many(cases.count(), 'case')} {what}".strip()
        unscheduled = _without_class(period, cases) if by_schedule else 0
        return judged(
            words,
            Fault(lost, "preserved once and no longer there"),
            Concern(unscheduled, "of a class that the record schedule does not name: kept without an end"),
            activity=cases.count(),
        )

    return look


def directives(period: Period) -> Evidence:
    """Judge VI.k.4: did command direct what was directed, and was all that is named copied?"""
    given = acts(period, Action.CASE_CHANGED, Action.DIRECTIVE_GIVEN, Action.DIRECTIVE_ENDED)
    directed = given.filter(clause="VI.k.4")
    named = Directive.objects.filter(given_at__lte=period.at)
    standing_ones = named.filter(Q(ended_at=None) | Q(ended_at__gt=period.at), kept_until__gte=period.today).count()
    open_ones = named.filter(Q(followed_at=None) | Q(followed_at__gt=period.at), ended_at=None, case__ended_at=None)
    unfollowed = open_ones.filter(given_at__lt=period.at - _FOLLOWED, kept_until__gte=period.today).count()
    standing = _cases(period).filter(directed_until__gte=period.today).count()
    wrong = unfit(period, directed, holds("VI.k.4.director"), by="person", moment="at")
    return judged(
        f"{many(directed.count(), 'directive')} given, {many(standing, 'case')} kept by one",
        Fault(wrong, "by somebody who did not hold the command position"),
        f"{many(standing_ones, 'directive')} standing over what arrives",
        Fault(unfollowed, "without a copy yet of all that they name"),
        activity=directed.count() + standing + standing_ones,
    )


def _cases(period: Period) -> QuerySet[CaseFile]:
    return CaseFile.objects.filter(opened_at__lte=period.at)


def _is_preserved(prefix: str, period: Period) -> Q:
    """Return the condition that something is copied into a case: as one list, since a key alone has no index."""
    kept = Preserved.objects.filter(key__startswith=prefix, preserved_at__lte=period.at)
    return Q(pk__in=kept.annotate(of=Cast(Substr("key", len(prefix) + 1), BigIntegerField())).values("of"))


def _unpreserved(period: Period, cases: QuerySet[CaseFile]) -> QuerySet[QueryLogEntry]:
    ran = QueryLogEntry.objects.filter(begun_at__lte=period.at).exclude(state__in=QueryLogEntry.NEVER_RAN)
    return ran.filter(~_is_preserved("query:", period), case_number__in=cases.values("number"))


def _lost(period: Period, cases: QuerySet[CaseFile]) -> int:
    """Count what the ledger says was preserved in these cases and is not there."""
    told = LedgerEntry.objects.filter(action=Action.PRESERVED, at__lte=period.at)
    entered = dict(told.order_by().values_list("subject").annotate(Count("pk")))
    there = Preserved.objects.filter(case__in=cases, preserved_at__lte=period.at)
    kept = dict(there.order_by().values_list("case").annotate(Count("pk")))
    numbers = cases.values_list("pk", flat=True)
    return sum(max(0, entered.get(f"case:{number}", 0) - kept.get(number, 0)) for number in numbers)


def _without_class(period: Period, cases: QuerySet[CaseFile]) -> int:
    named = {what.casefold() for what, _period in period.policy.values.get("VI.k.2.schedule", ())}
    return sum(each.casefold() not in named for each in cases.values_list("offence_class", flat=True))
