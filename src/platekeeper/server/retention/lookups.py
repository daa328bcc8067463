"""Read disposals, directives, backups, recovery keys and drills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from django.db.models import Max, QuerySet

from platekeeper.core.moments import microseconds
from platekeeper.core.policy import Policy
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.retention.models import Backup, Directive, Disposal, Drill, Proposal, RecoveryKey


def disposals() -> QuerySet[Disposal]:
    """Return every disposal, the newest day first."""
    return Disposal.objects.all()


class Stored(Protocol):
    """What a store of reads is asked about its end."""

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""

    def count_until(self, moment: int) -> dict[int, int]:
        """Return the reads per LPR number that were stored in steps of the day of a moment that have ended by then."""


def pieces_before(moment: datetime, *, of: Stored) -> list[tuple[date, datetime | None]]:
    """Return the whole days (None) and the part of a day that a store holds from before a moment, oldest first."""
    day = moment.astimezone(UTC).date()
    pieces: list[tuple[date, datetime | None]] = [(each, None) for each in of.days() if each < day]
    return [*pieces, (day, moment)] if of.count_until(microseconds(moment)) else pieces


def unfinished_disposals() -> QuerySet[Disposal]:
    """Return disposals that were begun and cut off."""
    return Disposal.objects.filter(completed_at=None).order_by("day")


def disposed_among(days: Iterable[date]) -> set[date]:
    """Return which of the days were disposed of whole."""
    over = Disposal.objects.filter(kind=Disposal.Kind.READS, until=None, day__in=days).exclude(completed_at=None)
    return set(over.values_list("day", flat=True))


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


def named_until(case: CaseFile, *, today: date) -> date | None:
    """Return until when standing directives have what they name copied into a case and kept; None where none does."""
    found: date | None = standing_directives(today=today).filter(case=case).aggregate(last=Max("kept_until"))["last"]
    return found


def backups(*, at: datetime | None = None) -> QuerySet[Backup]:
    """Return every backup, newest first; with a moment none that was begun later, while the clock was wrong."""
    return Backup.objects.all() if at is None else Backup.objects.filter(begun_at__lte=at)


def newest_backup(*, into: Path, at: datetime) -> Backup | None:
    """Return the newest whole backup into a folder, as of a moment, that was not destroyed."""
    return backups(at=at).filter(target=str(into), destroyed="").exclude(completed_at=None).first()


def backups_due(policy: Policy, *, at: datetime, folders: Sequence[Path]) -> list[Path]:
    """Return the folders whose backup is as old as the policy lets one become; none while it is unfilled (VI.m)."""
    if policy.said_period("VI.m.every") is None:
        return []
    return [folder for folder in folders if (due := due_at(policy, into=folder, at=at)) is None or due <= at]


def due_at(policy: Policy, *, into: Path, at: datetime) -> datetime | None:
    """Return when the next backup into a folder is due; None before the first, or while the policy says nothing of it."""
    every = policy.said_period("VI.m.every")
    newest = newest_backup(into=into, at=at)
    return newest.begun_at + every if newest and every else None


def targets() -> list[Path]:
    """Return every folder that ever took a backup, or a part of one, but for those that were destroyed since."""
    there = Backup.objects.filter(reached=True, destroyed="")
    return [Path(target) for target in there.order_by("target").values_list("target", flat=True).distinct()]


def has_taken_backup(folder: Path) -> bool:
    """Say whether a folder took a backup, or a part of one, that was not destroyed."""
    return Backup.objects.filter(target=str(folder), reached=True, destroyed="").exists()


def recovery_keys() -> QuerySet[RecoveryKey]:
    """Return every recovery key that was made, newest first."""
    return RecoveryKey.objects.all()


def drills() -> QuerySet[Drill]:
    """Return every drill, newest first."""
    return Drill.objects.all()
