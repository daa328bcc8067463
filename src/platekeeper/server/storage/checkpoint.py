"""Checkpoint a SQLite file that several processes write, from one place (design section 4).

SQLite before 3.51.3 can lose a commit when a checkpoint meets a write. So one connection holds the write lock while a
second one moves the log into the file; nobody can write meanwhile, and readers go on.

The log is used again from its beginning, since growing it anew costs a third of the speed. What was deleted can linger
in the rest of it, so after a disposal it is cut: by a commit of our own, which begins it anew, under the write lock.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def checkpoint(path: Path) -> bool:
    """Move the write-ahead log of `path` into the file; return whether all of it was moved."""
    with closing(_opened(path)) as guard, closing(_opened(path)) as mover:
        guard.execute("BEGIN IMMEDIATE")
        try:
            busy, in_log, moved = mover.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            guard.execute("ROLLBACK")
    return not busy and in_log == moved


def cut_log(path: Path) -> bool:
    """Move the log into the file and cut it, so that nothing deleted lingers there.

    Returns whether it was cut: not while somebody reads what is in it, nor if somebody wrote meanwhile.
    """
    with closing(_opened(path)) as writer:  # open beforehand, so that closing the others is not the last close
        if not checkpoint(path):
            return False
        writer.execute("PRAGMA journal_size_limit=0")
        before = _log(path).stat().st_size
        writer.execute("BEGIN IMMEDIATE")
        [version] = writer.execute("PRAGMA user_version").fetchone()
        writer.execute(f"PRAGMA user_version={version}")  # a commit of one page that changes nothing
        writer.execute("COMMIT")
        return _log(path).stat().st_size < before


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
