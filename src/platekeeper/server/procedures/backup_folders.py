"""The folders that backups lie in: which there are, and which of them can be worked in now (VI.m)."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from platekeeper.server.procedures.stores import backup_folders
from platekeeper.server.retention import lookups
from platekeeper.server.storage.backups import took_one
from platekeeper.server.storage.files import is_folder


def known_folders() -> list[Path]:
    """Return the folders that the schedule backs up into, then every other that ever took a backup."""
    return list(dict.fromkeys([*backup_folders(), *lookups.targets()]))


def is_within_reach(folder: Path) -> bool:
    """Say whether a backup folder can be worked in now; one on a disk that is not plugged in cannot.

    Its mount point may be there meanwhile, and even be written into: what took a backup is known by what that left.
    """
    if not is_folder(folder):
        return bool(folder == settings.HOME.backups)  # which its next run makes
    return took_one(folder) or not lookups.has_taken_backup(folder)
