"""Backups are proved: each week every file of them is checked, and people with shares restore one and compare (VI.m)."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import tree_root
from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.backup_folders import is_within_reach
from platekeeper.server.procedures.stores import backup_folders, read_store, reads_left_behind, recovery_lock
from platekeeper.server.retention import changes
from platekeeper.server.retention.lookups import newest_backup
from platekeeper.server.retention.models import Drill
from platekeeper.server.storage import backups
from platekeeper.server.storage.backups import BackupDamaged, RecoveryKey, unencrypted
from platekeeper.server.storage.backups.databases import leaf_hashes, leaf_hashes_of_dump
from platekeeper.server.storage.backups.scratch import emptied
from platekeeper.server.storage.home import Home


def check_backups(*, at: datetime) -> list[Drill]:
    """Check the files of every backup within reach, as far as that goes without the recovery key.

    Each call takes the records, the rest, and the days that fall on the weekday of `at`: in a week, every file.
    """
    lock, done, week = recovery_lock(), [], at.weekday()
    for folder in filter(is_within_reach, backup_folders()):
        # not one whose first run is under way
        if lock and backups.copies_in(folder) and newest_backup(into=folder, at=at):
            problems = backups.verify(folder, lock, days=lambda day: day.weekday() == week)
            said = (
                "; ".join(problems[:3]) or f"records, and the days that were a {at:%A}: every file is as it was written"
            )
            done.append(_record(Drill.Kind.CHECK, at=at, target=folder, passed=not problems, said=said))
    return done


def drill_restore(key: RecoveryKey, *, at: datetime, target: Path) -> Drill:
    """Restore the records and a day of a backup into a folder that is removed again, and compare with the department."""
    with emptied(settings.HOME.drill):
        try:
            wrong, seen = _compared(key, target, settings.HOME.drill / "home")
        except BackupDamaged as damaged:
            wrong, seen = damaged.problems, ""
    said = "; ".join(wrong[:3]) or seen
    return _record(Drill.Kind.RESTORE, at=at, target=target, passed=not wrong, said=said)


def facts(*, leaves: int | None = None) -> list[str]:
    """Say what the department holds: to be compared with what it held, or with a checkpoint of so many leaves."""
    store = read_store()
    counts = [sum(store.count(day).values()) for day in store.days()]
    hashes = [bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf_hash", flat=True)[:leaves]]
    root = base64.b64encode(tree_root(hashes)).decode()
    return [f"{sum(counts)} reads of {len(counts)} days", f"{len(hashes)} leaves of the ledger, root {root}"]


def remove_unencrypted(*, at: datetime, by: Footing | None = None) -> int:
    """Remove the unencrypted backups of earlier versions where an encrypted one lies beside; return how many files."""
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, "VI.m.keeper"), attempted=Action.BACKUP_REMOVED)
    unwanted = [folder for folder in unencrypted_backups() if _is_whole(folder)]
    if not unwanted:
        return 0
    begun = _log_removal(Outcome.BEGUN, {"folders": len(unwanted)}, at=at, by=by)
    removed = sum(map(unencrypted.remove, unwanted))
    _log_removal(Outcome.DONE, {"begun": begun.pk, "files": removed}, at=at, by=by)
    return removed


def _log_removal(outcome: Outcome, details: dict[str, Any], *, at: datetime, by: Footing | None) -> LedgerEntry:
    with transaction.atomic():
        return append(
            at=at,
            by=by.actor if by else SYSTEM,
            action=Action.BACKUP_REMOVED,
            outcome=outcome,
            clause=Clause.VI_m,
            subject="backup",
            details=details,
            policy=in_force(at=at).stamp,
        )


def unencrypted_backups() -> list[Path]:
    """Return the folders where a backup of an earlier version lies, which was not encrypted."""
    return [folder for folder in backup_folders() if unencrypted.is_there(folder)]


def _is_whole(folder: Path) -> bool:
    """Say whether an encrypted backup lies there."""
    lock = recovery_lock()
    try:
        return lock is not None and bool(backups.stamp_of(folder, lock))
    except BackupDamaged:
        return False


def _compared(key: RecoveryKey, target: Path, home: Path) -> tuple[list[str], str]:
    """Return what differs, and what was seen. The day is the newest that was over when it was backed up."""
    stamp = datetime.strptime(backups.stamp_of(target, key.lock), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    days = backups.days_of(target, key.lock)
    day = max([each for each in days if each < stamp.date()] or days, default=None)
    backups.restore(target, home, key, rooms={"records", *([day.isoformat()] if day is not None else [])})
    wrong, seen = _records_compared(home)
    if day is not None:
        restored, stored = reads_left_behind(Home(home)).count(day), read_store().count(day)
        if not restored or any(count > stored.get(lpr, 0) for lpr, count in restored.items()):
            wrong.append(f"{day}: {sum(restored.values())} reads restored, {sum(stored.values())} stored")
        seen = f"{seen}; {sum(restored.values())} of {sum(stored.values())} reads of {day}"
    return wrong, f"backup of {stamp:%Y-%m-%d %H:%M}Z: {seen}"


def _records_compared(home: Path) -> tuple[list[str], str]:
    dump = Home(home).dump
    try:
        leaves = leaf_hashes_of_dump(dump) if dump.exists() else leaf_hashes(Home(home).records)
    except subprocess.CalledProcessError:
        return ["pg_restore cannot read the dump"], ""
    ours = [bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf_hash", flat=True)[: len(leaves)]]
    same = tree_root(leaves) == tree_root(ours)
    return ([] if same else ["the ledger's root is another"]), f"{len(leaves)} leaves with the ledger's root"


def _record(kind: Drill.Kind, *, at: datetime, target: Path, passed: bool, said: str) -> Drill:
    policy = in_force(at=at)
    with transaction.atomic():
        drill = changes.add_drill(
            kind, at=at, by=SYSTEM.person, target=str(target), passed=passed, said=said, policy=policy.stamp
        )
        append(
            at=timezone.now(),
            by=SYSTEM,
            action=Action.BACKUP_DRILLED,
            outcome=Outcome.DONE if passed else Outcome.FAILED,
            clause=Clause.VI_m,
            subject=f"drill:{drill.pk}",
            details={"kind": kind.value, "said": said[:240]},
            policy=policy.stamp,
        )
    return drill
