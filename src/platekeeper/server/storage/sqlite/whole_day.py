"""A day's one file, made at once: of its hours when they are sealed, or of another store's day."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from platekeeper.server.storage.columns import ALL_COLUMNS
from platekeeper.server.storage.reads import Leaving
from platekeeper.server.storage.sqlite.engine import INDEXES, PENDING, SEALED, TABLE, VERSION


@contextmanager
def whole_day(file: Path) -> Iterator[sqlite3.Connection]:
    """Make a file that holds what is put into it in the block, indexes last; on disk when the block has ended."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=rwc", uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")  # synced as a whole below, before anybody may see it
        connection.executescript(f"{TABLE} {SEALED} PRAGMA user_version = {VERSION};")
        yield connection
        connection.executescript(INDEXES)
        connection.execute("PRAGMA journal_mode=WAL")
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_day(file: Path, reads: Iterable[Leaving], waiting: Iterable[Sequence[object]]) -> None:
    """Write the reads of a day as the file that a sealed day of SQLite has; those of steps are left out.

    `waiting`: batches that may lack their hits and their leaf: name, time of receipt, first and last number.
    """
    marks = ", ".join("?" * len(ALL_COLUMNS.split(", ")))
    with whole_day(file) as connection:
        connection.executescript(PENDING)
        connection.execute("BEGIN")
        connection.executemany(
            f"INSERT INTO read ({ALL_COLUMNS}) VALUES ({marks})", (each.values() for each in reads if not each.step)
        )
        connection.executemany("INSERT INTO pending (batch, received, first, last) VALUES (?, ?, ?, ?)", waiting)
        connection.execute("COMMIT")
