"""The SQLite files of reads: their table, and how they are opened for writing and for reading.

Every file has one writing connection, so its own checkpoints are safe on every SQLite version; everybody else opens it
for reading only. Acknowledged means synced: WAL with synchronous=FULL. The log is reused, not truncated, while it is
written: growing it anew each time costs a third of the speed.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from platekeeper.core.formats.reads import FINAL
from platekeeper.server.storage.files import sync_folder

VERSION = 2
_OLD_DAY = 1  # a whole day in one file, written by an earlier version of this program: read as a sealed day
_BUSY_SECONDS = 10.0
_CHECKPOINT_PAGES = 16_384  # 64 MB of 4 KB pages

TABLE = """
CREATE TABLE read (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 8),
    lpr INTEGER NOT NULL,
    at INTEGER NOT NULL CHECK (at >= 0),
    received INTEGER NOT NULL,
    clock TEXT NOT NULL CHECK (clock IN ('offset', 'zone', 'received')),
    zone TEXT NOT NULL,
    raw TEXT NOT NULL,
    plate TEXT,
    folded TEXT CHECK ((folded IS NULL) = (plate IS NULL)),
    state TEXT,
    state_confidence REAL,
    confidence REAL,
    candidates TEXT NOT NULL,
    vehicle TEXT NOT NULL,
    direction TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    event TEXT NOT NULL,
    retention TEXT NOT NULL,
    stage INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    batch BLOB NOT NULL CHECK (length(batch) = 16),
    image_offset INTEGER,
    image_length INTEGER,
    image_sha256 TEXT,
    image_type TEXT
) STRICT;
"""
"""`number` is the place in the order of arrival, over all files: microseconds of receipt, moved on where two would meet."""

INDEXES = """
CREATE UNIQUE INDEX read_once ON read (lpr, at, id, digest);
CREATE INDEX read_by_plate ON read (folded, at);
CREATE INDEX read_by_time ON read (at);
"""
"""`read_once` keeps repeats out and finds by LPR and time. It begins with what grows: an index by id alone, whose
entries fall all over it, would cost a quarter of the speed."""

PENDING = """
CREATE TABLE pending (
    batch BLOB PRIMARY KEY,
    received INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
"""

SEALED = "CREATE TABLE IF NOT EXISTS sealed (hour TEXT PRIMARY KEY) STRICT;"
"""The names of the hour files whose reads a sealed file holds; readers pass such an hour file over if it is still there."""


class ReadsUnknown(RuntimeError):
    """A file of reads has a version that this program does not know."""


def make_hour(file: Path) -> None:
    """Make an empty hour file, whole and on disk on return."""
    fresh = file.with_name(f".new-{file.name}")
    fresh.unlink(missing_ok=True)
    with closing(_connect(fresh, mode="rwc")) as connection:
        connection.executescript(f"BEGIN; {TABLE} {INDEXES} {PENDING} PRAGMA user_version = {VERSION}; COMMIT;")
    fresh.rename(file)
    sync_folder(file.parent)


def open_for_writing(file: Path) -> sqlite3.Connection:
    """Return the one writing connection of a file. Raises `ReadsUnknown`."""
    _flush_log(file)
    connection = _connect(file, mode="rw")
    try:
        if check_version(connection, file) == _OLD_DAY and not _has_stages(connection):
            connection.execute(f"ALTER TABLE read ADD COLUMN stage INTEGER NOT NULL DEFAULT {FINAL}")
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(file: Path) -> sqlite3.Connection | None:
    """Return a connection at one moment of a file, whoever writes it; None where there is no such file (any more).

    It may be handed from thread to thread.
    """
    try:
        known = file.stat()
        connection = sqlite3.connect(
            _uri(file, "ro"), uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except sqlite3.OperationalError:
        if file.exists():
            raise
        return None
    try:
        if not _has_stages(connection):
            connection.execute(f"CREATE TEMP VIEW read AS SELECT *, {FINAL} AS stage FROM main.read")
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # The file and its log are opened one after the other: they must still be each other's.
        if os.path.samestat(known, file.stat()):
            check_version(connection, file)
            return connection
    except (FileNotFoundError, NotADirectoryError):
        pass
    except sqlite3.OperationalError:
        if file.exists():
            connection.close()
            raise
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def check_version(connection: sqlite3.Connection, file: Path) -> int:
    """Return the version of an open file. Raises `ReadsUnknown`."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version not in {_OLD_DAY, VERSION}:
        raise ReadsUnknown(
            f"The reads of {file.parent.name} have version {version}; this program knows version {VERSION}."
        )
    return version


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Say whether a file has a table: hour files and old days have `pending`, sealed files have `sealed`."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _has_stages(connection: sqlite3.Connection) -> bool:
    """Say whether a file tells stages; what an earlier version of this program wrote were final reads, as far as it knew."""
    return any(column[1] == "stage" for column in connection.execute("PRAGMA main.table_info(read)"))


def _uri(file: Path, mode: str) -> str:
    return f"file:{quote(str(file))}?mode={mode}"


def _connect(file: Path, *, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(file, mode), uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _flush_log(file: Path) -> None:
    """Put on disk what a killed process had written without having synced it.

    Such rows are there to be seen, so a repeat of them is acknowledged as a duplicate: they must survive the power too.
    """
    log = file.with_name(f"{file.name}-wal")
    if log.exists():
        handle = os.open(log, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(file.parent)
