"""The Query Log is audited (VI.e): is it safe, and is it looked at each week by somebody who did not make the query?"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q

from platekeeper.core.rules.audits import AUDITORS, EVERY, OVERDUE, Step
from platekeeper.core.rules.violations import CLOSED_WITHIN
from platekeeper.server.oversight.models import AuditItem, AuditRound, AuditStep
from platekeeper.server.oversight.violations import open_violations
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import keeping
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, both, judged, unfit
from platekeeper.server.register.evidence.counts import grouped, tally
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import many

_END_WITHIN = timedelta(days=30)
"""A finding of misuse has an end within a month; what takes longer somebody should see to."""
_REVIEWS = (Step.FINE, Step.ASKED, Step.MISUSE, Step.CLOSED)


def log_kept_and_audited(period: Period) -> Evidence:
    """Judge VI.e: is the ledger whole, and is the Query Log reviewed in time?"""
    return both(keeping.ledger(period), reviewed(period))


def reviewed(period: Period) -> Evidence:
    """Judge the reviews of the Query Log as they stood: every week drawn, every entry drawn looked at, by who may."""
    ran = QueryLogEntry.objects.filter(begun_at__lte=period.at).exclude(state=QueryLogEntry.State.REFUSED)
    undrawn = ran.filter(begun_at__lte=period.at - OVERDUE, **_after_the_last_round(period)).count()
    unseen = AuditItem.objects.filter(
        ~_seen(period), round__kind=AuditRound.Kind.WEEKLY, round__drawn_at__lte=period.at
    )
    waits = tally(
        unseen,
        late=Q(round__drawn_at__lte=period.at - OVERDUE),
        slow=Q(round__drawn_at__lte=period.at - EVERY, round__drawn_at__gt=period.at - OVERDUE),
    )
    steps = AuditStep.objects.filter(period.within("at"), kind__in=_REVIEWS)
    signed, by = steps.values("item").distinct().count(), grouped(steps, "by", all=Q(), own=Q(item__entry__by=F("by")))
    improper = unfit(period, steps, holds(AUDITORS), by="by", moment="at", made=by["all"])
    return judged(
        many(signed, "query reviewed", "queries reviewed"),
        Fault(undrawn, "not drawn from within {1} days", OVERDUE.days),
        Fault(waits["late"], "drawn and looked at by nobody within {1} days", OVERDUE.days),
        Fault(improper, "reviewed by somebody who is no auditor"),
        Fault(by["own"].total(), "reviewed by who made it"),
        Concern(waits["slow"], "waiting for a review for more than a week"),
        Concern(
            open_violations(at=period.at).filter(due_on__lt=period.today).count(),
            "of the violations without an end for {1} days",
            CLOSED_WITHIN.days,
        ),
        Concern(_unended(period), "of the findings of misuse without an end for {1} days", _END_WITHIN.days),
        activity=signed,
    )


def _after_the_last_round(period: Period) -> dict[str, object]:
    drawn = AuditRound.objects.filter(kind=AuditRound.Kind.WEEKLY, drawn_at__lte=period.at).order_by("-until").first()
    return {"begun_at__gt": drawn.until} if drawn else {}


def _seen(period: Period) -> Exists:
    return Exists(AuditStep.objects.filter(item=OuterRef("pk"), at__lte=period.at))


def _unended(period: Period) -> int:
    ended = AuditStep.objects.filter(item=OuterRef("item"), kind=Step.ENDED, at__lte=period.at)
    found = AuditStep.objects.filter(Q(at__lte=period.at - _END_WITHIN), ~Exists(ended), kind=Step.MISUSE)
    return found.count()
