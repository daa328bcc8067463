"""How long the tools take over stored reads, against the same questions in SQL on PostgreSQL over the same rows.

Days are sealed, of so many reads each. Asked: plates at two scenes of an hour at half of the LPRs, with how often they were
seen there in the week before; and who travelled with a plate within three minutes on one day, with how often they are there
anyway. PostgreSQL has the rows in one table with btree indexes by plate and time and by LPR and time, analyzed, and is
spared what SQL does badly: revisions, and counting occasions ten minutes apart. Both are warm; the time is the median of
the rounds, taken in turn. Times are this machine's; the ratio is what to read.

`PLATEKEEPER_BENCH_READS` are the reads a day (100,000; a large town's: 1,100,000), `PLATEKEEPER_BENCH_DAYS` the days (8).
A million reads take some 0.5 GB here and there.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psycopg

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.making import plates, texts_of  # noqa: E402
from tests.postgres import cluster  # noqa: E402

READS = int(os.environ.get("PLATEKEEPER_BENCH_READS", "100000"))
DAYS = int(os.environ.get("PLATEKEEPER_BENCH_DAYS", "8"))
LPRS, ROUNDS, BUSES = 60, 5, 40
LAST = date(2026, 3, 20)
HOUR = 3_600_000_000
GIVEN, COMPANION = "GVEN123", "CMPN456"
Row = tuple[str, int, int]


def main() -> None:
    """Make the reads, ask both, and print."""
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made, cluster() as url:
        os.environ["PLATEKEEPER_HOME"] = made
        os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
        import django

        django.setup()
        from django.conf import settings

        settings.HOME.found()
        with closing(psycopg.connect(url, autocommit=True)) as postgres:
            _fill(settings.HOME.lpr_data, postgres)
            print(f"{DAYS} days of {READS:,} reads at {LPRS} LPRs; median of {ROUNDS} rounds, warm")
            print(f"{'':>24} {'ours ms':>8} {'SQL ms':>8} {'ratio':>6} {'found':>6}")
            for name, ours, theirs in _questions(postgres):
                _compare(name, ours, theirs)


def _compare(name: str, ours: Callable[[], set[str]], theirs: Callable[[], set[str]]) -> None:
    found, other = ours(), theirs()
    assert found and found <= other, f"{name}: the two do not find the same"
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, taken in zip((ours, theirs), times, strict=True):
            begun = time.perf_counter()
            work()
            taken.append(1000 * (time.perf_counter() - begun))
    mine, yours = (median(taken) for taken in times)
    print(f"{name:>24} {mine:>8.0f} {yours:>8.0f} {mine / yours:>6.2f} {len(found):>6}", flush=True)


def _questions(
    postgres: psycopg.Connection[Any],
) -> Iterator[tuple[str, Callable[[], set[str]], Callable[[], set[str]]]]:
    from platekeeper.core.investigations.terms import Scene, Scenes, TravelsWith
    from platekeeper.server.procedures.investigate import as_stored, at_scenes, traveling_with

    noon = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC)
    half, hour = tuple(range(1, LPRS // 2 + 1)), timedelta(hours=1)
    scenes = Scenes(tuple(Scene(half, noon - back, noon - back + hour) for back in (24 * hour, 0 * hour)))
    spans = [(as_stored(each.since), as_stored(each.until)) for each in scenes.scenes]
    whole = TravelsWith(GIVEN, (), noon - 12 * hour, noon + 12 * hour, minutes=3, occasions=3, places=2)
    begin, end = as_stored(whole.since), as_stored(whole.until)

    def sql(question: str, values: dict[str, Any]) -> set[str]:
        return {plate for plate, *_ in postgres.execute(question, values)}

    values = {"lprs": list(half), "a": spans[0][0], "b": spans[0][1], "c": spans[1][0], "d": spans[1][1]}
    yield (
        "two scenes of an hour",
        lambda: {each.plate for each in at_scenes(scenes).plates},
        lambda: sql(_SCENES, {**values, "week": spans[0][0] - 7 * 24 * HOUR}),
    )
    values = {"given": GIVEN, "since": begin, "until": end, "near": 3 * 60_000_000, "from": end - 28 * 24 * HOUR}
    yield (
        "travels with, a day",
        lambda: {each.companion.plate for each in traveling_with(whole).plates},
        lambda: sql(_TRAVELS, values),
    )


_SCENES = """
WITH seen AS (
    SELECT plate, 1 AS scene, at FROM read WHERE lpr = ANY(%(lprs)s) AND at >= %(a)s AND at < %(b)s
    UNION ALL SELECT plate, 2, at FROM read WHERE lpr = ANY(%(lprs)s) AND at >= %(c)s AND at < %(d)s
), several AS (
    SELECT plate, count(DISTINCT scene) AS scenes, count(*), min(at), max(at) FROM seen
    GROUP BY plate HAVING count(DISTINCT scene) >= 2
)
SELECT *, (SELECT count(*) FROM read r WHERE r.plate = several.plate AND r.at >= %(week)s AND r.at < %(a)s
           AND r.lpr = ANY(%(lprs)s)) AS usual FROM several ORDER BY scenes DESC, usual
