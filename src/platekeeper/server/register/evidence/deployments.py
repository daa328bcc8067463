"""Special details and mutual aid (V.d, V.e): authorised by whom the policy names, LPRs used within their times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from platekeeper.core.rules.deployments import AIDS, AUTHORISER, DIRECTOR
from platekeeper.server.deployments.lookups import ENDS
from platekeeper.server.deployments.models import AfterAction, Deployment, DeploymentStep, Loan, Use
from platekeeper.server.register.evidence import search_requests
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, both, judged, many, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

Kind = DeploymentStep.Kind
REPORTED_WITHIN = timedelta(days=3)
"""An after-action report is expected by then."""


def special_operations(period: Period) -> Evidence:
    """Judge V.d: was each detail authorised by the position that the policy names, and its LPRs used within its times?"""
    return _judged(period, aid=False, what="detail")


def mutual_aid(period: Period) -> Evidence:
    """Judge V.e: did mutual aid in cars and LPRs go through the position that the policy names, and requests for searches?"""
    lent = Loan.objects.filter(lent_at__lte=period.at)
    unauthorised = _unauthorised(lent.filter(period.within("lent_at")), "lent_at").count()
    over = lent.exclude(returned_at__lte=period.at).filter(deployment__until__lt=period.at).count()
    return _judged(
        period,
        Fault(unauthorised, "LPRs lent unauthorized or outside the times"),
        Concern(over, "lent LPRs not back when the time was over"),
        aid=True, what="mutual aid request", more=lent.filter(period.within("lent_at")).count(),
    )  # fmt: skip


def asked_and_searched(period: Period) -> Evidence:
    """Judge V.e of both: requests for searches, and for cars and LPRs."""
    return both(mutual_aid(period), search_requests.mutual_aid(period))


def _judged(period: Period, *further: Fault | Concern, aid: bool, what: str, more: int = 0) -> Evidence:
    decided = _decisions(period, aid=aid)
    uses = Use.objects.filter(period.within("begun_at"), _kind(aid=aid, prefix="deployment__"))
    wrong = unfit(period, decided, holds(DIRECTOR if aid else AUTHORISER), by="by", moment="at")
    return judged(
        f"{many(decided.count(), 'decision')} on {what}s, {many(uses.count(), 'use')} of LPRs",
        Fault(wrong, "decided by somebody who did not hold the position"),
        Fault(decided.filter(by=F("deployment__asked_by")).count(), "decided by who had asked"),
        Fault(_unauthorised(uses, "begun_at").count(), "LPRs used unauthorized or outside the times"),
        *further,
        Concern(_begun_undecided(period, aid=aid), f"{what}s undecided though their time has begun"),
        Concern(_out_too_long(period, aid=aid), f"LPRs not brought back when the {what} was over"),
        Concern(_unreported(period, aid=aid), f"{what}s over for three days without an after-action report"),
        activity=decided.count() + uses.count() + more,
    )


def _decisions(period: Period, *, aid: bool) -> QuerySet[DeploymentStep]:
    steps = DeploymentStep.objects.filter(period.within("at"), _kind(aid=aid, prefix="deployment__"))
    return steps.filter(kind__in=(Kind.AUTHORISED, Kind.REFUSED))


def _unauthorised(found: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """Return the uses or loans begun before the authorisation, after the end, or outside the deployment's times."""

    def step_at(*kinds: DeploymentStep.Kind) -> Subquery:
        steps = DeploymentStep.objects.filter(deployment=OuterRef("deployment"), kind__in=kinds)
        return Subquery(steps.values("at")[:1], output_field=DateTimeField())

    judged_by: QuerySet[Any] = found.annotate(
        authorised_at=step_at(Kind.AUTHORISED), closed_at=step_at(*ENDS), begins=F(moment)
    )
    return judged_by.filter(
        Q(authorised_at=None) | Q(begins__lt=F("authorised_at")) | Q(begins__gt=F("closed_at"))
        | Q(begins__lt=F("deployment__since")) | Q(begins__gte=F("deployment__until"))
    )  # fmt: skip


def _begun_undecided(period: Period, *, aid: bool) -> int:
    steps = DeploymentStep.objects.filter(deployment=OuterRef("pk"), at__lte=period.at)
    begun = Deployment.objects.filter(
        _kind(aid=aid), since__lte=period.at, until__gt=period.at, asked_at__lte=period.at
    )
    return begun.filter(~Exists(steps.filter(kind__in=(Kind.AUTHORISED, *ENDS)))).count()


def _out_too_long(period: Period, *, aid: bool) -> int:
    out = Use.objects.filter(_kind(aid=aid, prefix="deployment__"), begun_at__lte=period.at)
    return out.exclude(ended_at__lte=period.at).filter(deployment__until__lt=period.at).count()


def _unreported(period: Period, *, aid: bool) -> int:
    """Count the authorised deployments that ran out or were ended in the period and of which nobody has reported since."""
    due = period.at - REPORTED_WITHIN
    steps = DeploymentStep.objects.filter(deployment=OuterRef("pk"))
    ended = steps.filter(kind=Kind.ENDED, at__gt=period.since, at__lte=due)
    ran_out = Q(until__gt=period.since, until__lte=due) & ~Exists(steps.filter(kind=Kind.ENDED, at__lte=period.since))
    reported = AfterAction.objects.filter(deployment=OuterRef("pk"), at__lte=period.at)
    authorised = Exists(steps.filter(kind=Kind.AUTHORISED, at__lte=period.at))
    found = Deployment.objects.filter(ran_out | Exists(ended), _kind(aid=aid), authorised, ~Exists(reported))
    return found.count()


def _kind(*, aid: bool, prefix: str = "") -> Q:
    of_aid = Q(**{f"{prefix}kind__in": [each.value for each in AIDS]})
    return of_aid if aid else ~of_aid
