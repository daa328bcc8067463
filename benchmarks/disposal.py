"""Disposing of one day among 90: how long until nobody sees it and its backup key is gone, and until its space is back.

On each engine, at two sizes of the day; one read in a hundred comes with an image.
The day comes in through the store's own writer and is sealed; the other days have `OTHERS` reads each. A backup is made of
everything; then the department disposes of the middle day as it does of what is past its time, certificate and all, while
another process appends 100 reads to today 20 times a second. This process looks on: at the store's days, at the backup's
keyring and at what lies on disk of the day, a hundred times a second where it can. Every store syncs (`department.engines`).

    python benchmarks/disposal.py [reads of the day ...] [SQLite|PostgreSQL]
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import BULK, ENGINES, Engine, running
from benchmarks.department.running import begin, found, told
from benchmarks.street import DAYS, rows_of
from platekeeper.server.storage.backups import keyring
from platekeeper.server.storage.backups.running import copies_in
from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.rows import Incoming, ReadRow

SIZES = (20_000, 200_000)
OTHERS = 10_000
IMAGE_EVERY, IMAGE = 100, 100_000  # bytes
ENTRIES = 1_000
_SCRIPTS = "benchmarks/department"
BEFORE = 5.0  # seconds of appending before the disposal begins


def main() -> None:
    """Measure each size on each engine."""
    sizes = [int(each) for each in sys.argv[1:] if each not in ENGINES] or SIZES
    for name in [each for each in sys.argv[1:] if each in ENGINES] or ENGINES:
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made, running(name, Path(made)) as engine:
                _measure(engine, size)


def _measure(engine: Engine, size: int) -> None:
    found(engine, entries=ENTRIES)
    begun = time.monotonic()
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=number) for number in reversed(range(len(DAYS)))]
    middle = days[len(days) // 2]
    _fill(engine, days[0], OTHERS)
    _fill(engine, middle, size, images=True)
    engine.store().seal(before=today, settled=set)
    for day in days[1:-1]:
        engine.shift(days[0], day)
    print(
        f"{engine.name}: {size:,} reads of the day, an image of {IMAGE:,} bytes with one in {IMAGE_EVERY}; the other "
        f"{len(days) - 1} days have {OTHERS:,} reads each (made in {time.monotonic() - begun:.0f} s); "
        f"{engine.durability()}",
        flush=True,
    )
    disposer = begin(f"{_SCRIPTS}/disposing.py", middle.isoformat(), environment=engine.environment)
    backed_up = told(disposer)
    appender = begin(
        f"{_SCRIPTS}/appending.py", engine.name, str(engine.folder), engine.url, environment=engine.environment
    )
    told(appender)
    time.sleep(BEFORE)
    held = engine.held(middle)
    watch = _Watch(engine, middle)
    begun = time.monotonic()
    watch.start()
    disposed = told(disposer, "go")
    watch.join()
    time.sleep(1)
    appended = told(appender, "stop")["appends"]
    if disposed["reads"] != size:
        raise RuntimeError(f"{disposed['reads']} reads were disposed of, {size} were stored")
    gone, key, space = (watch.seen[each] - begun for each in ("out of sight", "key gone", "space back"))
    quiet = [took for at, took in appended if at + took < begun]
    meanwhile = [took for at, took in appended if at + took >= begun and at <= watch.seen["space back"]]
    print(
        f"  backup of {backed_up['bytes'] / 1e6:.0f} MB in {backed_up['seconds']:.1f} s\n"
        f"  out of sight after {gone:.2f} s, backup key gone after {key:.2f} s; space of {held / 1e6:.0f} MB back after "
        f"{space:.2f} s: {held / 1e6 / space:.0f} MB/s; certified after {disposed['seconds']:.2f} s\n"
        f"  an append of 100 reads before: median {1e3 * median(quiet):.0f} ms, slowest {1e3 * max(quiet):.0f} of "
        f"{len(quiet)}; meanwhile: slowest {1e3 * max(meanwhile, default=0):.0f} ms of {len(meanwhile)}",
        flush=True,
    )


def _fill(engine: Engine, day: date, reads: int, *, images: bool = False) -> None:
    """Store reads of a day through the store's own writer."""
    rows, later = rows_of(DAYS[0], reads * len(DAYS)), start_of(day) - start_of(DAYS[0])
    picture = b"\xff\xd8\xff\xe0" + bytes(IMAGE - 4)
    sha256 = hashlib.sha256(picture).hexdigest()
    with engine.store().writer() as writer:
        for start in range(0, len(rows), BULK):
            batch, incoming = secrets.token_bytes(16), list[Incoming]()
            for place, row in enumerate(rows[start : start + BULK]):
                read = ReadRow._make(row[1 : 1 + len(ReadRow._fields)])
                moved = read._replace(at=read.at + later, received=read.received + later)
                with_image = images and place % IMAGE_EVERY == 0
                incoming.append(Incoming(moved, picture, sha256) if with_image else Incoming(moved))
            writer.append(batch=batch, incoming=incoming, received=incoming[-1].row.received)
            writer.settle(batch)


class _Watch(threading.Thread):
    """Notes when the day is out of sight, when the backup has no key of it, and when its space is back."""

    def __init__(self, engine: Engine, day: date) -> None:
        super().__init__(daemon=True)
        self._engine, self._day = engine, day
        self.seen: dict[str, float] = {}

    def run(self) -> None:
        """Look until all of it has come."""
        waiting: dict[str, Callable[[], bool]] = {
            "out of sight": lambda: self._day not in self._engine.store().days(),
            "key gone": lambda: self._day.isoformat() not in set(self._rooms()),
            "space back": lambda: not self._engine.held(self._day),
        }
        while waiting:
            for what in [each for each, has_come in waiting.items() if has_come()]:
                self.seen[what] = time.monotonic()
                del waiting[what]
            time.sleep(0.01)

    def _rooms(self) -> Iterator[str]:
        for folder in copies_in(self._engine.folder / "home" / "backups"):
            yield from (line.room for line in keyring.lines_in(folder).values())


if __name__ == "__main__":
    main()
