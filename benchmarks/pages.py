"""Whether pages answer as fast with many reads stored as with few: each page of the walk, over stores of two sizes.

Both departments are made as `growing` makes them, and hold in their records what so many reads leave there: LPRs, batches,
hits worked to their end and preserved in a case, searches, each with its leaves in the ledger (`department/walking`). Each
page is asked `TIMES` times by somebody who may open it, through the whole handler and without a network, after one time that
does not count; both departments in turn. The slowest are printed first: p50 and p95 with many stored, p95 of the processor's
time alone (PostgreSQL's included), which other programs on the machine disturb less, p95 with few, and the ratio of its
medians. A page whose processor's time alone is over `LIMIT` with many fails the run.

    python benchmarks/pages.py [reads] [folder] [SQLite|PostgreSQL]

Without a folder it is a temporary one. In a folder the departments stay, and a run that was cut short goes on.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import running
from benchmarks.department.running import found, run
from benchmarks.growing import ENTRIES, fill, newest_day

READS = 1_000_000
FEWER = 50_000  # reads in the small store
TIMES = 20
ROUNDS = 2
LIMIT = 300  # milliseconds, p95
Times = dict[str, list[tuple[float, float]]]
"""Milliseconds by page: by the clock, and of the processor."""


def main() -> None:
    """Make both departments, ask each page of both, and print."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    engine = sys.argv[3] if len(sys.argv) > 3 else "SQLite"
    with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else made)
        folder.mkdir(parents=True, exist_ok=True)
        few, many = _ask(engine, folder, reads, keep=len(sys.argv) > 2)
    if slow := _show(few, many, reads):
        raise SystemExit(f"p95 over {LIMIT} ms: {', '.join(slow)}")


def _ask(name: str, folder: Path, reads: int, *, keep: bool) -> list[Times]:
    """Return the milliseconds by page of the small department, and of the large one."""
    sizes, asked = (FEWER, reads), {}
    with ExitStack() as stack:
        for size in sizes:
            engine = stack.enter_context(running(name, folder / f"{name}-{size}".lower(), keep=keep))
            found(engine, entries=ENTRIES)
            fill(engine, newest_day(folder), size)
            asked[size] = lambda times, of=engine, size=size: run(
                "benchmarks/department/walking.py", str(size), str(times), environment=of.environment
            )
            asked[size](1)
            print(f"{name}: {size:,} reads, with their records", flush=True)
        times: dict[int, Times] = {size: {} for size in sizes}
        for _ in range(ROUNDS):
            for size in sizes:
                for page, took in asked[size](TIMES // ROUNDS + 1).items():
                    times[size].setdefault(page, []).extend(took[1:])
    return [times[size] for size in sizes]


def _show(few: Times, many: Times, reads: int) -> list[str]:
    """Print a line a page; return those that are too slow."""
    print(f"{reads:,} reads by {FEWER:,}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; milliseconds")
    print(f"{'page':<26} {'p50':>7} {'p95':>7} {'cpu p95':>8} {'p95 few':>8} {'growth':>7}")
    for page in sorted(many, key=lambda each: -_p95(many[each], computed=True)):
        (p50, cpu_many), (_, cpu_few) = (tuple(map(median, zip(*times[page], strict=True))) for times in (many, few))
        p95, cpu, p95_few = _p95(many[page]), _p95(many[page], computed=True), _p95(few[page])
        print(f"{page:<26} {p50:>7.1f} {p95:>7.1f} {cpu:>8.1f} {p95_few:>8.1f} {cpu_many / cpu_few:>7.2f}")
    return [page for page in many if _p95(many[page], computed=True) > LIMIT]


def _p95(times: list[tuple[float, float]], *, computed: bool = False) -> float:
    return quantiles([each[computed] for each in times], n=20)[-1]


if __name__ == "__main__":
    main()
