"""The only writer of disposals, backups, recovery keys and drills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from platekeeper.server.retention.models import Backup, Disposal, Drill, RecoveryKey


def begin_disposal(*, day: date, at: datetime, policy: tuple[int, str]) -> Disposal:
    """Record the intent to dispose of a day."""
    return Disposal.objects.create(day=day, begun_at=at, policy_number=policy[0], policy_digest=policy[1])


def complete_disposal(
    disposal: Disposal, *, at: datetime, counts: dict[int, int], digest: str, bytes_freed: int
) -> None:
    """Record what a disposal removed."""
    disposal.completed_at, disposal.digest, disposal.bytes_freed = at, digest, bytes_freed
    disposal.counts = {str(lpr): count for lpr, count in counts.items()}
    disposal.save(update_fields=["completed_at", "digest", "bytes_freed", "counts"])


def begin_backup(*, at: datetime, by: int, target: str, policy: tuple[int, str]) -> Backup:
    """Record that a backup begins."""
    return Backup.objects.create(begun_at=at, by=by, target=target, policy_number=policy[0], policy_digest=policy[1])


def end_backup(backup: Backup, *, at: datetime | None, files: int = 0, bytes: int = 0, failure: str = "") -> None:
    """Record how a backup ended; a failed one has no end time."""
    backup.completed_at, backup.files, backup.bytes, backup.failure = at, files, bytes, failure[:240]
    backup.save(update_fields=["completed_at", "files", "bytes", "failure"])


def add_recovery_key(
    *, fingerprint: str, at: datetime, by: int, needed: int, holders: Sequence[str], policy: tuple[int, str]
) -> RecoveryKey:
    """Record that a recovery key was made, and who holds its shares."""
    return RecoveryKey.objects.create(
        fingerprint=fingerprint, made_at=at, by=by, needed=needed, holders=list(holders),
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def add_drill(
    kind: Drill.Kind, *, at: datetime, by: int, target: str = "", passed: bool, said: str, policy: tuple[int, str]
) -> Drill:
    """Record how a drill ended."""
    return Drill.objects.create(
        kind=kind, at=at, by=by, target=target[:240], passed=passed, said=said[:240],
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip
