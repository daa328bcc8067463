"""LPR data and records are backed up while the system runs (VI.m, IV.e)."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.retention import changes
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage.backup import backup


def back_up(*, at: datetime, by: Footing | None = None, target: Path | None = None) -> Backup:
    """Bring the backup in `target` up to date; logged before and after. A failure is recorded, then raised."""
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, "VI.m.keeper"), attempted=Action.BACKUP_BEGUN)
    place = target or settings.HOME.backups
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

    with transaction.atomic():
        record = changes.begin_backup(at=at, by=actor.person, target=str(place), policy=policy.stamp)
        log(Action.BACKUP_BEGUN, Outcome.BEGUN)
    on_sqlite = connection.vendor == "sqlite"
    try:
        report = backup(
            records=Path(settings.DATABASES["default"]["NAME"]) if on_sqlite else None,
            dump=None if on_sqlite else _dump,
            lpr_data=settings.HOME.lpr_data,
            others=[settings.HOME.hot_lists, settings.HOME.folder / "secrets.json"],
            target=place,
            stamp=at.strftime("%Y%m%dT%H%M%SZ"),
        )
    except Exception as error:
        with transaction.atomic():
            changes.end_backup(record, at=None, failure=str(error))
            log(Action.BACKUP_FAILED, Outcome.FAILED, reason=str(error)[:240])
        raise
    with transaction.atomic():
        changes.end_backup(record, at=timezone.now(), files=report.files, bytes=report.bytes)
        log(Action.BACKUP_COMPLETED, Outcome.DONE, files=report.files, bytes=report.bytes, copied=report.copied)
    return record


def _dump(place: Path) -> None:
    """Dump PostgreSQL with its own tool, which takes one consistent snapshot."""
    database = connection.settings_dict
    command = ["pg_dump", "--format=custom", "--file", str(place), "--dbname", str(database["NAME"])]
    for option, name in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if database[name]:
            command += [option, str(database[name])]
    subprocess.run(command, check=True, env={**os.environ, "PGPASSWORD": str(database["PASSWORD"])})
