"""What changes a department's data, killed with -9 or on a disk that is full or fails: nothing acknowledged is lost, nothing
is there twice, nothing disposed of comes back, and a disk that works again is enough to go on.

`PLATEKEEPER_CRASHES` says how often each act is killed (and as often its disk fails): twice in `make test` on each engine,
500 times in `make crash`, which writes each time that went well into the folder `PLATEKEEPER_CRASHED` and goes on after it.
`PLATEKEEPER_CRASH_SEED` chooses the steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from platekeeper.server.storage.databases import URL
from tests.e2e.serving import ROOT, environment_in
from tests.moving.making import database

CRASHES = int(os.environ.get("PLATEKEEPER_CRASHES", "2"))
SEED = os.environ.get("PLATEKEEPER_CRASH_SEED", "11")


ENGINE = "postgresql-" if URL in os.environ else ""


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Found the department that is harmed; return the environment of processes that live in it."""
    place = environment_in(tmp_path_factory.mktemp("crashes"))
    now = datetime.now(UTC).replace(microsecond=0)
    founded = now if now.hour >= 2 else now - timedelta(hours=3)  # what is done within the last hour is of one day
    place["FOUNDED_AT"] = founded.isoformat()
    if ENGINE:
        place[URL] = database(os.environ[URL], "founded_for_crashes")
    subprocess.run([sys.executable, "-m", "tests.e2e.crashing", "found"], cwd=ROOT, env=place, check=True)
    return place


@pytest.mark.records
@pytest.mark.parametrize("act", ["ingest", "disposal", "backup", "swap"])
def test_harmed_anywhere_it_is_whole_when_done_again(act: str, department: dict[str, str], tmp_path: Path) -> None:
    kept = Path(os.environ.get("PLATEKEEPER_CRASHED", tmp_path)) / f"{ENGINE}{act}-{SEED}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    first = len(kept.read_text().splitlines()) if kept.exists() else 0
    command = [sys.executable, "-m", "tests.e2e.crashing", act, SEED, str(first), str(2 * CRASHES)]
    with (
        kept.open("a") as lines,
        subprocess.Popen(command, cwd=ROOT, env=department, stdout=subprocess.PIPE, text=True) as running,
    ):
        assert running.stdout
        for line in running.stdout:
            assert json.loads(line)["wrong"] == [], line
            lines.write(line)
            lines.flush()
    assert running.returncode == 0
    assert len(kept.read_text().splitlines()) >= 2 * CRASHES
