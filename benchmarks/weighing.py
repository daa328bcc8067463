"""How many bytes a read takes on disk, indexes and dictionary included: `core.capacity.measured` keeps what this prints.

A day of reads (`street`), none with an image: as an hour file that grew by batches of 1,000, as a sealed day with its
dictionary, and as a partition in PostgreSQL that grew by COPY of 1,000 with the same indexes, with its write-ahead log and
a table of its distinct plates (btree and trigrams). Sizes hang on the reads and hardly on the machine; nothing is timed.

    python benchmarks/weighing.py [reads]
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import search
from benchmarks.street import DAYS, Rows, rows_of
from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.sqlite import engine
from platekeeper.server.storage.sqlite.layout import reads_file
from tests.postgres import cluster

READS = 100_000
BATCH = 1_000


def main() -> None:
    """Make the day in every form, and print."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    rows = rows_of(DAYS[0], reads * len(DAYS))
    print(f"{len(rows):,} reads of {len({row[10] for row in rows}):,} plates in a day; bytes a read")
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        _weigh_sqlite(Path(made), rows, reads)
    with cluster() as url, psycopg.connect(url, autocommit=True) as postgres:
        _weigh_postgres(postgres, rows)


def _weigh_sqlite(folder: Path, rows: Rows, reads: int) -> None:
    hour = rows[: len(rows) // 24]
    file = folder / "hour.sqlite3"
    engine.make_hour(file)
    statement = f"INSERT INTO read ({engine.ALL_COLUMNS}) VALUES ({', '.join('?' * len(rows[0]))})"
    with closing(engine.open_for_writing(file)) as connection:
        for first in range(0, len(hour), BATCH):
            connection.execute("BEGIN")
            connection.executemany(statement, hour[first : first + BATCH])
            connection.execute("COMMIT")
    _say("SQLite, an hour file", file.stat().st_size, hour)
    search._make_day(folder, DAYS[0], reads * len(DAYS))
    day = day_folder(folder, DAYS[0])
    _say("SQLite, a sealed day", reads_file(day).stat().st_size, rows)
    with closing(sqlite3.connect(reads_file(day))) as connection:
        connection.executescript("DROP INDEX read_once; DROP INDEX read_by_plate; DROP INDEX read_by_time; VACUUM;")
    _say("  of that without indexes", reads_file(day).stat().st_size, rows)
    _say("  its dictionary", (day / "plates.dictionary").stat().st_size, rows)


def _weigh_postgres(postgres: psycopg.Connection[Any], rows: Rows) -> None:
    postgres.execute(search.TABLE)
    postgres.execute("CREATE TABLE grown (LIKE read)")
    for columns in (
        "INDEX ON grown (folded, at)",
        "INDEX ON grown (at)",
        "UNIQUE INDEX ON grown (lpr, at, id, digest)",
    ):
        postgres.execute(f"CREATE {columns}".encode())
    begun = _asked(postgres, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
    for first in range(0, len(rows), BATCH):
        with postgres.cursor().copy(f"COPY grown ({engine.ALL_COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(map(search._line, rows[first : first + BATCH])))
    log = _asked(postgres, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')") - begun
    _say("PostgreSQL, a partition", _asked(postgres, "SELECT pg_table_size('grown')"), rows)
    _say("  its indexes", _asked(postgres, "SELECT pg_indexes_size('grown')"), rows)
    _say("  its write-ahead log", log, rows)
    postgres.execute("CREATE EXTENSION pg_trgm; CREATE TABLE plate AS SELECT DISTINCT folded FROM grown")
    postgres.execute("CREATE INDEX ON plate USING gin (folded gin_trgm_ops); CREATE UNIQUE INDEX ON plate (folded)")
    _say("  its distinct plates", _asked(postgres, "SELECT pg_total_relation_size('plate')"), rows)


def _asked(postgres: psycopg.Connection[Any], question: str) -> int:
    return int((postgres.execute(question.encode()).fetchone() or (0,))[0])


def _say(title: str, size: int, rows: Rows) -> None:
    print(f"{title:<28}{size / len(rows):>8.0f}", flush=True)


if __name__ == "__main__":
    main()
