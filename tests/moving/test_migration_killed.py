"""Records of the first version, in use, whose migration is killed at any step: the next one brings them up whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.moving.making import copied, database, python, rounds, told
from tests.postgres import cluster
from tests.roles.making import in_home, run

SQLITE, POSTGRESQL, COMMITS = 2_000, 1_100, 120
"""Steps and commits of the migration, less a few: SQLite makes tables anew where PostgreSQL changes them."""
Copy = Callable[[int], AbstractContextManager[dict[str, str]]]


def killed(name: str, copy: Copy, *, steps: int, folder: Path) -> None:
    """Kill the migration of copies of the old records, and bring them up."""
    for number, dice in rounds(name, folder=folder):
        at = dice.randint(1, steps) if number % 2 else -dice.randint(1, COMMITS)
        with copy(number) as environment:
            assert python(environment, "tests.moving.killed", str(at), "migrate").returncode == -9, at
            again = run(environment, "migrate")
            assert again.returncode == 0, (at, again.stderr)
            there = told(python(environment, "tests.moving.old", "look"))
        assert (there["left"], there["faults"], there["disabled"]) == (0, [], 10), at
        assert there["courses"] == sorted(f"course {each % 3}" for each in range(40)), at
        rows = {"personnel_person": 40, "personnel_training": 40, "ledger_ledgerentry": 40, "hotlist_hotlist": 1}
        assert there["rows"] | rows == there["rows"], at


@pytest.mark.crash
def test_on_sqlite(tmp_path: Path) -> None:
    @contextmanager
    def copy(number: int) -> Iterator[dict[str, str]]:
        home = shutil.copytree(tmp_path / "old", tmp_path / str(number))
        yield in_home(home)
        shutil.rmtree(home)

    told(python(in_home(tmp_path / "old"), "tests.moving.old", "found"))
    killed("migration", copy, steps=SQLITE, folder=tmp_path)


@pytest.mark.crash
def test_on_postgresql(tmp_path: Path) -> None:
    with cluster() as administrator:

        @contextmanager
        def copy(number: int) -> Iterator[dict[str, str]]:
            with copied(administrator, f"old_{number}", like="old") as there:
                yield old | {"PLATEKEEPER_DATABASE_URL": there}

        old = in_home(tmp_path) | {"PLATEKEEPER_DATABASE_URL": database(administrator, "old")}
        told(python(old, "tests.moving.old", "found"))
        killed("postgresql-migration", copy, steps=POSTGRESQL, folder=tmp_path)
