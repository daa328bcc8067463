"""When the disk takes no more or the database is away, and when a search takes too long."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_FULL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# SQLite reports a quota or a size limit as a failed write.
_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})

_BROKEN_NUMBERS = frozenset({errno.EIO, errno.EROFS})
_BROKEN_CODES = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN}
)
_PRIMARY = 0xFF  # of an extended result code, the part that names the kind of error
_DISK_FULL = "53100"  # PostgreSQL's
_IO_ERROR = "58030"
_AWAY = ("08", "57P")  # PostgreSQL's: the connection is lost, or the server goes down or comes up
_DEADLOCK = "40P01"
AWAY = "The database cannot be reached."


class StoreFull(Exception):
    """The disk takes no more: nothing of this batch may be acknowledged; the sender repeats it later."""


class SearchTooWide(Exception):
    """A search took longer than it may, and was stopped; the message says what to do."""

    def __init__(self) -> None:
        super().__init__("This search takes too long. Ask for less: a shorter time, fewer LPRs, or more of the plate.")


class SearchStopped(SearchTooWide):
    """A search was stopped by who asked for it."""

    def __init__(self) -> None:
        Exception.__init__(self, "You stopped this search.")


def is_full(error: BaseException) -> bool:
    """Say whether an error means that the disk (or a quota) is full."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _FULL_CODES
    if isinstance(error, OSError):
        return error.errno in _FULL_NUMBERS
    return getattr(error, "sqlstate", None) == _DISK_FULL


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Raise `StoreFull` for what means in a block that a disk is full."""
    try:
        yield
    except Exception as error:
        if is_full(error):
            raise StoreFull("The disk is full: no read of this batch is acknowledged.") from error
        raise


def storage_trouble(error: BaseException | None) -> str:
    """Return in a sentence what disk or database did to the records, "" where an error is about something else.

    Django wraps what the database raised; the cause tells.
    """
    cause = getattr(error, "__cause__", None) or error
    state = getattr(cause, "sqlstate", None)
    if _is_away(cause):
        return AWAY
    if cause is not None and is_full(cause):
        return "The disk is full."
    code = getattr(cause, "sqlite_errorcode", None)
    broken = code is not None and code & _PRIMARY in _BROKEN_CODES
    if broken or state == _IO_ERROR or (isinstance(cause, OSError) and cause.errno in _BROKEN_NUMBERS):
        return "The disk cannot be read or written."
    return ""


def others_in_the_way(error: BaseException) -> bool:
    """Say whether what was asked of the records waited for others in vain: asked again, it is done."""
    cause = error.__cause__ or error
    code = getattr(cause, "sqlite_errorcode", 0)
    return code & _PRIMARY == sqlite3.SQLITE_BUSY or getattr(cause, "sqlstate", None) == _DEADLOCK


def _is_away(cause: BaseException | None) -> bool:
    """Say whether PostgreSQL cannot be reached: not to connect to, or it ended the connection."""
    return isinstance(cause, psycopg.OperationalError) and (cause.sqlstate is None or cause.sqlstate.startswith(_AWAY))
