"""Read disposals and backups."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from platekeeper.core.policy import Policy
from platekeeper.server.retention.models import Backup, Disposal


def disposals() -> QuerySet[Disposal]:
    """Return every disposal, the newest day first."""
    return Disposal.objects.all()


def unfinished_disposals() -> QuerySet[Disposal]:
    """Return disposals that were begun and cut off."""
    return Disposal.objects.filter(completed_at=None).order_by("day")


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