"""
_TRAVELS = """
WITH given AS (SELECT lpr, at FROM read WHERE plate = %(given)s AND at >= %(since)s AND at < %(until)s),
pairs AS (
    SELECT DISTINCT r.plate, given.lpr, given.at FROM given
    JOIN read r ON r.lpr = given.lpr AND r.at BETWEEN given.at - %(near)s AND given.at + %(near)s
    WHERE r.plate <> %(given)s
), companions AS (
    SELECT plate, count(*) AS together, count(DISTINCT lpr) AS places FROM pairs
    GROUP BY plate HAVING count(*) >= 3 AND count(DISTINCT lpr) >= 2
)
SELECT *, (SELECT count(*) FROM read r WHERE r.plate = companions.plate AND r.at >= %(from)s AND r.at < %(until)s
           AND r.lpr IN (SELECT lpr FROM given)) AS usual FROM companions ORDER BY together DESC
"""


def _fill(store: Path, postgres: psycopg.Connection[Any]) -> None:
    postgres.execute("CREATE TABLE read (plate text NOT NULL, lpr int NOT NULL, at bigint NOT NULL)")
    for back in range(DAYS):
        rows = _day(LAST - timedelta(days=back), seed=back)
        with postgres.cursor() as cursor, cursor.copy("COPY read (plate, lpr, at) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        _seal(store / (LAST - timedelta(days=back)).isoformat(), rows, first=back * READS * 2)
    postgres.execute("CREATE INDEX ON read (plate, at)")
    postgres.execute("CREATE INDEX ON read (lpr, at)")
    postgres.execute("VACUUM ANALYZE read")


def _day(day: date, *, seed: int) -> list[Row]:
    """Return a day: cars of a town that come by at random, buses on their rounds, and two cars that travel together."""
    from platekeeper.server.storage.days import start_of

    chance = np.random.default_rng(seed)
    texts = texts_of(plates(max(1000, READS // 3)))
    which, begins = chance.integers(BUSES, len(texts), READS), start_of(day)
    which[: READS // 100] = chance.integers(0, BUSES, READS // 100)
    lprs = chance.integers(1, LPRS + 1, READS).tolist()
    ats = (begins + chance.integers(0, 24 * HOUR, READS)).tolist()
    rows = [(texts[number], lpr, at) for number, lpr, at in zip(which.tolist(), lprs, ats, strict=True)]
    for number in range(40):
        lpr, at = number % LPRS + 1, begins + number * HOUR // 2
        rows.append((GIVEN, lpr, at))
        if number % 3 == 0:
            rows.append((COMPANION, lpr, at + 40_000_000))
    return sorted(rows, key=lambda row: row[2])


def _seal(folder: Path, rows: list[Row], *, first: int) -> None:
    from platekeeper.core.formats.reads import FINAL
    from platekeeper.server.storage.columns import ROW_COLUMNS
    from platekeeper.server.storage.days import images_folder
    from platekeeper.server.storage.sqlite.engine import INDEXES, SEALED, TABLE, VERSION
    from platekeeper.server.storage.sqlite.layout import reads_file

    images_folder(folder).mkdir(parents=True)
    names = ("number", *ROW_COLUMNS)
    question = f"INSERT INTO read ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    with closing(sqlite3.connect(reads_file(folder))) as sealed:
        sealed.executescript(f"PRAGMA journal_mode=OFF; {TABLE} {SEALED} PRAGMA user_version = {VERSION};")
        sealed.executemany(
            question,
            (
                (number, os.urandom(16), bytes(8), lpr, at, at, "offset", "UTC", plate, plate, plate.replace("O", "0"),
                 "NY", 0.9, 0.9, "[]", "{}", "", None, None, "", "standard", FINAL, bytes(16), bytes(16))
                for number, (plate, lpr, at) in enumerate(rows, start=first + 1)
            ),
        )  # fmt: skip
        sealed.commit()
        sealed.executescript(INDEXES)
        sealed.execute("PRAGMA journal_mode=WAL")


if __name__ == "__main__":
    main()
