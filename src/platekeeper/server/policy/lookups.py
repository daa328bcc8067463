"""Read the policy in force at a moment, its draft and its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from platekeeper.core.amendments import Amendment
from platekeeper.core.blanks import BLANKS, Blank
from platekeeper.core.policy import NO_POLICY, Policy
from platekeeper.server.policy.models import AnnualReview, PolicyVersion


def in_force(*, at: datetime) -> Policy:
    """Return the policy in force at a moment, or one in which every blank is unfilled."""
    version = version_in_force(at=at)
    return NO_POLICY if version is None else as_policy(version)


def version_in_force(*, at: datetime) -> PolicyVersion | None:
    """Return the version in force at a moment: of those adopted by then whose day had come, the latest."""
    return PolicyVersion.objects.filter(adopted_at__lte=at, effective_at__lte=at).order_by("-number").first()


def as_policy(version: PolicyVersion) -> Policy:
    """Return a version as the plain data that rules ask."""
    amendments = {number: Amendment.from_data(number, data) for number, data in version.amendments.items()}
    return Policy(number=version.number, digest=version.digest, values=version.values, amendments=amendments)


def draft() -> PolicyVersion | None:
    """Return the draft being worked on, if there is one."""
    return PolicyVersion.objects.filter(adopted_at=None).first()


def versions(*, by: datetime | None = None) -> QuerySet[PolicyVersion]:
    """Return the versions adopted (by a moment, if one is given), newest first."""
    adopted = PolicyVersion.objects.exclude(adopted_at=None).order_by("-number")
    return adopted if by is None else adopted.filter(adopted_at__lte=by)


def to_come(*, at: datetime, of: Sequence[PolicyVersion] | None = None) -> list[PolicyVersion]:
    """Return the versions adopted by a moment whose day is still to come then, the nearest first; `of` are those adopted by
    then, where they are known already.

    A version that a later one replaced before its day never comes into force and is left out.
    """
    adopted = [(version.effective_at or at, version) for version in (versions(by=at) if of is None else of)]

    def is_replaced(day: datetime, version: PolicyVersion) -> bool:
        return any(later.number > version.number and begins <= day for begins, later in adopted)

    coming = [(day, version) for day, version in adopted if day > at and not is_replaced(day, version)]
    return [version for _day, version in sorted(coming, key=lambda each: each[0])]


def unfilled(version: PolicyVersion) -> list[Blank]:
    """Return the blanks that a version leaves open, in the policy's order."""
    return [blank for key, blank in BLANKS.items() if key not in version.values]


def review_due_on(*, at: datetime) -> date | None:
    """Return the day by which the policy in force is to be reviewed: what its header says, or the last review since."""
    return review_due_of(version_in_force(at=at), at=at)


def review_due_of(version: PolicyVersion | None, *, at: datetime) -> date | None:
    """Return the day by which a version that is in force is to be reviewed, as it was known at a moment."""
    if version is None or "header.review" not in version.values:
        return None
    due = date.fromisoformat(version.values["header.review"])
    since = AnnualReview.objects.filter(concluded_at__lte=at, policy_number__gte=version.number)
    moved = since.exclude(next_on=None).order_by("-concluded_at").values_list("next_on", flat=True).first()
    return due if moved is None else moved


def annual_reviews() -> QuerySet[AnnualReview]:
    """Return every yearly review, newest first."""
    return AnnualReview.objects.select_related("begun_by", "concluded_by").prefetch_related("recommendations__by")


def open_review() -> AnnualReview | None:
    """Return the yearly review that is going on, if there is one."""
    return annual_reviews().filter(concluded_at=None).first()
