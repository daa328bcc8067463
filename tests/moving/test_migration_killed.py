"""Records of the first version, in use, whose migration is killed at any step: the next one brings them up whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.moving.making import KILLS, SEED, database, python, told
from tests.postgres import cluster
from tests.roles.making import in_home, run

SQLITE, POSTGRESQL, COMMITS = 2_000, 1_100, 120
"""Steps and commits of the migration, less a few: SQLite makes tables anew where PostgreSQL changes them."""
Copy = Callable[[int], dict[str, str]]


def killed(copy: Copy, *, steps: int) -> None:
    """Kill the migration of copies of the old records, and bring them up."""
    dice = random.Random(SEED)
    for number in range(KILLS):
        at, environment = dice.randint(1, steps) if number % 2 else -dice.randint(1, COMMITS), copy(number)
        assert python(environment, "tests.moving.killed", str(at), "migrate").returncode == -9, at
        again = run(environment, "migrate")
        assert again.returncode == 0, (at, again.stderr)
        there = told(python(environment, "tests.moving.old", "look"))
        assert (there["left"], there["faults"], there["disabled"]) == (0, [], 10), at
        assert there["courses"] == sorted(f"course {each % 3}" for each in range(40)), at
        rows = {"personnel_person": 40, "personnel_training": 40, "ledger_ledgerentry": 40, "hotlist_hotlist": 1}
        assert there["rows"] | rows == there["rows"], at


def test_on_sqlite(tmp_path: Path) -> None:
    told(python(in_home(tmp_path / "old"), "tests.moving.old", "found"))
    killed(lambda number: in_home(shutil.copytree(tmp_path / "old", tmp_path / str(number))), steps=SQLITE)


def test_on_postgresql(tmp_path: Path) -> None:
    with cluster() as administrator:
        old = in_home(tmp_path) | {"PLATEKEEPER_DATABASE_URL": database(administrator, "old")}
        told(python(old, "tests.moving.old", "found"))
        killed(
            lambda number: old | {"PLATEKEEPER_DATABASE_URL": database(administrator, f"old_{number}", like="old")},
            steps=POSTGRESQL,
        )
