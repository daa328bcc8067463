"""Reads over HTTP, acknowledged, matched and durable, against the engine's own best bulk insert of the same rows.

On SQLite, then on PostgreSQL. Measured: a real server on this machine's loopback and a sender in a process of its own with
keep-alive connections. Each read is parsed, stored (synced), matched against a hot list, recorded with its ledger leaf
(synced) and acknowledged; one in a thousand is a hit. The baseline takes the very rows that were stored and puts them into
an empty file or partition of the same kind: same table, indexes, checks and durability, 10,000 rows a transaction, no
server, no matching, no ledger (`department.engines`). The best of three counts. Ratios and growth are what to read; times
are this machine's.

`PLATEKEEPER_BENCH_ENTRIES` sets the size of the hot list (1,000,000), `PLATEKEEPER_BENCH_SCALE` that of the runs (1).

    python benchmarks/ingest.py [SQLite|PostgreSQL]
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import ENGINES, running
from benchmarks.department.running import Served, ask_sender, cpu_of, found, served

ENTRIES = int(os.environ.get("PLATEKEEPER_BENCH_ENTRIES", "1000000"))
SCALE = float(os.environ.get("PLATEKEEPER_BENCH_SCALE", "1"))
IMAGE = 100_000  # bytes
LARGEST_BODY = 32 * 1024 * 1024  # what the server takes in one request


@dataclass(frozen=True)
class Run:
    """So many reads in batches of one size, each with an image of so many bytes or none; into an hour of their own."""

    reads: int
    batch: int
    image: int = 0

    @property
    def fits(self) -> bool:
        """Whether a request is not larger than the server takes."""
        return self.batch * self.image * 4 // 3 < LARGEST_BODY

    def scaled(self) -> Run:
        """Return the run with as many reads as were asked for, in whole batches."""
        return Run(max(8, int(self.reads * SCALE) // self.batch) * self.batch, self.batch, self.image)


RUNS = (
    Run(4_000, 1), Run(30_000, 10), Run(150_000, 100), Run(300_000, 1_000),
    Run(1_000, 1, IMAGE), Run(2_000, 10, IMAGE), Run(3_000, 100, IMAGE), Run(3_000, 1_000, IMAGE),
)  # fmt: skip


def main() -> None:
    """Found a department on each engine, serve it, measure every run and print."""
    for name in sys.argv[1:] or ENGINES:
        with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made, running(name, Path(made)) as engine:
            key = found(engine, entries=ENTRIES)
            print(f"{name}: hot list of {ENTRIES:,} entries, 0.1% hits, ledger on; {engine.durability()}")
            print(
                f"{'batch':>6} {'image':>7} {'reads':>7} {'http/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'bulk/s':>8} "
                f"{'ratio':>6} {'cpu us':>7} {'bytes':>6}  reads/s in each quarter"
            )
            now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
            with served(engine, key) as to:
                ask_sender(to, reads=1, batch=1, image=0, hour=now - timedelta(hours=1))  # the hot list is read now
                for number, run in enumerate(RUNS):
                    if run.fits:
                        _say(run, measured(to, run.scaled(), now - timedelta(hours=2 + number)))
                    else:
                        print(f"{run.batch:>6} {run.image:>7} larger than a request may be ({LARGEST_BODY >> 20} MiB)")


def _say(run: Run, ratio: Ratio) -> None:
    print(
        f"{run.batch:>6} {run.image:>7} {ratio.reads:>7} {ratio.http:>8.0f} {ratio.p50:>7.1f} {ratio.p99:>7.1f} "
        f"{ratio.bulk:>8.0f} {ratio.http / ratio.bulk:>6.2f} {ratio.cpu:>7.0f} {ratio.bytes:>6.0f}  "
        + " ".join(f"{each:.0f}" for each in ratio.quarters),
        flush=True,
    )


@dataclass(frozen=True)
class Ratio:
    """What a run came to: reads a second over HTTP and by the bulk insert of the same rows, of which each took so many bytes.

    `cpu` is what a read took of the server's processor time, in microseconds (PostgreSQL's own left out); a request took
    milliseconds.
    """

    reads: int
    http: float
    bulk: float
    bytes: float
    cpu: float
    p50: float
    p99: float
    quarters: list[float]


def measured(to: Served, run: Run, hour: datetime) -> Ratio:
    """Send a run's reads, then insert what was stored of them once more."""
    store = to.engine.store()
    before, worked = store.arrived_until(), cpu_of(to.session)
    sent = ask_sender(to, reads=run.reads, batch=run.batch, image=run.image, hour=hour)
    worked = cpu_of(to.session) - worked
    rows = [each for each in store.leaving(hour.date()) if each.number > before]
    if len(rows) != run.reads:
        raise RuntimeError(f"{len(rows)} reads are stored, {run.reads} were sent")
    bulk = to.engine.bulk(rows, image=run.image)
    return Ratio(
        run.reads,
        run.reads / sent["seconds"],
        bulk.speed,
        bulk.bytes,
        1e6 * worked / run.reads,
        sent["p50"],
        sent["p99"],
        sent["quarters"],
    )


if __name__ == "__main__":
    main()
