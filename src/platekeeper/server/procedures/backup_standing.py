"""How the backups stand: what is due, what is out of reach, what is not as the policy says (VI.m)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platekeeper.core.policy import Policy
from platekeeper.core.rules.backups import copies_missing, is_restore_due
from platekeeper.server.procedures.backup_folders import is_within_reach, known_folders
from platekeeper.server.procedures.drill_backups import unencrypted_backups
from platekeeper.server.procedures.keep_recovery_key import key_in_use, key_waiting
from platekeeper.server.procedures.stores import backup_folders, recovery_lock
from platekeeper.server.retention import lookups
from platekeeper.server.retention.models import Backup, Drill, RecoveryKey


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with backups. `scheduled`: the schedule backs up into it; else somebody did so by hand.

    `took_one`: a backup lies in it, as far as anybody said.
    """

    folder: Path
    newest: Backup | None
    due_at: datetime | None
    is_due: bool
    within_reach: bool
    scheduled: bool
    took_one: bool


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """What the page and the reminders say of the backups."""

    folders: list[Folder]
    key: RecoveryKey | None
    key_waits: RecoveryKey | None
    has_key: bool
    copies_missing: int
    unencrypted: list[Path]
    drills: list[Drill]
    restore_due: bool

    @property
    def due(self) -> int:
        """Return how many of the schedule's folders are due a backup."""
        return sum(each.is_due for each in self.folders)


def backup_standing(policy: Policy, *, at: datetime) -> BackupStanding:
    """Return how the backups stand at `at`."""
    scheduled, took_one = backup_folders(), lookups.targets()
    due = lookups.backups_due(policy, at=at, folders=scheduled)
    drills, first = lookups.drills(), lookups.backups().filter(destroyed="").exclude(completed_at=None).last()
    restored = drills.filter(kind=Drill.Kind.RESTORE, passed=True).first()
    return BackupStanding(
        folders=[
            Folder(
                folder=each,
                newest=lookups.newest_backup(into=each, at=at),
                due_at=lookups.due_at(policy, into=each, at=at),
                is_due=each in due,
                within_reach=is_within_reach(each),
                scheduled=each in scheduled,
                took_one=each in took_one,
            )
            for each in known_folders()
        ],
        key=key_in_use(),
        key_waits=key_waiting(),
        has_key=recovery_lock() is not None,
        copies_missing=copies_missing(policy, folders=len(scheduled)),
        unencrypted=unencrypted_backups(),
        drills=list(drills[:5]),
        restore_due=is_restore_due(restored.at if restored else None, since=first.begun_at if first else None, at=at),
    )
