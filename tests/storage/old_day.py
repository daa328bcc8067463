"""A day as the first version of this program wrote it: one file, with its own indexes and numbers from 1."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from platekeeper.server.storage.columns import ROW_COLUMNS
from platekeeper.server.storage.rows import Incoming
from platekeeper.server.storage.sqlite.engine import TABLE

_INDEXES = """
CREATE UNIQUE INDEX read_once ON read (id, digest);
CREATE INDEX read_by_lpr ON read (lpr, at);
CREATE INDEX read_by_plate ON read (folded, at);
CREATE INDEX read_by_time ON read (at);
CREATE TABLE pending (
    batch BLOB PRIMARY KEY, received INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
"""


def make_old_day(store: Path, day: date, reads: Sequence[Incoming], *, pending: bytes) -> None:
    """Write a day of reads without images, one batch of it not settled."""
    folder = store / day.isoformat()
    (folder / "images").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "reads.sqlite3", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.executescript(TABLE.replace("    stage INTEGER NOT NULL,\n", "") + _INDEXES)
        columns = [name for name in ROW_COLUMNS if name != "stage"]
        statement = f"INSERT INTO read ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        file.executemany(statement, [[getattr(read.row, name) for name in columns] for read in reads])
        file.execute("INSERT INTO pending VALUES (?, 1, 1, ?)", (pending, len(reads)))
