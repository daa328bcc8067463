"""Preserving and exporting killed with -9 at any step: the old state or the new one, never half of it.

`PLATEKEEPER_KILL_STEPS` sets how many steps of each procedure: some in `make test`, 0 (all of them) in `make crash`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.serving import ROOT, environment_in

pytestmark = pytest.mark.crash

MOST = os.environ.get("PLATEKEEPER_KILL_STEPS", "5")
SEED = "11"
Left = list[dict[str, Any]]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Return what was left at each step at which a procedure was killed."""
    environment = environment_in(tmp_path_factory.mktemp("killing"))
    command = [sys.executable, "-m", "tests.e2e.killing", SEED, MOST]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_after_any_kill_the_ledger_verifies_and_a_packet_is_made(left: Left) -> None:
    for each in left:
        assert (each["died"], each["returned"], each["faults"]) == (-9, None, []), each
        assert each["exported_then"] == len(each["copies"])


@pytest.mark.parametrize(("procedure", "key"), [("preserve_hit", "hit:2"), ("preserve_query", "query:1")])
def test_a_copy_is_there_with_its_image_and_its_leaf_or_not_at_all(left: Left, procedure: str, key: str) -> None:
    mine = [each for each in left if each["procedure"] == procedure]
    for each in mine:
        assert each["copies"] == each["named"], each
    there = [key in {name for name, *_digests in each["copies"]} for each in mine]
    assert there == sorted(there)  # nothing until the commit, all of it from then on
    assert (there[0], there[-1]) == (False, True)


def test_an_export_is_logged_before_it_is_made_and_after(left: Left) -> None:
    told = [each["exports"] for each in left if each["procedure"] == "export_packet"]
    assert told == sorted(told)
    assert {" ".join(outcomes) for outcomes in told} == {"", "begun", "begun done"}
