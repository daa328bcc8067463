"""The facts that the health of the system is judged by, gathered; `core.rules.health` judges."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db import connection

from platekeeper.core.policy import Policy
from platekeeper.core.rules.health import AHEAD, BEHIND, Facts, Verdict, verdicts
from platekeeper.core.rules.retention import AGREED_WITHIN, kept_for, oldest_stored, waits_for_approval
from platekeeper.core.rules.upkeep import SCHEDULE_PATIENCE
from platekeeper.core.rules.uploads import Standing
from platekeeper.server.equipment.models import LPR
from platekeeper.server.jobs.lookups import standing
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.stores import backup_folders, lpr_data, read_store
from platekeeper.server.reads.lookups import dead_letters, settled
from platekeeper.server.reads.models import ReadBatch
from platekeeper.server.reads.uploads import Upload, uploads
from platekeeper.server.retention.lookups import backups, newest_backup, pieces_before
from platekeeper.server.retention.models import Backup
from platekeeper.server.sharing.lookups import ending, late_transfers
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.room import bytes_a_day, log_size, room

_DAYS = 3
_BATCHES = 1000
_COMPLETED_WITHIN = timedelta(minutes=2)
"""In which a batch that was stored has its hits, or was tried once more."""


def health(*, at: datetime) -> list[Verdict]:
    """Return how the system is, a verdict a line."""
    return verdicts(facts(at=at))


def facts(*, at: datetime) -> Facts:
    """Gather what is looked at. Raises what the disk or the database raises."""
    policy = in_force(at=at)
    store, waits = read_store(), waits_for_approval(policy)
    days = store.days()
    free, total = room(settings.HOME.folder)
    each_upload = uploads(policy, at=at)
    jobs, letters, last_run, backup = standing(at=at), dead_letters(), backups(at=at).first(), _least_recent_copy(at)
    received = list(ReadBatch.objects.order_by("-pk").values_list("received_at", flat=True)[:_BATCHES])
    engine, version = _engine()
    return Facts(
        at=at,
        disk_free=free,
        disk_total=total,
        growth_a_day=bytes_a_day(lpr_data(), [day for day in days if day < _utc_day(at)][-_DAYS:]),
        days_stored=len(days),
        ceiling=kept_for(policy),
        log_size=log_size(Path(settings.DATABASES["default"]["NAME"])) if engine == "sqlite" else None,
        engine=engine,
        version=version,
        archives=engine == "postgresql" and _setting("archive_mode") != "off",
        oldest_day=min(days, default=None),
        reads_over=_is_over(policy, at=at - (AGREED_WITHIN if waits else SCHEDULE_PATIENCE), store=store),
        reads_waiting=waits and _is_over(policy, at=at - SCHEDULE_PATIENCE, store=store),
        backup_at=backup.begun_at if backup else None,
        backup_failed=bool(last_run and last_run.failure),
        backup_every=policy.said_period("VI.m.every"),
        reads_since=ReadBatch.objects.order_by("received_at").values_list("received_at", flat=True).first(),
        last_batch=received[0] if received else None,
        transfer_every=policy.said_period("VI.i.every"),
        batches_incomplete=_incomplete(at=at),
        clock_steps=_steps(received),
        future_days=sum(day > _utc_day(at) + timedelta(days=1) for day in days),
        lprs_ahead=[each.lpr.name for each in each_upload if each.lag is not None and each.lag < -AHEAD],
        lprs_behind=[each.lpr.name for each in each_upload if _is_behind(each, policy)],
        uploads_overdue=sum(each.standing == Standing.OVERDUE for each in each_upload),
        uploads_never=sum(each.standing == Standing.NEVER for each in each_upload),
        jobs_overdue=[str(each.job.label) for each in jobs if each.is_overdue],
        jobs_failed=[str(each.job.label) for each in jobs if each.ended_at and not each.succeeded],
        jobs_waiting=[str(each.job.label) for each in jobs if each.waits],
        transfers_late=len(late_transfers(at=at)),
        mous_ending=[f"{mou.title} on {mou.ends_on}" for mou in ending(today=at.astimezone(policy.zone).date())],
        letters_waiting=letters.count(),
        oldest_letter=letters.order_by("received_at").values_list("received_at", flat=True).first(),
    )


def _is_over(policy: Policy, *, at: datetime, store: ReadStore) -> bool:
    oldest = oldest_stored(policy, at=at)
    return oldest is not None and bool(pieces_before(oldest, of=store))


def _incomplete(*, at: datetime) -> int:
    """Return how many stored batches have neither hits nor leaf, though there was time for it."""
    latest = (at - _COMPLETED_WITHIN).timestamp() * 1e6
    waiting = [batch for batch, received in read_store().pending().items() if received < latest]
    return len(waiting) - len(settled(waiting))


def _least_recent_copy(at: datetime) -> Backup | None:
    """Return the newest backup of that folder of the schedule whose newest is the oldest; None where one has none."""
    made = [newest_backup(into=folder, at=at) for folder in backup_folders()]
    whole = [backup for backup in made if backup is not None]
    return min(whole, key=lambda backup: backup.begun_at) if len(whole) == len(made) else None


def _engine() -> tuple[str, tuple[int, ...]]:
    if connection.vendor == "sqlite":
        return "sqlite", sqlite3.sqlite_version_info
    number = int(_setting("server_version_num"))
    return "postgresql", (number // 10_000, number % 10_000)


def _setting(name: str) -> str:
    """Return a setting of PostgreSQL's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _steps(received: Sequence[datetime]) -> list[datetime]:
    """Return when batches, newest first, were received well before the one that came before them: the clock went back."""
    return [later for later, earlier in pairwise(received) if earlier - later > timedelta(seconds=AHEAD)]


def _is_behind(upload: Upload, policy: Policy) -> bool:
    """Say whether an LPR that sends live sent reads that lie back: its clock is slow, or its network holds them up."""
    lpr = upload.lpr
    usual = policy.text("V.b.method") == "network" or not lpr.in_field
    is_live = lpr.upload_way == LPR.Way.LIVE or (usual and not lpr.upload_way)
    return is_live and lpr.in_service and upload.lag is not None and upload.lag > BEHIND


def _utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()
