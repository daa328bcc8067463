"""Whether reads come in as fast with many stored as with few: `ingest`'s ratio over stores of two sizes, on each engine.

90 days are made cheaply: of one day's reads (`street`), each other day has the same ones at its own time. On the newest of
them, which is written still and holds as many through the store's own writer, the reads arrive. Days lack their
dictionaries, which only searches use. Both stores are measured in turn, `REPEATS` times, against the bulk insert of the
same rows into an empty place: so all that grows counts. The medians are printed, and the ratio with many stored by that
with few: 1.00 is no growth.

    python benchmarks/growing.py [reads] [folder] [SQLite|PostgreSQL]

Without a folder it is a temporary one. In a folder the days stay, and a run that was cut short goes on with the next day.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import BULK, ENGINES, Engine, running
from benchmarks.department.running import found, served
from benchmarks.ingest import Ratio, Run, measured
from benchmarks.street import DAYS, rows_of
from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.rows import Incoming, ReadRow

READS = 2_000_000
FEWER = 50  # times fewer reads in the small store
ENTRIES = 100_000
REPEATS = 3
RUNS = (Run(60_000, 100), Run(120_000, 1_000))
BYTES_A_READ = {"SQLite": 370, "PostgreSQL": 510}


def main() -> None:
    """Make two stores on each engine, measure both, and print."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else made)
        for name in sys.argv[3:] or ENGINES:
            _grow(name, folder, reads, keep=len(sys.argv) > 2)


def _grow(name: str, folder: Path, reads: int, *, keep: bool) -> None:
    sizes = (reads // FEWER, reads)
    about = BYTES_A_READ[name] * sum(sizes) / 1e9
    print(f"{name}: {sizes[0]:,} and {reads:,} reads of {len(DAYS)} days, about {about:.1f} GB", flush=True)
    ratios: dict[tuple[int, Run], list[Ratio]] = {}
    folder.mkdir(parents=True, exist_ok=True)
    newest = newest_day(folder)
    with ExitStack() as stack:
        engines = {
            size: stack.enter_context(running(name, folder / f"{name}-{size}".lower(), keep=keep)) for size in sizes
        }
        keys = {size: found(engine, entries=ENTRIES) for size, engine in engines.items()}
        for size, engine in engines.items():
            begun = time.monotonic()
            fill(engine, newest, size)
            print(f"{size:,} reads made in {time.monotonic() - begun:.0f} s; {engine.durability()}", flush=True)
        hours = _hours(newest)
        for _ in range(REPEATS):
            for size, engine in engines.items():
                with served(engine, keys[size]) as to:
                    measured(to, Run(100, 100), next(hours))
                    for run in RUNS:
                        ratios.setdefault((size, run), []).append(measured(to, run, next(hours)))
    print(f"{'batch':>6} {'stored':>11} {'http/s':>8} {'bulk/s':>8} {'ratio':>6} {'growth':>7}  ratio of each repeat")
    for run in RUNS:
        before = 0.0
        for size in sizes:
            each = [one.http / one.bulk for one in ratios[size, run]]
            http, bulk = (
                median(speeds) for speeds in zip(*((one.http, one.bulk) for one in ratios[size, run]), strict=True)
            )
            growth = f"{median(each) / before:>7.2f}" if before else " " * 7
            before = median(each)
            print(f"{run.batch:>6} {size:>11,} {http:>8.0f} {bulk:>8.0f} {before:>6.2f} {growth}  "
                  + " ".join(f"{one:.2f}" for one in each), flush=True)  # fmt: skip


def _hours(newest: date) -> Iterator[datetime]:
    """Give the hours of the newest day again and again: no read of a run is a repeat of another run's."""
    begins = datetime.combine(newest, datetime.min.time(), UTC)
    while True:
        yield from (begins + timedelta(hours=hour) for hour in range(24))


def newest_day(folder: Path) -> date:
    """Return the newest day of the stores in a folder: yesterday, or what that was when they were begun."""
    kept = folder / "newest"
    if not kept.exists():
        kept.write_text(str(datetime.now(UTC).date() - timedelta(days=1)))
    return date.fromisoformat(kept.read_text())


def fill(engine: Engine, newest: date, reads: int) -> None:
    """Have 90 days of reads, the newest of them in the form in which a day is written."""
    first = newest - timedelta(days=len(DAYS) - 1)
    _have(engine, first, reads)
    engine.store().seal(before=first + timedelta(days=1), settled=set)
    for number in range(1, len(DAYS) - 1):
        engine.shift(first, first + timedelta(days=number))
    _have(engine, newest, reads)


def _have(engine: Engine, day: date, reads: int) -> None:
    """Have a day's share of so many reads, stored as the intake would in the order of their capture."""
    rows, later = rows_of(DAYS[0], reads), start_of(day) - start_of(DAYS[0])
    if sum(engine.store().count(day).values()) >= len(rows):
        return
    engine.store().dispose(day)  # where a run was cut short
    engine.store().settle_disposal(day)
    with engine.store().writer() as writer:
        for start in range(0, len(rows), BULK):
            batch, incoming = secrets.token_bytes(16), [_moved(row, later) for row in rows[start : start + BULK]]
            writer.append(batch=batch, incoming=incoming, received=incoming[-1].row.at + 1)
            writer.settle(batch)


def _moved(row: tuple[object, ...], later: int) -> Incoming:
    read = ReadRow._make(row[1 : 1 + len(ReadRow._fields)])
    return Incoming(read._replace(at=read.at + later, received=read.received + later))


if __name__ == "__main__":
    main()
