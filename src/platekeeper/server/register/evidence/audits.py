"""The Query Log is audited (VI.e): is it safe, and is it looked at each week by somebody who did not make the query?"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from platekeeper.core.rules.audits import AUDITORS, ENDS, EVERY, OVERDUE, REVIEWS, Step
from platekeeper.core.rules.violations import CLOSED_WITHIN
from platekeeper.server.oversight.models import AuditItem, AuditRound, AuditStep
from platekeeper.server.oversight.violations import open_violations
from platekeeper.server.querylog.lookups import ran
from platekeeper.server.register.evidence import safety
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, both, judged, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, counted, first, grouped, tally
from platekeeper.server.register.words import many

_END_WITHIN = timedelta(days=30)
"""A finding of misuse has an end within a month; what takes longer somebody should see to."""


def log_kept_and_audited(period: Period) -> Evidence:
    """Judge VI.e: is the ledger whole, and is the Query Log reviewed in time?"""
    return both(safety.ledger(period), reviewed(period))


def reviewed(period: Period) -> Evidence:
    """Judge the reviews of the Query Log as they stood: every week drawn, every entry drawn looked at, by who may."""
    waits, signed, by = _unseen(period), _signed(period), _reviewers(period)
    improper = unfit(period, _reviews, holds(AUDITORS), by="by", moment="at", made=by["all"])
    return judged(
        many(signed, "query reviewed", "queries reviewed"),
        Fault(_undrawn(period, *(_last_round(period) or ())), "not drawn from within {1} days", OVERDUE.days),
        Fault(waits["late"], "drawn and looked at by nobody within {1} days", OVERDUE.days),
        Fault(improper, "reviewed by somebody who is no auditor"),
        Fault(by["own"].total(), "reviewed by who made it"),
        Concern(waits["slow"], "waiting for a review for more than a week"),
        Concern(
            _unended_violations(period),
            "of the violations without an end for {1} days",
            CLOSED_WITHIN.days,
        ),
        Concern(_unended(period), "of the findings of misuse without an end for {1} days", _END_WITHIN.days),
        activity=signed,
    )


def _reviews(of: Of) -> QuerySet[AuditStep]:
    return AuditStep.objects.filter(of.within("at"), kind__in=REVIEWS)


@asked
def _signed(of: Times) -> Sought[int]:
    """How many entries were reviewed."""
    return counted(_reviews(of), distinct="item")


@asked
def _reviewers(of: Times) -> Sought[dict[str, Makers]]:
    """How many reviews each person made, and how many of these of an entry of their own."""
    return grouped(_reviews(of), "by", all=Q(), own=Q(item__entry__by=F("by")))


@asked
def _last_round(of: Times) -> Sought[Row | None]:
    """Up to when the weekly round drew that came furthest."""
    drawn = AuditRound.objects.filter(kind=AuditRound.Kind.WEEKLY, drawn_at__lte=of.at)
    return first(drawn.order_by("-until"), "until")


@asked
def _undrawn(of: Times, after: datetime | None = None) -> Sought[int]:
    """How many queries that ran some time ago lie after the last weekly round."""
    long_ago = ran().filter(begun_at__lte=of.at - OVERDUE)
    return counted(long_ago.filter(begun_at__gt=after) if after else long_ago)


@asked
def _unseen(of: Times) -> Sought[dict[str, int]]:
    """How many entries that were drawn wait for a review: `late` ones too long, `slow` ones long."""
    seen = Exists(AuditStep.objects.filter(item=OuterRef("pk"), at__lte=of.at))
    return tally(
        AuditItem.objects.filter(~seen, round__kind=AuditRound.Kind.WEEKLY, round__drawn_at__lte=of.at),
        late=Q(round__drawn_at__lte=of.at - OVERDUE),
        slow=Q(round__drawn_at__lte=of.at - EVERY, round__drawn_at__gt=of.at - OVERDUE),
    )


@asked
def _unended_violations(of: Of) -> Sought[int]:
    return counted(open_violations(at=of.at).filter(due_on__lt=of.today))


@asked
def _unended(of: Times) -> Sought[int]:
    """How many findings of misuse have no end for too long."""
    ended = AuditStep.objects.filter(item=OuterRef("item"), kind__in=ENDS, at__lte=of.at)
    return counted(AuditStep.objects.filter(~Exists(ended), at__lte=of.at - _END_WITHIN, kind=Step.MISUSE))
