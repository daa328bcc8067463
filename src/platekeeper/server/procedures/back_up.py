"""LPR data and records are backed up while the system runs (VI.m, IV.e)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.backups import NO_KEY, may_call_destroyed
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.backup_folders import is_within_reach, known_folders
from platekeeper.server.procedures.stores import backup_folders, named_in_settings, read_store, recovery_lock
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage import backups
from platekeeper.server.storage.backups import BackupDamaged, Lock, Piece
from platekeeper.server.storage.backups.databases import database_piece
from platekeeper.server.storage.backups.pieces import trees
from platekeeper.server.storage.backups.scratch import clear_left, is_in_use


class NotBackedUp(Exception):
    """Some folders took no backup, which is said of each with the reason; `made` are the others'."""

    def __init__(self, failed: dict[Path, Exception], made: list[Backup]) -> None:
        self.made = made
        super().__init__("\n".join(f"NOT backed up into {folder}: {error}" for folder, error in failed.items()))


def back_up_everywhere(
    *, at: datetime, by: Footing | None = None, folders: Sequence[Path] | None = None
) -> list[Backup]:
    """Back up into every folder within reach. One that fails keeps no other from its backup; then raises `NotBackedUp`."""
    demand_backup(by)
    made, failed = [], dict[Path, Exception]()
    for folder in filter(is_within_reach, backup_folders() if folders is None else folders):
        try:
            made.append(back_up(at=at, by=by, target=folder))
        except Exception as error:
            failed[folder] = error
    if failed:
        raise NotBackedUp(failed, made) from next(iter(failed.values()))
    return made


def back_up(*, at: datetime, by: Footing | None = None, target: Path | None = None) -> Backup:
    """Bring the backup in `target` up to date; logged before and after. A failure is recorded, then raised.

    So is whatever else cuts it off and lets us say so: an interrupt, or the end of the process.
    """
    lock = demand_backup(by)
    place = target or backup_folders()[0]
    policy, actor = in_force(at=at), by.actor if by else SYSTEM

    def log(action: Action, outcome: Outcome, **details: object) -> None:
        append(
            at=timezone.now() if action is not Action.BACKUP_BEGUN else at,
            by=actor,
            action=action,
            outcome=outcome,
            clause=Clause.VI_m,
            subject=f"backup:{record.pk}",
            details=details,
            policy=policy.stamp,
        )

    reached = _is_ready(place)  # a disk that hangs holds up this backup, and nobody who waits to write
    with transaction.atomic():
        record = changes.begin_backup(at=at, by=actor.person, target=str(place), reached=reached, policy=policy.stamp)
        log(Action.BACKUP_BEGUN, Outcome.BEGUN)
    home = settings.HOME
    try:
        report = backups.backup(
            reads=read_store(),
            records=[_records()],
            others=trees(
                [
                    home.hot_lists,
                    home.ledger_keys,
                    home.folder / "secrets.json",
                    home.field_keys,
                    home.identity,
                    home.destination_tokens,
                    home.recovery_lock,
                ]
            ),
            target=place,
            lock=lock,
            scratch=home.backup_scratch,
            stamp=at.strftime("%Y%m%dT%H%M%SZ"),
        )
    except BaseException as error:
        reason = str(error) or f"It was cut off ({type(error).__name__})."
        with transaction.atomic():
            changes.end_backup(record, at=None, failure=reason)
            log(Action.BACKUP_FAILED, Outcome.FAILED, reason=reason[:240])
        raise
    with transaction.atomic():
        changes.end_backup(record, at=timezone.now(), files=report.files, bytes=report.bytes)
        log(Action.BACKUP_COMPLETED, Outcome.DONE, files=report.files, bytes=report.bytes, copied=report.copied)
    return record


def demand_backup(by: Footing | None) -> Lock:
    """Return what encrypts a backup, where the person (None: the clock) may make one. Raises `RefusedAction`."""
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, "VI.m.keeper"), attempted=Action.BACKUP_BEGUN)
    lock = recovery_lock()
    if lock is None:
        if by is not None:
            by.demand(NO_KEY, attempted=Action.BACKUP_BEGUN)
        raise RefusedAction(NO_KEY)
    return lock


def is_under_way() -> bool:
    """Say whether a backup of this home is being made: another one would wait for it, for days where it takes days."""
    return is_in_use(settings.HOME.backup_scratch)


def forget_in_backups(day: date) -> list[Path]:
    """Make a disposed day unreadable in every backup (VI.k); return the folders where that was not possible.

    Those hold the day's key until the next disposal that reaches them, or their next run, which drops every day that is no
    longer stored. A folder that is away, damaged or full does not keep the disposal from going on.
    """
    for left in (settings.HOME.backup_scratch, settings.HOME.drill):
        clear_left(left)
    return [folder for folder in known_folders() if not _forgets(folder, day)]


def forget_left_in_backups() -> None:
    """Make the days unreadable that a backup was out of reach for when they were disposed of (VI.k)."""
    stored = set(read_store().days())  # a day may have begun anew since
    for folder in filter(is_within_reach, known_folders()):
        with suppress(OSError):  # one that cannot be looked into keeps no disposal from going on
            for day in lookups.disposed_among(backups.days_in(folder) - stored):
                _forgets(folder, day)


def record_destroyed(by: Footing, folder: Path, *, how: str) -> None:
    """Record that a backup folder is gone for good, and how: from then on no disposal looks for it (VI.m)."""
    how = how[:240]
    by.demand(
        has_duty(by.authority, by.policy, "VI.m.keeper"),
        may_call_destroyed(took_one=folder in lookups.targets(), within_reach=is_within_reach(folder), how=how),
        attempted=Action.BACKUP_DESTROYED,
    )
    with transaction.atomic():
        changes.end_folder(str(folder), how=how, at=by.at)
        append(
            at=by.at,
            by=by.actor,
            action=Action.BACKUP_DESTROYED,
            clause=Clause.VI_m,
            subject="backup",
            sealed={"folder": str(folder), "how": how},
            policy=by.policy.stamp,
        )


def _is_ready(place: Path) -> bool:
    """Make a folder ready before the record says so: what began in one is looked for there from then on."""
    try:
        backups.make_ready(place)
    except OSError:
        return False  # the run says why
    return True


def _forgets(folder: Path, day: date) -> bool:
    if not is_within_reach(folder):
        return folder not in lookups.targets()  # what never took a backup, or was destroyed, holds none of it
    try:
        if backups.took_one(folder):  # else nothing was ever put there
            backups.forget_day(folder, day)
    except (OSError, BackupDamaged):
        return False
    return True


def _records() -> Piece:
    if connection.vendor == "sqlite":
        return database_piece(Path(settings.DATABASES["default"]["NAME"]), settings.HOME.records.name)
    return Piece(settings.HOME.dump.name, "", _dump)


def _dump(place: Path) -> Path:
    """Dump PostgreSQL with its own tool, which takes one consistent snapshot. Reads are no records, and left out."""
    where = named_in_settings()
    password = where.pop("password", "")
    command = ["pg_dump", "--format=custom", "--no-comments", f"--exclude-schema={settings.LPR_SCHEMA}"]
    command += ["--file", str(place), "--dbname", make_conninfo(**where)]
    try:
        subprocess.run(
            command, check=True, env={**os.environ, "PGPASSWORD": password}, stderr=subprocess.PIPE, text=True
        )
    except FileNotFoundError as missing:
        raise OSError("pg_dump is not on this machine: install postgresql-client, as new as the database.") from missing
    except subprocess.CalledProcessError as failed:
        raise OSError(f"The records could not be dumped. {failed.stderr.strip()}") from failed
    return place
