"""Records whose making is killed at any step: the next `migrate` makes them whole, the ledger's guards with them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from tests.moving.making import database, python, rounds, told
from tests.postgres import cluster
from tests.roles.making import in_home, run

pytestmark = pytest.mark.crash
Records = Callable[[str], AbstractContextManager[dict[str, str]]]


def killed(name: str, records: Records, *, folder: Path) -> None:
    """Kill `migrate` of records without a table, each time somewhere else, and bring them up."""
    with records("counted") as environment:
        counted = python(environment, "tests.moving.killed", "0", "migrate")
        assert counted.returncode == 0, counted.stderr
        steps, commits = map(int, counted.stdout.rsplit("steps", 1)[1].split()[1:])
        whole = told(python(environment, "tests.moving.made"))
        assert (whole["left"], whole["faults"], len(whole["tables"]) > 100) == (0, [], True)
    for number, dice in rounds(name, folder=folder):
        at = dice.randint(1, steps) if number % 2 else -dice.randint(1, commits)
        with records(f"killed_{number}") as environment:
            assert python(environment, "tests.moving.killed", str(at), "migrate").returncode == -9, at
            again = run(environment, "migrate")
            assert again.returncode == 0, (at, again.stderr)
            assert told(python(environment, "tests.moving.made")) == whole, at


def test_on_sqlite(tmp_path: Path) -> None:
    def records(name: str) -> AbstractContextManager[dict[str, str]]:
        (tmp_path / name).mkdir()
        return nullcontext(in_home(tmp_path / name))

    killed("migration", records, folder=tmp_path)


def test_on_postgresql(tmp_path: Path) -> None:
    with cluster() as administrator:

        def records(name: str) -> AbstractContextManager[dict[str, str]]:
            return nullcontext(in_home(tmp_path) | {"PLATEKEEPER_DATABASE_URL": database(administrator, name)})

        killed("postgresql-migration", records, folder=tmp_path)
