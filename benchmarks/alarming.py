"""From a read to its alarm: how long after a sender posts a wanted car's read a live board has the alarm.

On each engine, at a steady pace of `PACE` reads a second over 32 connections, in requests of several sizes; one read in
`READS_A_HIT` is a hit, each on another line of the hot list. The clock begins when the request is due, so a sender that waits
for the one before counts, too, and ends when the answer to a poll with the alarm is there. One board polls every
`PAUSE` seconds, as often as twenty do that officers have open (each polls once a second); the answer to a poll waits for
its turn in the same server. Reads and records are synced before they are acknowledged (`department.engines`).

    python benchmarks/alarming.py [seconds]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.department.engines import ENGINES, Engine, running
from benchmarks.department.running import begin, found, run, told
from tests.e2e.serving import serving

PACE, READS_A_HIT, PAUSE = 1_000, 500, 0.05
BATCHES = (100, 10, 1)
SECONDS = 60
ENTRIES = 100_000


def main() -> None:
    """Measure each size of request on each engine."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for name in ENGINES:
        with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as made, running(name, Path(made)) as engine:
            key = found(engine, entries=ENTRIES)
            print(
                f"{name}: {PACE:,} reads a second, one in {READS_A_HIT} a hit, hot list of {ENTRIES:,}; {engine.durability()}"
            )
            print(f"{'batch':>6} {'hits':>5} {'alarm p50 ms':>13} {'p99 ms':>7} {'ack p50 ms':>11} {'p99 ms':>7} "
                  f"{'poll p50 ms':>12} {'p99 ms':>7}", flush=True)  # fmt: skip
            with serving(engine.environment) as (_, port):
                _measure(
                    engine, port, key, 100, seconds=2, first_hit=0, says=False
                )  # the server reads the hot list now
                for place, batch in enumerate(BATCHES, 1):
                    _measure(engine, port, key, batch, seconds=seconds, first_hit=place * 3_000)


def _measure(
    engine: Engine, port: int, key: str, batch: int, *, seconds: int, first_hit: int, says: bool = True
) -> None:
    board = begin("benchmarks/department/watching.py", str(port), str(PAUSE), environment=engine.environment)
    told(board)
    asked = (PACE, batch, seconds, READS_A_HIT, first_hit)
    sent = run("benchmarks/sending/pacing.py", str(port), key, *map(str, asked))
    watched = told(board, "stop")
    missing = sent["due"].keys() - watched["seen"].keys()
    if missing:
        raise RuntimeError(f"{len(missing)} alarms were never seen: {sorted(missing)[:3]}")
    waits = [watched["seen"][plate] - due for plate, due in sent["due"].items()]
    if says:
        figures = " ".join(
            f"{1e3 * _quantile(each, 0.5):>{wide}.0f} {1e3 * _quantile(each, 0.99):>7.0f}"
            for each, wide in ((waits, 13), (sent["took"], 11), (watched["took"], 12))
        )
        print(f"{batch:>6} {len(waits):>5} {figures}", flush=True)


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    main()
