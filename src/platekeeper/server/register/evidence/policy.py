"""The policy itself: its dates, its review and its signature (header, III, IV.g)."""

from __future__ import annotations

from datetime import datetime, timedelta

from platekeeper.core.policy import Policy
from platekeeper.core.rules.upkeep import reminder_due
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.lookups import as_policy, review_due_on, version_in_force
from platekeeper.server.policy.models import AnnualReview, PolicyVersion
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Status, judged, many
from platekeeper.server.register.evidence.counts import query_sums
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

_A_YEAR = timedelta(days=366)


def dates(period: Period) -> Evidence:
    """Judge the header: is a version in force, and has its review date not passed?"""
    version, due = version_in_force(at=period.at), review_due_on(at=period.at)
    if version is None:
        return Evidence(Status.IDLE, "No version of the policy is in force")
    since = period.day_of(version.effective_at or period.at)
    return judged(
        f"version {version.number} is in force since {since}",
        f"to be reviewed by {due}" if due else "",
        Fault(1, "date passed without a review") if due is not None and period.today > due else "",
        activity=1,
    )


def department_named(period: Period) -> Evidence:
    """Judge III.department: do the department's own queries carry the name that the policy gives it?"""
    sums = query_sums(period)
    return judged(
        f"{many(sums['own'], 'query', 'queries')} of the department",
        Fault(sums["misnamed"], "under another name than the policy's"),
        activity=sums["own"],
    )


def review(period: Period) -> Evidence:
    """Judge IV.g: was the policy reviewed within the year, and is the next review not overdue?"""
    due = review_due_on(at=period.at)
    if due is None:
        return Evidence(Status.IDLE, "No version with a review date is in force")
    concluded = AnnualReview.objects.filter(concluded_at__gt=period.at - _A_YEAR, concluded_at__lte=period.at).count()
    open_now = AnnualReview.objects.filter(begun_at__lte=period.at).exclude(concluded_at__lte=period.at).count()
    reminders = LedgerEntry.objects.filter(period.within("at"), action=Action.REVIEW_REMINDED).count()
    near = reminder_due(period.policy, due, today=period.today)
    return judged(
        f"next review by {due}",
        Fault(1, "review overdue") if period.today > due else "",
        Concern(int(near), "review coming near"),
        f"{many(concluded, 'review')} concluded within a year",
        f"{many(open_now, 'review')} going on" if open_now else "",
        f"{many(reminders, 'reminder')} given",
        activity=concluded,
    )


def signature(period: Period) -> Evidence:
    """Judge the signature: were the version in force, and those adopted in the period, adopted by who held the authority?"""
    current = version_in_force(at=period.at)
    adopted = list(PolicyVersion.objects.filter(period.within("adopted_at")))
    judged_now = {version.number: version for version in (*adopted, *([current] if current else []))}
    wrong = [version for version in judged_now.values() if not _was_authorised(period, version)]
    if not judged_now:
        return Evidence(Status.IDLE, "No version of the policy has been adopted")
    return judged(
        f"{many(len(judged_now), 'version')} in force or adopted in this time",
        Fault(len(wrong), "adopted by somebody without the authority"),
        activity=1,
    )


def _was_authorised(period: Period, version: PolicyVersion) -> bool:
    person, moment = version.adopted_by, version.adopted_at
    if person is None or moment is None or person not in period.history.people:
        return False
    who, today = period.history.authority(person, moment), period.history.today(moment)
    return bool(holds("signature.authority")(who, _governing(version, moment), today))


def _governing(version: PolicyVersion, moment: datetime) -> Policy:
    """Return the policy under which a version was adopted: the one in force before it, or the first one itself."""
    earlier = PolicyVersion.objects.filter(number__lt=version.number, adopted_at__lte=moment, effective_at__lte=moment)
    before = earlier.order_by("-number").first() or PolicyVersion.objects.order_by("number").first()
    return as_policy(before or version)
