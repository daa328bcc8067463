"""Everything that works in a home holds one lock together, so that a move or an upgrade can wait until nobody does."""

from __future__ import annotations

from platekeeper.server.storage.home import Home
from platekeeper.server.storage.locks import LockFile

_held: list[LockFile] = []  # until the process ends; a child that inherits the handle holds it on


def work_in(home: Home) -> None:
    """Hold the home's lock from now on, where there is a department. Raises `LockTaken` while it moves."""
    if home.is_founded and not _held:  # one that is yet to be filled stays empty
        _held.append(LockFile(home.running_lock, wait=False, shared=True))


def handles() -> list[int]:
    """Return what child processes inherit: they work in the home as long as they live."""
    return [lock.handle for lock in _held]
