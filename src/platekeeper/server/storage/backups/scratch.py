"""Folders of the home for what is not encrypted for a while: a file on its way into a backup, or what a drill restores."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platekeeper.server.storage.locks import LockFile, LockTaken, held


@contextmanager
def emptied(place: Path) -> Iterator[None]:
    """Have the folder to oneself, waiting for it; it is new at first, and gone afterwards."""
    with held(_lock(place)):
        _clear(place)
        place.mkdir(parents=True, mode=0o700)
        try:
            yield
        finally:
            _clear(place)


def is_in_use(place: Path) -> bool:
    """Say whether somebody has the folder to themselves now."""
    try:
        LockFile(_lock(place), wait=False).release()
    except LockTaken:
        return True
    except FileNotFoundError:
        return False
    return False


def clear_left(place: Path) -> None:
    """Remove what somebody who was cut short left there; whoever is at work clears up after themselves."""
    with suppress(LockTaken, FileNotFoundError):
        lock = LockFile(_lock(place), wait=False)
        try:
            _clear(place)
        finally:
            lock.release()


def _lock(place: Path) -> Path:
    return place.with_name(f"{place.name}.lock")


def _clear(place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
