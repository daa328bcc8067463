"""Reads over HTTP, acknowledged, matched and durable, against the engine's own best bulk insert of the same rows.

Measured: a real server on this machine's loopback and a sender in a process of its own with keep-alive connections. Each
read is parsed, stored (synced), matched against a hot list, recorded with its ledger leaf (synced) and acknowledged; one
in a thousand is a hit. The baseline takes the very rows that came to lie in the hour's file and puts them into another
such file: same table, indexes, checks and durability, 10,000 rows a transaction, no server, no matching, no ledger;
images into such packs, synced. The best of three counts. Ratios and growth are what to read; times are this machine's.

`PLATEKEEPER_BENCH_ENTRIES` sets the size of the hot list (1,000,000), `PLATEKEEPER_BENCH_SCALE` that of the runs (1).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ENTRIES = int(os.environ.get("PLATEKEEPER_BENCH_ENTRIES", "1000000"))
SCALE = float(os.environ.get("PLATEKEEPER_BENCH_SCALE", "1"))
BULK = 10_000
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
    """Found a department, serve it, measure every run and print."""
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        folder = Path(made)
        os.environ["PLATEKEEPER_HOME"] = str(folder / "home")
        os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
        key = json.loads(_python("-m", "tests.e2e.town", "found", str(ENTRIES)))["key"]
        print(f"hot list of {ENTRIES:,} entries, 0.1% hits, ledger on; {_durability()}")
        print(
            f"{'batch':>6} {'image':>7} {'reads':>7} {'http/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'bulk/s':>8} {'ratio':>6}"
        )
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        with _serving() as port:
            _send(port, key, Run(1, 1), now - timedelta(hours=1))  # the server reads the hot list now
            for number, run in enumerate(RUNS):
                if run.fits:
                    _measure(port, key, run.scaled(), now - timedelta(hours=2 + number), folder)
                else:
                    print(f"{run.batch:>6} {run.image:>7} larger than a request may be ({LARGEST_BODY // 2**20} MiB)")


def _measure(port: int, key: str, run: Run, hour: datetime, folder: Path) -> None:
    sent = _send(port, key, run, hour)
    speed = run.reads / sent["seconds"]
    bulk, size = _baseline(folder, hour, run)
    print(
        f"{run.batch:>6} {run.image:>7} {run.reads:>7} {speed:>8.0f} {sent['p50']:>7.1f} {sent['p99']:>7.1f} {bulk:>8.0f} "
        f"{speed / bulk:>6.2f}  {size / run.reads:.0f} bytes a read; by quarters of the run, reads/s: "
        + " ".join(f"{each:.0f}" for each in sent["quarters"]),
        flush=True,
    )


def _baseline(folder: Path, hour: datetime, run: Run) -> tuple[float, int]:
    """Return rows a second of the engine's bulk insert of what the run stored, and the bytes of its file."""
    from platekeeper.server.storage.columns import ALL_COLUMNS
    from platekeeper.server.storage.days import day_folder
    from platekeeper.server.storage.sqlite.layout import hour_files

    day = day_folder(folder / "home" / "lpr-data", hour.date())
    (stored,) = [each.file(day) for each in hour_files(day) if each.hour == hour.hour]
    with closing(sqlite3.connect(f"file:{stored}?mode=ro", uri=True)) as reader:
        rows = reader.execute(f"SELECT {ALL_COLUMNS} FROM read ORDER BY number").fetchall()
    if len(rows) != run.reads:
        raise RuntimeError(f"{len(rows)} reads are stored, {run.reads} were sent")
    tries = [_bulk_insert(Path(folder), rows, run.image) for _ in range(3)]
    return max(speed for speed, _ in tries), tries[0][1]


def _bulk_insert(folder: Path, rows: list[tuple[Any, ...]], image: int) -> tuple[float, int]:
    from platekeeper.server.storage.columns import ALL_COLUMNS
    from platekeeper.server.storage.images import PackWriter
    from platekeeper.server.storage.sqlite.engine import make_hour, open_for_writing

    with tempfile.TemporaryDirectory(dir=folder) as made:
        file = Path(made) / "bulk.sqlite3"
        make_hour(file)
        picture = b"\xff\xd8\xff\xe0" + bytes(max(image - 4, 0))
        statement = f"INSERT INTO read ({ALL_COLUMNS}) VALUES ({', '.join('?' * len(rows[0]))})"
        with closing(open_for_writing(file)) as connection:
            begun = time.perf_counter()
            for start in range(0, len(rows), BULK):
                part, packs = rows[start : start + BULK], PackWriter(Path(made))
                connection.execute("BEGIN IMMEDIATE")
                for _ in part if image else ():
                    packs.add(picture, sha256="", lpr=1, at=0)
                connection.executemany(statement, part)
                packs.sync()
                connection.execute("COMMIT")
                packs.close()
            seconds = time.perf_counter() - begun
        return len(rows) / seconds, file.stat().st_size


def _durability() -> str:
    import django
    from django.db import connection

    from platekeeper.server.storage.sqlite.engine import make_hour, open_for_writing

    django.setup()
    with tempfile.TemporaryDirectory() as made, connection.cursor() as records:
        file = Path(made) / "asked.sqlite3"
        make_hour(file)
        with closing(open_for_writing(file)) as reads:
            said = []
            for name, asked in (("reads", reads), ("records", records)):
                mode, sync = (
                    asked.execute(f"PRAGMA {setting}").fetchone()[0] for setting in ("journal_mode", "synchronous")
                )
                said.append(f"{name}: journal_mode={mode}, synchronous={ {1: 'NORMAL', 2: 'FULL', 3: 'EXTRA'}[sync] }")
    return "; ".join(said)


def _send(port: int, key: str, run: Run, hour: datetime) -> dict[str, Any]:
    sender = ROOT / "benchmarks" / "sending" / "sender.py"
    asked = [str(port), key, str(run.reads), str(run.batch), str(run.image), hour.isoformat()]
    answer: dict[str, Any] = json.loads(_python(str(sender), *asked))
    return answer


def _python(*arguments: str) -> str:
    ran = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2000:])
    return ran.stdout


@contextmanager
def _serving() -> Iterator[int]:
    from platekeeper.server.cli.serve import server

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(server("127.0.0.1", port), start_new_session=True)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError("the server ended at its start")
            time.sleep(0.1)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


if __name__ == "__main__":
    main()
