"""How many bytes a read takes on disk, indexes and dictionary included: `core.capacity.measured` keeps what this prints.

A day of reads (`street`), none with an image, in each store as it is: stored in batches of 1,000, in the order of arrival,
then sealed. On SQLite that is hour files, then the day's file with its dictionary; on PostgreSQL a partition with its
write-ahead log, then the table of its distinct plates. Sizes hang on the reads and hardly on the machine; nothing is timed.

    python benchmarks/weighing.py [reads]
"""

from __future__ import annotations

import secrets
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import Engine, running
from benchmarks.street import DAYS, Rows, rows_of
from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.roles.grants import READS as SCHEMA
from platekeeper.server.storage.rows import Incoming, ReadRow
from platekeeper.server.storage.sqlite.layout import reads_file

READS = 100_000
BATCH = 1_000


def main() -> None:
    """Make the day in every form, and print."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    rows = rows_of(DAYS[0], reads * len(DAYS))
    print(f"{len(rows):,} reads of {len({row[10] for row in rows}):,} plates in a day; bytes a read")
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        with running("SQLite", Path(made) / "sqlite") as engine:
            _weigh_files(engine, rows)
        with running("PostgreSQL", Path(made) / "postgres") as engine:
            _weigh_database(engine, rows)


def _weigh_files(engine: Engine, rows: Rows) -> None:
    _grow(engine, rows)
    day = day_folder(engine.folder / "home" / "lpr-data", DAYS[0])
    _say("SQLite, hour files", sum(file.stat().st_size for file in day.glob("*.sqlite3")), rows)
    _seal(engine)
    _say("SQLite, a sealed day", reads_file(day).stat().st_size, rows)
    _say("  its dictionary", (day / "plates.dictionary").stat().st_size, rows)
    with closing(sqlite3.connect(reads_file(day))) as connection:
        connection.executescript("DROP INDEX read_once; DROP INDEX read_by_plate; DROP INDEX read_by_time; VACUUM;")
    _say("  the day without indexes", reads_file(day).stat().st_size, rows)


def _weigh_database(engine: Engine, rows: Rows) -> None:
    with psycopg.connect(engine.url, autocommit=True) as asked:

        def size(question: str) -> int:
            return int((asked.execute(question.encode()).fetchone() or (0,))[0])

        written = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
        asked.execute("CHECKPOINT")
        before = size(written)
        _grow(engine, rows)
        log = size(written) - before
        _seal(engine)
        asked.execute(f"SET search_path TO {SCHEMA}".encode())
        (part, plates) = asked.execute("SELECT name, replace(name, 'read_', 'plate_') FROM part").fetchone() or ("", "")
        _say("PostgreSQL, a partition", size(f"SELECT pg_table_size('{part}')"), rows)
        _say("  its indexes", size(f"SELECT pg_indexes_size('{part}')"), rows)
        _say("  its distinct plates", size(f"SELECT pg_total_relation_size('{plates}')"), rows)
        _say("  its write-ahead log", log, rows)


def _grow(engine: Engine, rows: Rows) -> None:
    with engine.store().writer() as writer:
        for start in range(0, len(rows), BATCH):
            incoming = [
                Incoming(ReadRow._make(row[1 : 1 + len(ReadRow._fields)])) for row in rows[start : start + BATCH]
            ]
            batch = secrets.token_bytes(16)
            writer.append(batch=batch, incoming=incoming, received=incoming[-1].row.received)
            writer.settle(batch)


def _seal(engine: Engine) -> None:
    engine.store().seal(before=DAYS[0] + timedelta(days=1), settled=set)


def _say(title: str, size: int, rows: Rows) -> None:
    print(f"{title:<28}{size / len(rows):>8.0f}", flush=True)


if __name__ == "__main__":
    main()
