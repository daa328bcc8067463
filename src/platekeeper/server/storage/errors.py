"""When the disk does not take any more, and when a search takes too long."""

from __future__ import annotations

import errno
import sqlite3

_FULL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# SQLite reports a quota or a size limit as a failed write.
_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})


class StoreFull(Exception):
    """The disk takes no more: nothing of this batch may be acknowledged; the sender repeats it later."""


class SearchTooWide(Exception):
    """A search took longer than it may, and was stopped; the message says what to do."""

    def __init__(self) -> None:
        super().__init__("This search takes too long. Ask for less: a shorter time, fewer LPRs, or more of the plate.")


def is_full(error: BaseException) -> bool:
    """Say whether an error means that the disk (or a quota) is full."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _FULL_CODES
    return isinstance(error, OSError) and error.errno in _FULL_NUMBERS
