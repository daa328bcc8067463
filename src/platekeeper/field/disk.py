"""The unit's disk: how a file of rows on it is opened, and what is said once it takes no more."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT_FREE = 64 << 20
"""Bytes that reads leave free: to hand them over, to erase what the department has and to answer on the page takes
some room too, and a disk filled to its last byte could never be emptied again."""
FULL = (
    "The disk is full, so nothing more is taken down. Send or export what waits; what the department has is erased then. If "
    "something else fills the disk, remove that. The unit goes on by itself once there is room."
)
_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_FULL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class SpoolFull(Exception):
    """The disk takes no more; the message says what to do. What was on it before is there still."""

    def __init__(self) -> None:
        super().__init__(FULL)


@contextmanager
def full_named() -> Iterator[None]:
    """Raise `SpoolFull` for what means in a block that the disk takes no more."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _FULL_CODES:
            raise
        raise SpoolFull from error
    except OSError as error:
        if error.errno not in _FULL_NUMBERS:
            raise
        raise SpoolFull from error


def has_room(folder: Path) -> bool:
    """Say whether the disk has room for reads."""
    return shutil.disk_usage(folder).free >= KEPT_FREE


def open_rows(place: Path) -> sqlite3.Connection:
    """Open a file of rows, made if there is none; a commit is on disk, and what is erased is overwritten.

    Opening one that is there writes nothing, so it can be looked at on a full disk. Raises `SpoolFull`.
    """
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = sqlite3.connect(place, isolation_level=None, timeout=60)
    try:
        with full_named():
            if not rows.execute("PRAGMA page_count").fetchone()[0]:
                rows.execute("PRAGMA auto_vacuum = INCREMENTAL")
            for setting in ("journal_mode = TRUNCATE", "synchronous = FULL", "secure_delete = ON"):
                rows.execute(f"PRAGMA {setting}")
    except BaseException:
        rows.close()
        raise
    return rows
