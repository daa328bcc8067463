"""Backups of earlier versions, not encrypted: kept from outliving a disposed day, and removed on request."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path, PurePosixPath

from platekeeper.server.storage.files import is_folder, sync_folder

_MANIFEST = "MANIFEST.json"


def is_there(target: Path) -> bool:
    """Say whether a folder holds an unencrypted backup."""
    return is_folder(target) and (target / _MANIFEST).is_file()


def forget_day(target: Path, day: date) -> None:
    """Remove a disposed day's files."""
    left = target / "lpr-data" / day.isoformat()
    if is_there(target) and left.exists():
        shutil.rmtree(left)
        sync_folder(left.parent)


def remove(target: Path) -> int:
    """Remove an unencrypted backup, the files that it names and nothing else; return how many."""
    told = json.loads((target / _MANIFEST).read_bytes())
    names = [PurePosixPath(line["stored"]) for line in told["files"].values()]
    gone = 0
    for name in names:
        if not name.is_absolute() and ".." not in name.parts and (target / name).is_file():
            (target / name).unlink()
            gone += 1
    for folder in {target / parent for name in names for parent in name.parents if parent.parts}:
        _remove_if_empty(folder)
    (target / _MANIFEST).unlink()
    sync_folder(target)
    return gone


def _remove_if_empty(folder: Path) -> None:
    for each in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True) if folder.is_dir() else []:
        if not any(each.iterdir()):
            each.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
