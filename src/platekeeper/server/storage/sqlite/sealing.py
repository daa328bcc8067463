"""Hours that are over become the day's one file (design, section 4), while the writer goes on.

The hand-over from the writer: sealing claims an hour file under `DAYS_LOCK`, which every append holds, so after that
nobody writes it. Its reads and its name are committed to the sealed file in one transaction; then the hour file goes,
then the claim. Killed anywhere in between, the next run sees by claim and name how far it was and goes on. The sealed
file has this one writer, which holds `DISPOSAL_LOCK` meanwhile: days are not taken away while they are sealed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from urllib.parse import quote

from platekeeper.server.storage.columns import ALL_COLUMNS
from platekeeper.server.storage.days import DayMissing, day_folder
from platekeeper.server.storage.files import sync_folder, write_durably
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.reads import Settled
from platekeeper.server.storage.sqlite.dictionaries import keep_dictionary
from platekeeper.server.storage.sqlite.engine import SEALED, open_for_reading, open_for_writing
from platekeeper.server.storage.sqlite.layout import (
    DAYS_LOCK,
    DISPOSAL_LOCK,
    HourFile,
    claims,
    days_in,
    hour_files,
    reads_file,
)
from platekeeper.server.storage.sqlite.reading import sealed_hours
from platekeeper.server.storage.sqlite.whole_day import whole_day


def seal(store: Path, *, before: date, settled: Settled) -> dict[date, int]:
    """Seal every hour file of the days before `before`; return how many hours went into each day's file.

    A file with a batch that is not settled yet stays claimed, and is sealed by a later run. Raises OSError or
    sqlite3.Error, leaving every read where it was or where it goes.
    """
    sealed: dict[date, int] = {}
    if not store.is_dir():
        return sealed
    with held(store / DISPOSAL_LOCK):
        for day in days_in(store):
            if day >= before:
                break
            with suppress(DayMissing):
                count = _seal_day(store, day_folder(store, day), settled)
                if count:
                    sealed[day] = count
        for day in days_in(store):
            if day < before:
                keep_dictionary(day_folder(store, day))
    return sealed


def _seal_day(store: Path, folder: Path, settled: Settled) -> int:
    hours = hour_files(folder)
    if not hours and not claims(folder):
        return 0
    with held(store / DAYS_LOCK):
        for hour in hours:
            if not hour.claim(folder).exists():
                write_durably(hour.claim(folder), b"")
        for left in folder.glob(".new-*"):  # what a crash left of a file being made
            if left.is_file():
                left.unlink()
    ready = [hour for hour in hours if not _unsettled(hour.file(folder), settled)]
    if ready and not reads_file(folder).exists():
        _make_sealed(folder, ready)
    elif ready:
        _add_to_sealed(folder, ready)
    for hour in claims(folder):
        if hour in ready or not hour.file(folder).exists():
            _remove(folder, hour)
    return len(ready)


def _unsettled(file: Path, settled: Settled) -> bool:
    connection = open_for_reading(file)
    if connection is None:
        return False
    with closing(connection):
        batches = [batch for (batch,) in connection.execute("SELECT batch FROM pending")]
    return bool(set(batches) - set(settled(batches)))


def _make_sealed(folder: Path, hours: Iterable[HourFile]) -> None:
    """Make the sealed file aside and let it appear whole."""
    fresh = folder / ".sealing.sqlite3"
    fresh.unlink(missing_ok=True)
    with whole_day(fresh) as connection:
        for hour in hours:
            _copy(connection, folder, hour)
    fresh.rename(reads_file(folder))
    sync_folder(folder)


def _add_to_sealed(folder: Path, hours: Iterable[HourFile]) -> None:
    """Add late hours to the sealed file, one transaction each; what is in it already is left alone."""
    with closing(open_for_writing(reads_file(folder))) as connection:
        connection.execute(SEALED)
        names = sealed_hours(connection)
        for hour in hours:
            if hour.name not in names:
                _copy(connection, folder, hour)


def _copy(connection: sqlite3.Connection, folder: Path, hour: HourFile) -> None:
    connection.execute("ATTACH ? AS hour", (f"file:{quote(str(hour.file(folder)))}?mode=ro",))
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"INSERT INTO main.read ({ALL_COLUMNS}) SELECT {ALL_COLUMNS} FROM hour.read ORDER BY number")
        connection.execute("INSERT INTO main.sealed (hour) VALUES (?)", (hour.name,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("DETACH hour")


def _remove(folder: Path, hour: HourFile) -> None:
    file = hour.file(folder)
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        path.unlink(missing_ok=True)
    sync_folder(folder)
    hour.claim(folder).unlink(missing_ok=True)
    sync_folder(folder)
