"""Hits and the steps before a stop (VII.e)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_duty, is_trained
from platekeeper.core.rules.decision import Decision, first_refusal
from platekeeper.server.hits.lookups import stands
from platekeeper.server.hits.models import Departure, HitStep
from platekeeper.server.register.evidence.basis import Evidence, Fault, judged, unfit
from platekeeper.server.register.evidence.counts import ANSWERS, steps, stop_sums
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import counted
from platekeeper.server.register.words import many

_COMPARISONS = (HitStep.Kind.IMAGE_VERIFIED, HitStep.Kind.IMAGE_DIFFERS)


def stops(period: Period) -> Evidence:
    """Judge VII.e: was every stop made after both steps, or recorded as a departure and reviewed?

    A departure is what the policy asks a supervisor about: it is a breach for as long as it waits for the review.
    """
    return _judged(period, lacking="bare", waiting=_waiting(period, None))


def images(period: Period) -> Evidence:
    """Judge VII.e.1: was the image compared before every stop?"""
    count, waiting = steps(period, _COMPARISONS).total(), _waiting(period, HitStep.Kind.IMAGE_VERIFIED, "VII.e.1")
    return _judged(
        period, many(count, "comparison", "comparisons"), lacking="not_compared", waiting=waiting, activity=count
    )


def confirmations(period: Period) -> Evidence:
    """Judge VII.e.2: was every stop confirmed before, and by dispatch itself unless marked as the member's word?"""
    by_dispatch, attested = steps(period, ANSWERS, attested=False), steps(period, ANSWERS, attested=True).total()
    wrong = unfit(period, _answered, _confirms, by="by", moment="at", made=by_dispatch)
    return _judged(
        period,
        many(by_dispatch.total(), "answer of dispatch", "answers of dispatch"),
        Fault(wrong, "by somebody who is not dispatch"),
        many(attested, "answer on the member's own word", "answers on the member's own word") if attested else "",
        lacking="not_confirmed",
        waiting=_waiting(period, HitStep.Kind.CONFIRMED, "VII.e.2"),
        activity=by_dispatch.total() + attested,
    )


def _judged(period: Period, *said: object, lacking: str, waiting: int, activity: int = 0) -> Evidence:
    sums = stop_sums(period)
    return judged(
        *said,
        many(sums["made"], "stop", "stops"),
        Fault(sums[lacking], "without this and without a departure recorded"),
        Fault(waiting, "recorded as a departure that waits for its review"),
        activity=sums["made"] + activity,
    )


@asked
def _waiting(of: Times, step: HitStep.Kind | None, clause: str = "") -> Sought[int]:
    """How many departures wait for their review: all of them, or those before which a step did not stand, as their clause
    may say as well."""
    waiting = Departure.objects.filter(at__lte=of.at).exclude(reviewed_at__lte=of.at)
    return counted(waiting.filter(Q(clause=clause) | ~stands(step, hit="hit", by="at")) if step else waiting)


def _answered(of: Of) -> QuerySet[HitStep]:
    return HitStep.objects.filter(of.within("at"), kind__in=ANSWERS, self_attested=False)


def _confirms(who: Authority, policy: Policy, today: date) -> Decision:
    return first_refusal(has_duty(who, policy, "VII.e.dispatch"), is_trained(who, policy, today))
