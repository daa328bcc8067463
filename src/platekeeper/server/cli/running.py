"""Everything that works in a home holds one lock together, so that a move or an upgrade can wait until nobody does."""

from __future__ import annotations

import os

from platekeeper.server.storage.databases import URL
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.locks import LockFile

_held: list[LockFile] = []  # until the process ends; a child that inherits the handle holds it on


def work_in(home: Home) -> None:
    """Hold the home's lock from now on, where there is a department. Raises `LockTaken` while it moves."""
    has_records = home.records.exists() or (bool(os.environ.get(URL)) and home.folder.exists())
    if has_records and not _held:
        _held.append(LockFile(home.running_lock, wait=False, shared=True))


def handles() -> list[int]:
    """Return what child processes inherit: they work in the home as long as they live."""
    return [lock.handle for lock in _held]
