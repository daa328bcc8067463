"""Read disposals, directives and backups."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from platekeeper.core.policy import Policy
from platekeeper.server.retention.models import Backup, Directive, Disposal, Proposal


def disposals() -> QuerySet[Disposal]:
    """Return every disposal, the newest day first."""
    return Disposal.objects.all()


def unfinished_disposals() -> QuerySet[Disposal]:
    """Return disposals that were begun and cut off."""
    return Disposal.objects.filter(completed_at=None).order_by("day")


def proposals() -> QuerySet[Proposal]:
    """Return every proposal of a disposal, the newest first."""
    return Proposal.objects.select_related("proposed_by", "approved_by", "refused_by")


def standing_proposal() -> Proposal | None:
    """Return the proposal that nobody has decided yet."""
    return proposals().filter(approved_at=None, refused_at=None).first()


def approved_proposals() -> QuerySet[Proposal]:
    """Return what was approved and has not all gone yet, the oldest first."""
    return proposals().filter(approved_at__isnull=False, completed_at=None).order_by("pk")


def unsigned_disposals() -> QuerySet[Disposal]:
    """Return disposals whose certificate is not signed yet."""
    return Disposal.objects.filter(note="").exclude(certificate="").order_by("pk")


def directives() -> QuerySet[Directive]:
    """Return every directive, the newest first."""
    return Directive.objects.select_related("case", "given_by", "ended_by")


def standing_directives(*, today: date) -> QuerySet[Directive]:
    """Return the directives that stand on a day: not ended, not over, and of a case that still keeps its records."""
    return directives().filter(ended_at=None, kept_until__gte=today, case__ended_at=None)


def backups() -> QuerySet[Backup]:
    """Return every backup, newest first."""
    return Backup.objects.all()


def newest_backup() -> Backup | None:
    """Return the newest backup that is whole."""
    return Backup.objects.exclude(completed_at=None).first()


def is_backup_due(policy: Policy, *, at: datetime) -> bool:
    """Say whether the policy's interval since the last whole backup has passed; not while it is unfilled (VI.m)."""
    if not policy.needs("VI.m.every"):
        return False
    every, newest = policy.period("VI.m.every"), newest_backup()
    return every is not None and (newest is None or at - newest.begun_at >= every)
