"""Searching stored reads, against PostgreSQL with the same rows in the same run.

90 days of reads are made twice: as sealed days of our store, and as a PostgreSQL table partitioned by day, with btree
indexes on (folded, at), (lpr, at, id, digest) and (at), and a table of the distinct plates with a GIN index of trigrams
(pg_trgm). A pattern is put to PostgreSQL in three ways, and the fastest one counts: by the plates that the trigrams find,
the same with all their reads fetched before the newest are chosen, and by time, newest first, with LIKE. Half of the
reads are of regulars, few of whom pass often; the others pass once; an LPR has as many reads, however many there are in
all. Every answer is compared with PostgreSQL's. Measured warm, one question at a time: the first page of 25 reads, newest
first; ours with what it says of other revisions. The plates asked for are those of reads taken by chance. Growth is ours,
from a tenth of the reads to all of them, over the same days. Nothing is written meanwhile, so no durability is measured.

    python benchmarks/search.py [reads] [folder]

Without a folder it is a temporary one. In a folder the days stay, and a run that was cut short goes on with the next day.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.street import DAYS, lprs_of, rows_of
from platekeeper.server.storage import columns
from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR, day_folder, images_folder, start_of
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.sqlite import engine
from platekeeper.server.storage.sqlite.dictionaries import keep_dictionary
from platekeeper.server.storage.sqlite.layout import reads_file
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import SearchTerms
from tests.postgres import cluster

READS = 500_000
BYTES_A_READ = 1050
PAGE = 25
SELECT = f"SELECT {columns.ALL_COLUMNS} FROM read"
NEWEST = f"ORDER BY at DESC, number DESC LIMIT {PAGE}"
PATTERNS = {
    "rare infix": ("*7QX9*", "*4KM2*", "*1ZB8*", "*9HT3*"),
    "positional": ("?A?D12*", "?K?R45*", "?T?B77*", "?E?N90*"),
    "common infix": ("*234*", "*517*", "*808*", "*990*"),
    "two characters": ("*7Q*", "*K2*", "*9A*", "*X1*"),
}
TABLE = """
CREATE TABLE IF NOT EXISTS read (
    number bigint NOT NULL, id bytea NOT NULL, digest bytea NOT NULL, lpr integer NOT NULL, at bigint NOT NULL,
    received bigint NOT NULL, clock text NOT NULL, zone text NOT NULL, raw text NOT NULL, plate text,
    folded text COLLATE "C", state text, state_confidence real, confidence real, candidates text NOT NULL,
    vehicle text NOT NULL, direction text NOT NULL, latitude float, longitude float, event text NOT NULL,
    retention text NOT NULL, stage smallint NOT NULL, salt bytea NOT NULL, batch bytea NOT NULL, image_offset bigint,
    image_length bigint, image_sha256 text, image_type text
) PARTITION BY RANGE (at)
"""


def main() -> None:
    """Make the reads, ask, and print."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else made)
        folder.mkdir(parents=True, exist_ok=True)
        print(
            f"{reads:,} reads over {len(DAYS)} days in {folder}: about {reads * BYTES_A_READ / 1e9:.1f} GB", flush=True
        )
        small, large = folder / f"reads-{reads // 10}", folder / f"reads-{reads}"
        for store, count in ((small, reads // 10), (large, reads)):
            _each_day(f"our store, {count:,} reads", lambda day, to=store, all=count: _make_day(to, day, all))
        keep = folder / f"postgres-{reads}" if len(sys.argv) > 2 else None
        with cluster(keep=keep, options="-c shared_buffers=512MB -c jit=off") as url, psycopg.connect(url) as postgres:
            postgres.autocommit = True
            postgres.execute(TABLE)
            _each_day("PostgreSQL", lambda day: _make_partition(postgres, day, reads))
            _collect_plates(postgres)
            _compare(SqliteReads(small), SqliteReads(large), postgres, reads)


def _each_day(title: str, make: Callable[[date], bool]) -> None:
    begun, made = time.monotonic(), sum(make(day) for day in DAYS)
    print(f"{title}: {made} days made in {time.monotonic() - begun:.0f} s", flush=True)


def _make_day(store: Path, day: date, reads: int) -> bool:
    """Make a sealed day as sealing does, aside; say whether there was anything to make."""
    folder = day_folder(store, day)
    if folder.exists():
        keep_dictionary(folder)  # made anew where an earlier version of this program made it
        return False
    fresh = store / f".new-{day}"
    images_folder(fresh).mkdir(parents=True, exist_ok=True)
    reads_file(fresh).unlink(missing_ok=True)
    with closing(sqlite3.connect(reads_file(fresh), isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=OFF")
        file.executescript(f"{engine.TABLE} {engine.SEALED} PRAGMA user_version = {engine.VERSION};")
        rows = rows_of(day, reads)
        file.execute("BEGIN")
        file.executemany(f"INSERT INTO read ({columns.ALL_COLUMNS}) VALUES ({', '.join('?' * len(rows[0]))})", rows)
        file.execute("COMMIT")
        file.executescript(f"{engine.INDEXES} PRAGMA journal_mode=WAL;")
    keep_dictionary(fresh)
    sync_folder(fresh)
    fresh.rename(folder)
    return True


def _make_partition(postgres: psycopg.Connection[Any], day: date, reads: int) -> bool:
    name = f"read_{day:%Y%m%d}"
    if postgres.execute("SELECT to_regclass(%s)", (name,)).fetchone()[0]:  # type: ignore[index]
        return False
    with postgres.transaction():
        postgres.execute(f"CREATE TABLE {name} (LIKE read)")
        with postgres.cursor().copy(f"COPY {name} ({columns.ALL_COLUMNS}) FROM STDIN") as copy:
            rows = rows_of(day, reads)
            for first in range(0, len(rows), 10_000):
                copy.write("".join(map(_line, rows[first : first + 10_000])))
        postgres.execute(f"CREATE INDEX ON {name} (folded, at); CREATE INDEX ON {name} (at)")
        postgres.execute(f"CREATE UNIQUE INDEX ON {name} (lpr, at, id, digest)")
        begins, ends = start_of(day), start_of(day + timedelta(days=1))
        postgres.execute(f"ALTER TABLE read ATTACH PARTITION {name} FOR VALUES FROM ({begins}) TO ({ends})")
    return True


def _line(row: tuple[Any, ...]) -> str:
    return "\t".join(_field(value) for value in row) + "\n"


def _field(value: object) -> str:
    return "\\N" if value is None else f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _collect_plates(postgres: psycopg.Connection[Any]) -> None:
    begun = time.monotonic()
    if postgres.execute("SELECT to_regclass('plate_by_trigram')").fetchone()[0] is None:  # type: ignore[index]
        postgres.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm; DROP TABLE IF EXISTS plate")
        postgres.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        postgres.execute("CREATE TABLE plate AS SELECT DISTINCT folded FROM read WHERE folded IS NOT NULL")
        postgres.execute("CREATE INDEX plate_by_trigram ON plate USING gin (folded gin_trgm_ops)")
        postgres.execute("VACUUM ANALYZE")
        postgres.execute("RESET work_mem; RESET maintenance_work_mem")
    (plates,) = postgres.execute("SELECT count(*) FROM plate").fetchone()  # type: ignore[misc]
    print(f"PostgreSQL: {plates:,} distinct plates, trigrams and statistics in {time.monotonic() - begun:.0f} s")


def _compare(small: SqliteReads, large: SqliteReads, postgres: psycopg.Connection[Any], reads: int) -> None:
    print(f"{'first page of 25':<22} {'ours ms':>9} {'PostgreSQL ms':>14} {'ratio':>7} {'growth':>7}")
    fewer = [terms for terms, _ in _exact(reads // 10)]
    _question("exact plate, p50", _exact(reads), (small, large), postgres, fewer=fewer)
    for kind, patterns in PATTERNS.items():
        asked = [(SearchTerms(0, 2**62, plates=(each,)), _by_pattern(each)) for each in patterns]
        _question(kind, asked, (small, large), postgres)
    fewer = [terms for terms, _ in _hours(reads // 10)]
    _question("LPR and hour, p50", _hours(reads), (small, large), postgres, fewer=fewer)


Way = tuple[str, tuple[Any, ...]]
"""A question to PostgreSQL, and its values."""
Asked = tuple[SearchTerms, list[Way]]
"""The same question to our store and, in one way or several, to PostgreSQL."""


def _by_plate(plate: str) -> list[Way]:
    return [(f"{SELECT} WHERE folded = %s {NEWEST}", (plate,))]


def _by_pattern(pattern: str) -> list[Way]:
    like = pattern.replace("*", "%").replace("?", "_")
    found = "folded = ANY(ARRAY(SELECT folded FROM plate WHERE folded LIKE %s))"
    return [(f"{SELECT} WHERE {found} {NEWEST}", (like,)), (f"{SELECT} WHERE folded LIKE %s {NEWEST}", (like,)),
            (f"WITH found AS MATERIALIZED ({SELECT} WHERE {found}) SELECT * FROM found {NEWEST}", (like,))]  # fmt: skip


def _exact(reads: int) -> list[Asked]:
    rows = rows_of(DAYS[41], reads)
    chosen = np.random.default_rng(7).integers(len(rows), size=200)
    plates = [rows[number][10] for number in chosen]
    return [(SearchTerms(0, 2**62, plates=(plate,)), _by_plate(plate)) for plate in plates]


def _hours(reads: int) -> list[Asked]:
    asked: list[Asked] = []
    for number in range(50):
        since = start_of(DAYS[number + 20]) + number % 24 * MICROSECONDS_AN_HOUR
        terms = SearchTerms(since, since + MICROSECONDS_AN_HOUR, lprs=(number * 7 % lprs_of(reads) + 1,))
        way = f"{SELECT} WHERE lpr = %s AND at >= %s AND at < %s {NEWEST}", (*terms.lprs, terms.since, terms.until)
        asked.append((terms, [way]))
    return asked


def _question(
    title: str,
    asked: Sequence[Asked],
    stores: tuple[SqliteReads, SqliteReads],
    postgres: psycopg.Connection[Any],
    *,
    fewer: Sequence[SearchTerms] = (),
) -> None:
    """Put every question to both, in turn, compare the answers, and print the medians."""
    small, large = stores
    ours, theirs, tenths = [], [], []
    for (terms, ways), less in zip(asked, fewer or [terms for terms, _ in asked], strict=True):
        found, took = _timed(lambda terms=terms: large.search(terms, limit=PAGE).reads)
        mine = [(read.row.at, read.rowid) for read in found]
        best = float("inf")
        for question, values in ways:
            answer, seconds = _timed(lambda q=question, v=values: postgres.execute(q, v, prepare=True).fetchall())
            if [(row[4], row[0]) for row in answer] != mine:
                raise RuntimeError(f"{title}: {terms} was answered differently")
            best = min(best, seconds)
        ours.append(took)
        tenths.append(_timed(lambda terms=less: small.search(terms, limit=PAGE))[1])
        theirs.append(best)
    mine, yours, tenth = (statistics.median(each) * 1e3 for each in (ours, theirs, tenths))
    print(f"{title:<22} {mine:>9.2f} {yours:>14.2f} {mine / yours:>6.2f}x {mine / tenth:>6.2f}x", flush=True)


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    """Ask four times; return the answer, and the median of the last three times."""
    times = []
    for _ in range(4):
        begun = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - begun)
    return answer, statistics.median(times[1:])


if __name__ == "__main__":
    main()
