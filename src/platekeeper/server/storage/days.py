"""One UTC day of reads: a folder with a SQLite file and its image packs.

A day is made aside and renamed into place whole, and goes the same way, so nobody meets half a day. One connection
writes a file, so its own checkpoints are safe on every SQLite version; everybody else opens it for reading only.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.images import ImageRef
from platekeeper.server.storage.rows import ReadRow

VERSION = 1
MICROSECONDS_A_DAY = 86_400_000_000
DAYS_LOCK = "days.lock"  # held while a transaction runs, and while a day is made or taken away
_BUSY_SECONDS = 10.0
_CHECKPOINT_PAGES = 16_384  # 64 MB of 4 KB pages
_EPOCH = date(1970, 1, 1)
_DAY_NAME = re.compile(r"\d{4}-\d{2}-\d{2}")

ROW_COLUMNS = tuple(field.name for field in fields(ReadRow))
IMAGE_COLUMNS = ("image_offset", "image_length", "image_sha256", "image_type")

_SCHEMA = f"""
BEGIN;
CREATE TABLE read (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 8),
    lpr INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    clock TEXT NOT NULL CHECK (clock IN ('offset', 'zone', 'received')),
    zone TEXT NOT NULL,
    raw TEXT NOT NULL,
    plate TEXT,
    folded TEXT,
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
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    batch BLOB NOT NULL CHECK (length(batch) = 16),
    image_offset INTEGER,
    image_length INTEGER,
    image_sha256 TEXT,
    image_type TEXT,
    UNIQUE (id, digest)
) STRICT;
CREATE INDEX read_by_lpr ON read (lpr, at);
CREATE INDEX read_by_plate ON read (folded, at);
CREATE INDEX read_by_time ON read (at);
CREATE TABLE pending (
    batch BLOB PRIMARY KEY,
    received INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
PRAGMA user_version = {VERSION};
COMMIT;
"""


class DayMissing(Exception):
    """There is no such day, or no longer."""


def day_of(at: int) -> date:
    """Return the UTC day of a time in microseconds. Raises ValueError outside the calendar."""
    try:
        return _EPOCH + timedelta(days=at // MICROSECONDS_A_DAY)
    except OverflowError as outside:
        raise ValueError("That time is outside the calendar.") from outside


def start_of(day: date) -> int:
    """Return a day's first microsecond."""
    return (day - _EPOCH).days * MICROSECONDS_A_DAY


def days_in(store: Path) -> list[date]:
    """Return the days that are stored, oldest first."""
    if not store.is_dir():
        return []
    names = (entry.name for entry in os.scandir(store) if _DAY_NAME.fullmatch(entry.name))
    return sorted(date.fromisoformat(name) for name in names)


def day_folder(store: Path, day: date) -> Path:
    """Return a day's folder."""
    return store / day.isoformat()


def reads_file(folder: Path) -> Path:
    """Return the SQLite file within a day's folder."""
    return folder / "reads.sqlite3"


def images_folder(folder: Path) -> Path:
    """Return the place of the image packs within a day's folder."""
    return folder / "images"


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a day's file for one consistent reading. Raises `DayMissing`."""
    file = reads_file(folder)
    try:
        known = file.stat()
        connection = sqlite3.connect(_uri(file, "ro"), uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    except (FileNotFoundError, NotADirectoryError, sqlite3.OperationalError) as error:
        if file.exists():
            raise
        raise DayMissing(folder.name) from error
    with closing(connection):
        try:
            connection.execute("PRAGMA query_only=ON")
            connection.execute("BEGIN")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            # The file and its log are opened one after the other: they must still be of the same day.
            if not os.path.samestat(known, file.stat()):
                raise DayMissing(folder.name)
        except (
            FileNotFoundError,
            NotADirectoryError,
            sqlite3.OperationalError,
        ) as error:
            if file.exists():
                raise
            raise DayMissing(folder.name) from error
        if version != VERSION:
            raise _unknown_version(folder, version)
        yield connection


def open_for_writing(folder: Path) -> sqlite3.Connection:
    """Return the one writing connection of a day, making the day if it is new. Only the holder of `DAYS_LOCK` may."""
    if not folder.exists():
        _make(folder)
    else:
        _flush_log(folder)
    connection = _connect(reads_file(folder), mode="rw")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        connection.close()
        raise _unknown_version(folder, version)
    return connection


def row_from(values: tuple[object, ...]) -> tuple[ReadRow, ImageRef | None]:
    """Build a row and its image's place from `ROW_COLUMNS` followed by `IMAGE_COLUMNS`."""
    count = len(ROW_COLUMNS)
    row = ReadRow(*values[:count])  # type: ignore[arg-type]
    image = values[count : count + len(IMAGE_COLUMNS)]
    return row, None if image[0] is None else ImageRef(*image)  # type: ignore[arg-type]


def _uri(file: Path, mode: str) -> str:
    return f"file:{quote(str(file))}?mode={mode}"


def _connect(file: Path, *, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(file, mode),
        uri=True,
        isolation_level=None,
        timeout=_BUSY_SECONDS,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make(folder: Path) -> None:
    fresh = folder.with_name(f".new-{folder.name}")
    if fresh.exists():  # a crash while this day was being made
        shutil.rmtree(fresh)
    images_folder(fresh).mkdir(parents=True, mode=0o750)
    with closing(_connect(reads_file(fresh), mode="rwc")) as connection:
        connection.executescript(_SCHEMA)
    sync_folder(fresh)
    fresh.rename(folder)
    sync_folder(folder.parent)


def _flush_log(folder: Path) -> None:
    """Put on disk what a killed process had written without having synced it.

    Such rows are there to be seen, so a repeat of them is acknowledged as a duplicate: they must survive the power too.
    """
    log = folder / "reads.sqlite3-wal"
    if log.exists():
        handle = os.open(log, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(folder)


def _unknown_version(folder: Path, version: int) -> Exception:
    return RuntimeError(f"The reads of {folder.name} have version {version}; this program knows version {VERSION}.")
