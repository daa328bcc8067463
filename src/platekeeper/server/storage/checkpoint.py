"""Checkpoint a SQLite file that several processes write, from one place (design section 4).

SQLite before 3.51.3 can lose a commit when a checkpoint meets a write. So one connection holds the write lock while a
second one moves the log into the file; nobody can write meanwhile, and readers go on. The
log is not cut here: whoever commits first after a whole checkpoint does that (`journal_size_limit`), under the write lock.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def checkpoint(path: Path) -> bool:
    """Move the write-ahead log of `path` into the file; return whether all of it was moved."""
    with (
        closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as guard,
        closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as mover,
    ):
        for connection in (guard, mover):
            connection.execute("PRAGMA wal_autocheckpoint=0")
        guard.execute("BEGIN IMMEDIATE")
        try:
            busy, in_log, moved = mover.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            guard.execute("ROLLBACK")
    return not busy and in_log == moved
