"""Special details and mutual aid (V.d, V.e): authorized by whom the policy names, LPRs used within their times."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from platekeeper.core.rules.deployments import AIDS, AUTHORIZER, DIRECTOR
from platekeeper.server.deployments.lookups import ENDS
from platekeeper.server.deployments.models import AfterAction, Deployment, DeploymentStep, Loan, Use
from platekeeper.server.register.evidence import search_requests
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, both, judged, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, grouped, parted, tally
from platekeeper.server.register.words import Joined, many

Kind = DeploymentStep.Kind
REPORTED_WITHIN = timedelta(days=3)
"""An after-action report is expected by then."""

_UNAUTHORIZED = (
    Q(authorized_at=None) | Q(begins__lt=F("authorized_at")) | Q(begins__gt=F("closed_at"))
    | Q(begins__lt=F("deployment__since")) | Q(begins__gte=F("deployment__until"))
)  # fmt: skip
"""Of uses and loans: begun before the authorization, after the end, or outside the deployment's times."""

_DECISIONS = (Kind.AUTHORIZED, Kind.REFUSED)
_AIDS = [each.value for each in AIDS]


def special_operations(period: Period) -> Evidence:
    """Judge V.d: was each detail authorized by the position that the policy names, and its LPRs used within its times?"""
    return _judged(period, aid=False)


def mutual_aid(period: Period) -> Evidence:
    """Judge V.e: did mutual aid in cars and LPRs go through the position that the policy names, and requests for searches?"""
    loans = _loans(period)
    return _judged(
        period,
        Fault(loans["unauthorized"], "LPRs lent unauthorized or outside the times"),
        Concern(loans["over"], "lent LPRs not back when the time was over"),
        aid=True,
        more=loans["lent"],
    )


@asked
def _loans(of: Times) -> Sought[dict[str, int]]:
    """What is said of the LPRs lent, in numbers."""
    out, lent = ~Q(returned_at__lte=of.at), of.within("lent_at")
    return tally(
        _timed(Loan.objects.filter(lent_at__lte=of.at), "lent_at"),
        lent=lent, unauthorized=lent & _UNAUTHORIZED, over=out & Q(deployment__until__lt=of.at),
    )  # fmt: skip


def asked_and_searched(period: Period) -> Evidence:
    """Judge V.e of both: requests for searches, and for cars and LPRs."""
    return both(mutual_aid(period), search_requests.mutual_aid(period))


def _judged(period: Period, *further: Fault | Concern, aid: bool, more: int = 0) -> Evidence:
    sums, by = _sums(period, aid=aid), _deciders(period, aid=aid)
    wrong = unfit(
        period, lambda of: _decisions(of, aid=aid), holds(DIRECTOR if aid else AUTHORIZER), by="by", moment="at",
        made=by["all"],
    )  # fmt: skip
    count = by["all"].total()
    if aid:
        decisions = many(count, "decision on mutual aid requests", "decisions on mutual aid requests")
        late = (
            Concern(sums["undecided"], "mutual aid requests undecided though their time has begun"),
            Concern(sums["out"], "LPRs not brought back when the mutual aid request was over"),
            Concern(sums["unreported"], "mutual aid requests over for three days without an after-action report"),
        )
    else:
        decisions = many(count, "decision on details", "decisions on details")
        late = (
            Concern(sums["undecided"], "details undecided though their time has begun"),
            Concern(sums["out"], "LPRs not brought back when the detail was over"),
            Concern(sums["unreported"], "details over for three days without an after-action report"),
        )
    return judged(
        Joined(decisions, many(sums["begun"], "use of LPRs", "uses of LPRs")),
        Fault(wrong, "decided by somebody who did not hold the position"),
        Fault(by["own"].total(), "decided by who had asked"),
        Fault(sums["unauthorized"], "LPRs used unauthorized or outside the times"),
        *further,
        *late,
        activity=count + sums["begun"] + more,
    )


def _decisions(of: Of, *, aid: bool) -> QuerySet[DeploymentStep]:
    of_aid = Q(deployment__kind__in=_AIDS)
    return DeploymentStep.objects.filter(of.within("at"), of_aid if aid else ~of_aid, kind__in=_DECISIONS)


def _deciders(period: Period, *, aid: bool) -> dict[str, Makers]:
    """Return how often each person decided on mutual aid, or on details, and of these upon a request of their own."""
    chosen = [by for kind, by in _decided(period).items() if (kind in _AIDS) == aid]
    return {said: sum((by[said] for by in chosen), Counter()) for said in ("all", "own")}


@asked
def _decided(of: Times) -> Sought[dict[str, dict[str, Makers]]]:
    decided = DeploymentStep.objects.filter(of.within("at"), kind__in=_DECISIONS)
    return parted(decided, "deployment__kind", "by", all=Q(), own=Q(by=F("deployment__asked_by")))


def _sums(period: Period, *, aid: bool) -> Counter[str]:
    """Return what is said of mutual aid, or of details, and of their uses of LPRs, in numbers."""
    found = _of_deployments(period) | _of_uses(period)
    return Counter(
        {said: sum(count for kind, count in counts.items() if (kind in _AIDS) == aid) for said, counts in found.items()}
    )


@asked
def _of_uses(of: Times) -> Sought[dict[str, Counter[str]]]:
    begun, out = of.within("begun_at"), ~Q(ended_at__lte=of.at)
    return grouped(
        _timed(Use.objects.filter(begun_at__lte=of.at), "begun_at"), "deployment__kind", begun=begun,
        unauthorized=begun & _UNAUTHORIZED, out=out & Q(deployment__until__lt=of.at),
    )  # fmt: skip


def _timed(found: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """Return uses or loans with the moments that `_UNAUTHORIZED` asks about."""

    def step_at(*kinds: DeploymentStep.Kind) -> Subquery:
        steps = DeploymentStep.objects.filter(deployment=OuterRef("deployment"), kind__in=kinds)
        return Subquery(steps.values("at")[:1], output_field=DateTimeField())

    timed: QuerySet[Any] = found.annotate(
        authorized_at=step_at(Kind.AUTHORIZED), closed_at=step_at(*ENDS), begins=F(moment)
    )
    return timed


@asked
def _of_deployments(of: Times) -> Sought[dict[str, Counter[str]]]:
    """How many deployments have begun undecided and were not over before the period, and of how many that were authorized
    a report fell due in it, which nobody has made."""
    first, last = of.since - REPORTED_WITHIN, of.at - REPORTED_WITHIN
    steps = DeploymentStep.objects.filter(deployment=OuterRef("pk"))
    ended = steps.filter(kind=Kind.ENDED, at__gt=first, at__lte=last)
    ran_out = Q(until__gt=first, until__lte=last) & ~Exists(steps.filter(kind=Kind.ENDED, at__lte=first))
    reported = AfterAction.objects.filter(deployment=OuterRef("pk"), at__lte=of.at)
    authorized = Exists(steps.filter(kind=Kind.AUTHORIZED, at__lte=of.at))
    over = Q(ran_out | Exists(ended), authorized, ~Exists(reported))
    decided = Exists(steps.filter(kind__in=(Kind.AUTHORIZED, *ENDS), at__lte=of.at))
    begun = Q(~decided, since__lte=of.at, until__gt=of.since, asked_at__lte=of.at)
    return grouped(Deployment.objects.all(), "kind", undecided=begun, unreported=over)
