"""How fast reads are taken in, against the engine's own bulk insert of the same rows in the same run.

`take` is everything behind `POST /api/reads` but HTTP itself: ids, store (one fsync a batch), matching against a hot
list, hits, ledger leaf (one fsync a batch more). The baseline is one SQLite table, the same columns, one transaction a
batch. Both with WAL and synchronous=FULL. Ratios and growth are what to read; times are this machine's.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

BATCH = 100
SIZES = (2_000, 8_000, 32_000)
LIST_LINES = 10_000


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="platekeeper-bench-"))
    os.environ["PLATEKEEPER_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import django

    django.setup()
    from tests.e2e.town import found

    found(LIST_LINES)
    print(f"batches of {BATCH}, hot list of {LIST_LINES} lines, no images, WAL, synchronous=FULL in both")
    print(f"{'reads':>8} {'intake/s':>10} {'baseline/s':>11} {'ratio':>7}")
    for size in SIZES:
        intake, plain = size / _timed(lambda n=size: _take(n)), size / _timed(lambda n=size: _baseline(folder, n))
        print(f"{size:>8} {intake:>10.0f} {plain:>11.0f} {intake / plain:>7.3f}")


def _timed(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _take(size: int) -> None:
    from platekeeper.core.formats.reads import ParsedRead
    from platekeeper.server.equipment.models import LPR
    from platekeeper.server.procedures.receive_reads import Intake, Submission
    from platekeeper.server.procedures.stores import read_store

    now, lpr = datetime.now(UTC), LPR.objects.get()
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    for first in range(0, size, BATCH):
        reads = [
            (ParsedRead(f"B{n:07d}", now - timedelta(seconds=n % 3000), f"{size}-{n}", 0.9, "NY"), None)
            for n in range(first, first + BATCH)
        ]
        intake.take([Submission(lpr=lpr, format="bench", reads=reads, unparsed=[], received_at=now)])
    intake.close()


def _baseline(folder: Path, size: int) -> None:
    connection = sqlite3.connect(folder / f"baseline-{size}.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    names = ", ".join(f"c{n}" for n in range(20))
    connection.execute(f"CREATE TABLE read (id BLOB PRIMARY KEY, {names})")
    for first in range(0, size, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        rows = [(n.to_bytes(16, "big"), *(f"value {n}" for _ in range(20))) for n in range(first, first + BATCH)]
        connection.executemany(f"INSERT INTO read VALUES ({', '.join('?' * 21)})", rows)
        connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    main()
