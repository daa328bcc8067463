"""What changes a department's data, killed with -9 or on a disk that is full or fails: nothing acknowledged is lost, nothing
is there twice, nothing disposed of comes back, and a disk that works again is enough to go on.

`PLATEKEEPER_CRASHES` says how often each act is killed (and as often its disk fails): twice in `make test`, 500 times in
`make crash`, which writes each time that went well into the folder `PLATEKEEPER_CRASHED` and goes on after it.
`PLATEKEEPER_CRASH_SEED` chooses the steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.serving import ROOT, environment_in
from tests.moving.making import database

CRASHES = int(os.environ.get("PLATEKEEPER_CRASHES", "2"))
SEED = os.environ.get("PLATEKEEPER_CRASH_SEED", "11")


@pytest.mark.records
@pytest.mark.parametrize("act", ["ingest", "disposal", "backup", "swap"])
def test_harmed_anywhere_it_is_whole_when_done_again(act: str, tmp_path: Path) -> None:
    environment, engine = environment_in(tmp_path), ""
    if url := os.environ.get("PLATEKEEPER_DATABASE_URL"):
        environment["PLATEKEEPER_DATABASE_URL"], engine = database(url, f"founded_{act}"), "postgresql-"
    kept = Path(os.environ.get("PLATEKEEPER_CRASHED", tmp_path)) / f"{engine}{act}-{SEED}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    first = len(kept.read_text().splitlines()) if kept.exists() else 0
    command = [sys.executable, "-m", "tests.e2e.crashing", act, SEED, str(first), str(2 * CRASHES)]
    with (
        kept.open("a") as lines,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running,
    ):
        assert running.stdout
        for line in running.stdout:
            assert json.loads(line)["wrong"] == [], line
            lines.write(line)
            lines.flush()
    assert running.returncode == 0
    assert len(kept.read_text().splitlines()) >= 2 * CRASHES
