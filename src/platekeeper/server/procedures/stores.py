"""The stores that procedures use, found under the department's home."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from platekeeper.server.storage.backups.recovery import Lock, kept_lock
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.sqlite.store import SqliteReads


def lpr_data() -> Path:
    """Return the folder of the reads and their images, for who weighs it."""
    folder: Path = settings.HOME.lpr_data
    return folder


def read_store() -> ReadStore:
    """Return the store of reads; cheap, and it keeps no file open."""
    return SqliteReads(lpr_data())


def reads_left_behind(home: Home) -> ReadStore:
    """Return the store in a home's files: one that a department moves away from, or that was restored."""
    return SqliteReads(home.lpr_data)


def backup_folders() -> list[Path]:
    """Return the folders that the schedule backs up into: those that IT names, else the one in the home."""
    return list(settings.BACKUP_FOLDERS) or [settings.HOME.backups]


def is_within_reach(folder: Path) -> bool:
    """Say whether a backup folder can take a backup now; one on a disk that is not plugged in cannot."""
    return folder == settings.HOME.backups or folder.is_dir()


def recovery_lock() -> Lock | None:
    """Return what the server keeps of the recovery key in use; None before one was made and proved."""
    return kept_lock(settings.HOME.recovery_lock)
