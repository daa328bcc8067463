"""Unit and server with the network cut, the power cut (kill -9) and the clock wrong: every read arrives once.

`PLATEKEEPER_CYCLES` sets how often: 3 in `make test`, 500 in `make cycles`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from platekeeper.core.moments import moment_of
from platekeeper.field.clock import machine_clock
from tests.e2e.serving import ROOT, ask, environment_in, serving
from tests.field.making import SetClock, spool_in
from tests.field.network import Network, network

CYCLES = int(os.environ.get("PLATEKEEPER_CYCLES", "3"))
READS_A_CYCLE = 30
HOUR = 3_600_000_000
YEAR = 365 * 24 * HOUR
WRONG_BY = (0, 0, 3 * HOUR, -2 * HOUR, 12 * YEAR, -25 * YEAR, -56 * YEAR)
"""Among them a clock without a battery, which begins in 1970."""


class Boot:
    """A start of the unit's machine."""

    def __init__(self, number: int = 0) -> None:
        self.name, self.began = f"run {number}", machine_clock().since()


def test_every_read_arrives_once(tmp_path: Path) -> None:
    chance = random.Random(9)
    environment = environment_in(tmp_path)
    key = ask(environment, "found", "10")["key"]
    unit, done, boot = tmp_path / "unit", 0, Boot()
    began = moment_of(machine_clock().wall())
    with network(0) as between:
        while done < CYCLES:
            with serving(environment) as (server, port):
                between.server = port
                for _ in range(min(CYCLES - done, chance.randint(1, 12))):
                    done += 1
                    boot = Boot(done) if chance.random() < 0.5 else boot
                    _cut(between, chance)
                    driving = _drive(
                        unit, (between.port, key), reads=done * READS_A_CYCLE, boot=boot, wrong_by=chance.choice(WRONG_BY)
                    )  # fmt: skip
                    time.sleep(chance.uniform(0.1, 0.9))
                    driving.kill()
                    driving.wait()
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
        between.up = between.down = None
        with serving(environment) as (_, port):
            between.server = port
            assert (
                _drive(unit, (between.port, key), reads=CYCLES * READS_A_CYCLE, boot=Boot(done + 1), wrong_by=0).wait(
                    timeout=600
                )
                == 0
            )

    found, spool = ask(environment, "count"), spool_in(unit, SetClock("looking"))
    assert found["reads"] == found["batched"] == CYCLES * READS_A_CYCLE
    assert found["faults"] == []
    assert spool.counts() == {"kept": CYCLES * READS_A_CYCLE}
    told = [(moment_of(at), number) for at, number in spool.rows("SELECT told, number FROM reads")]
    assert [each for each in told if not began - timedelta(hours=2) <= each[0] <= datetime.now(UTC)] == []


def _cut(between: Network, chance: random.Random) -> None:
    """Cut the network at once, after some bytes of a request, or within its answer; or let it be."""
    between.up = between.down = None
    match chance.randrange(5):
        case 0:
            between.up = 0
        case 1:
            between.up = chance.randrange(1, 40_000)
        case 2 | 3:
            between.down = chance.randrange(1, 3_000)


def _drive(unit: Path, server: tuple[int, str], *, reads: int, boot: Boot, wrong_by: int) -> subprocess.Popen[bytes]:
    port, key = server
    facts = (unit, f"http://127.0.0.1:{port}", key, reads, boot.name, wrong_by, boot.began)
    command = [sys.executable, "-m", "tests.field.driving", *map(str, facts)]
    return subprocess.Popen(command, cwd=ROOT)
