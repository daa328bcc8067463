"""The policy itself: its dates, its review and its signature (header, III, IV.g)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from platekeeper.core.policy import Policy
from platekeeper.core.rules.upkeep import reminder_due
from platekeeper.server.ledger.actions import Action
from platekeeper.server.policy.lookups import as_policy
from platekeeper.server.policy.models import AnnualReview, PolicyVersion
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Status, judged
from platekeeper.server.register.evidence.counts import happened, query_sums
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Sought, Times, asked
from platekeeper.server.register.sums import tally
from platekeeper.server.register.words import Said, many

_A_YEAR = timedelta(days=366)


def dates(period: Period) -> Evidence:
    """Judge the header: is a version in force, and has its review date not passed?"""
    version, due = period.version, period.review_due_on
    if version is None:
        return Evidence(Status.IDLE, Said("No version of the policy is in force"))
    since = period.day_of(version.effective_at or period.at)
    return judged(
        Said("version {0} is in force since {1}", version.number, since),
        Said("to be reviewed by {0}", due) if due else "",
        Fault(1, "date passed without a review") if due is not None and period.today > due else "",
        activity=1,
    )


def department_named(period: Period) -> Evidence:
    """Judge III.department: do the department's own queries carry the name that the policy gives it?"""
    sums = query_sums(period)
    return judged(
        many(sums["own"], "query of the department", "queries of the department"),
        Fault(sums["misnamed"], "under another name than the policy's"),
        activity=sums["own"],
    )


def review(period: Period) -> Evidence:
    """Judge IV.g: was the policy reviewed within the year, and is the next review not overdue?"""
    due = period.review_due_on
    if due is None:
        return Evidence(Status.IDLE, Said("No version with a review date is in force"))
    reviews = _reviews(period)
    concluded, open_now, reminders = reviews["concluded"], reviews["open"], happened(period, Action.REVIEW_REMINDED)
    near = reminder_due(period.policy, due, today=period.today)
    return judged(
        Said("next review by {0}", due),
        Fault(1, "review overdue") if period.today > due else "",
        Concern(int(near), "review coming near"),
        many(concluded, "review concluded within a year", "reviews concluded within a year"),
        many(open_now, "review going on", "reviews going on") if open_now else "",
        many(reminders, "reminder given", "reminders given"),
        activity=concluded,
    )


@asked
def _reviews(of: Times) -> Sought[dict[str, int]]:
    """How many reviews were concluded within a year, and how many were open."""
    return tally(
        AnnualReview.objects.filter(begun_at__lte=of.at),
        concluded=Q(concluded_at__gt=of.at - _A_YEAR, concluded_at__lte=of.at),
        open=~Q(concluded_at__lte=of.at),
    )


def signature(period: Period) -> Evidence:
    """Judge the signature: were the version in force, and those adopted in the period, adopted by who held the authority?"""
    current = period.version
    adopted = [version for version in period.adopted if version.adopted_at and version.adopted_at > period.since]
    judged_now = {version.number: version for version in (*adopted, *([current] if current else []))}
    wrong = [version for version in judged_now.values() if not _was_authorized(period, version)]
    if not judged_now:
        return Evidence(Status.IDLE, Said("No version of the policy has been adopted"))
    return judged(
        many(
            len(judged_now),
            "version in force or adopted in this time",
            "versions in force or adopted in this time",
        ),
        Fault(len(wrong), "adopted by somebody without the authority"),
        activity=1,
    )


def _was_authorized(period: Period, version: PolicyVersion) -> bool:
    person, moment = version.adopted_by, version.adopted_at
    if person is None or moment is None or person not in period.history.people:
        return False
    who, today = period.history.authority(person, moment), period.history.today(moment)
    return bool(holds("signature.authority")(who, _governing(period, version, moment), today))


def _governing(period: Period, version: PolicyVersion, moment: datetime) -> Policy:
    """Return the policy under which a version was adopted: the one in force before it, or the first one itself."""
    for each in period.adopted:
        if (
            each.number < version.number
            and each.adopted_at
            and each.effective_at
            and max(each.adopted_at, each.effective_at) <= moment
        ):
            return as_policy(each)
    return as_policy(period.adopted[-1])
