"""The stores that procedures use. Nothing else chooses an engine: what stands above knows `storage.reads` alone."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from platekeeper.server.storage.backups.recovery import Lock, kept_lock
from platekeeper.server.storage.databases import KEYWORDS
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.postgres.store import PostgresReads
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.sqlite.store import SqliteReads


def lpr_data() -> Path:
    """Return the folder of the reads and their images, for who weighs it."""
    folder: Path = settings.HOME.lpr_data
    return folder


def read_store() -> ReadStore:
    """Return the store of reads, beside the records; cheap to ask for."""
    return reads_in_database() if connection.vendor == "postgresql" else SqliteReads(lpr_data())


def reads_in_database(url: str = "") -> PostgresReads:
    """Return the store in the PostgreSQL database of the records, or that a URL names; its images lie in the home."""
    return PostgresReads(conninfo_to_dict(url) if url else named_in_settings(), lpr_data(), schema=settings.LPR_SCHEMA)


def named_in_settings() -> dict[str, str]:
    """Return what names the PostgreSQL database of the records, by libpq's keywords."""
    given = connection.settings_dict
    return {**given["OPTIONS"], **{keyword: str(given[key]) for keyword, key in KEYWORDS.items() if given[key]}}


def reads_left_behind(home: Home) -> SqliteReads:
    """Return the store in a home's files: one that a department moves away from, or that was restored."""
    return SqliteReads(home.lpr_data)


def backup_folders() -> list[Path]:
    """Return the folders that the schedule backs up into: those that IT names, else the one in the home."""
    return list(settings.BACKUP_FOLDERS) or [settings.HOME.backups]


def recovery_lock() -> Lock | None:
    """Return what the server keeps of the recovery key in use; None before one was made and proved."""
    return kept_lock(settings.HOME.recovery_lock)
