"""A department moves to PostgreSQL whole: every row and leaf, killed wherever it may be, and never half of it.

It is killed in `make crash` alone, as often as `PLATEKEEPER_MOVE_KILLS` says.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from platekeeper.server.storage.home import Home
from tests.moving.making import copied, database, python, rounds, told
from tests.postgres import cluster
from tests.roles.making import Urls, in_home, run, urls_in


@pytest.fixture(scope="module")
def administrator() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("moving") / "home")


@pytest.fixture(scope="module")
def left(home: Home) -> dict[str, Any]:
    """Found the department that moves; return what it is."""
    found: dict[str, Any] = told(python(in_home(home.folder), "tests.moving.town", "found", "300"))
    return found


@pytest.fixture(scope="module")
def counted(
    administrator: str, home: Home, left: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, int, int]:
    """Count the steps of a move that nobody kills: those before the copying, all of them, and the commits."""
    place = shutil.copytree(home.folder, tmp_path_factory.mktemp("counted") / "home")
    lived = python(in_home(place), "tests.moving.killed", "0", "move", "--to", database(administrator, "lived"))
    assert lived.returncode == 0, lived.stderr
    copying, steps, commits = map(int, lived.stdout.split()[-3:])
    return copying, steps, commits


def assert_same(there: dict[str, Any], left: dict[str, Any]) -> None:
    """Check that a department has moved whole, and that its ledger says so."""
    ledger = {"ledger_ledgerentry", "ledger_ledgeropening"}
    assert {table: n for table, n in there["rows"].items() if table not in ledger} == {
        table: n for table, n in left["rows"].items() if table not in ledger
    }
    index, action, details = there["last"]
    assert (index, action, there["faults"]) == (left["rows"]["ledger_ledgerentry"], "department_moved", [])
    assert details["root_before"] == left["root"]
    assert details["leaves_before"] == left["rows"]["ledger_ledgerentry"]
    assert (there["reads"], sum(details["reads"].values())) == (left["reads"], len(left["reads"]))


def test_it_moves_whole_as_two_roles_and_what_is_left_stays_as_it_was(
    administrator: str, home: Home, left: dict[str, Any], tmp_path: Path
) -> None:
    place = Home(shutil.copytree(home.folder, tmp_path / "home"))
    both: Urls = urls_in(administrator, "moved")
    assert run(both.environment(place.folder), "postgres", "roles", "--as", administrator).returncode == 0
    before = hashlib.sha256(place.records.read_bytes()).digest()

    moved = run(both.environment(place.folder), "move")
    assert (moved.returncode, left["root"] in moved.stdout, "web:...@" in moved.stdout) == (0, True, True), moved.stderr
    assert_same(told(python(both.serving(place.folder), "tests.moving.town", "look")), left)
    assert hashlib.sha256(place.records.read_bytes()).digest() == before
    with psycopg.connect(both.web) as web:
        query = web.execute("SELECT terms FROM querylog_querylogentry WHERE id = 1").fetchone()
        assert query == ({"plate": "ABC*", "odd": "nul \ufffd and \ufffd", "list": [None, 1.5, {"z": 1, "a": 2}]},)
        web.execute("DELETE FROM stakeouts_find")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("DELETE FROM ledger_ledgerentry")
    with psycopg.connect(both.owner) as owner:
        next_number = owner.execute("SELECT nextval(pg_get_serial_sequence('querylog_querylogentry', 'id'))").fetchone()
        assert next_number == (3,)  # 2 was given once, and taken away

    again = run(both.environment(place.folder), "move")
    assert (again.returncode, "already" in again.stdout) == (0, True), again.stderr
    back = run(in_home(place.folder), "serve")
    assert (back.returncode, "are in PostgreSQL" in back.stderr) == (2, True)
    assert not list(place.lpr_data.rglob("*.sqlite3"))


@pytest.mark.crash
def test_reads_in_files_are_taken_over_before_anybody_serves(
    administrator: str, home: Home, left: dict[str, Any], tmp_path: Path
) -> None:
    """So it is after a restore, and where the records had moved before reads could."""
    place, to = Home(shutil.copytree(home.folder, tmp_path / "home")), database(administrator, "in_files")
    assert run(in_home(place.folder), "move", "--to", to).returncode == 0
    with psycopg.connect(to) as web:
        web.execute("DROP SCHEMA lpr CASCADE")
    shutil.rmtree(place.lpr_data)
    shutil.copytree(home.lpr_data, place.lpr_data)
    there = in_home(place.folder) | {"PLATEKEEPER_DATABASE_URL": to}
    served = run(there, "serve", "--port", "1")
    assert (served.returncode, "reads take-over" in served.stderr) == (1, True), served.stderr
    for words in (f"{len(left['reads'])} reads of", "No reads lie in files"):
        ran = run(there, "reads", "take-over")
        assert (ran.returncode, words in ran.stdout) == (0, True), ran
    looked = told(python(there, "tests.moving.town", "look"))
    assert (looked["reads"], looked["last"][1], looked["faults"]) == (left["reads"], "reads_taken_over", [])


@pytest.mark.crash
def test_killed_at_any_step_it_goes_on_and_ends_the_same(
    administrator: str, home: Home, left: dict[str, Any], counted: tuple[int, int, int], tmp_path: Path
) -> None:
    copying, steps, commits = counted
    for number, dice in rounds("move", folder=tmp_path):
        # The migrations take most of the steps, and what is between two transactions is the most delicate.
        at = (-dice.randint(1, commits), dice.randint(copying, steps), dice.randint(1, copying))[number % 3]
        place = shutil.copytree(home.folder, tmp_path / "killed")
        with copied(administrator, f"killed_{number}") as to:
            cut_off = python(in_home(place), "tests.moving.killed", str(at), "move", "--to", to)
            assert cut_off.returncode == -9, (at, cut_off.stderr)
            half = in_home(place) | {"PLATEKEEPER_DATABASE_URL": to}
            if number == 0:
                served = run(half, "serve", "--port", "1")
                assert (served.returncode, "moving into this database" in served.stderr) == (1, True), served.stderr
            resumed = run(in_home(place), "move", "--to", to)
            assert resumed.returncode == 0, (at, resumed.stderr)
            assert_same(told(python(half, "tests.moving.town", "look")), left)
        shutil.rmtree(place)


def test_what_cannot_move_is_told_what_to_do(
    administrator: str, home: Home, left: dict[str, Any], tmp_path: Path
) -> None:
    with psycopg.connect(administrator) as other:
        other.execute("CREATE TABLE foreign_table (id int)")
    refused = {
        "not empty": run(in_home(home.folder), "move", "--to", administrator),
        "Name where to": run(in_home(home.folder), "move"),
        "no records in SQLite": run(in_home(tmp_path), "move", "--to", administrator),
        "connection failed": run(in_home(home.folder), "move", "--to", "postgresql://x@127.0.0.1:1/none"),
    }
    with home.running_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        refused["Stop the server and its jobs"] = run(in_home(home.folder), "move", "--to", administrator)
    with home.running_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused["moving to another"] = run(in_home(home.folder), "dispose")
    for words, ran in refused.items():
        assert (ran.returncode, words in ran.stderr, "Traceback" in ran.stderr) == (1, True, False), (words, ran.stderr)


@pytest.mark.crash
def test_what_changed_after_a_move_was_cut_off_is_moved_too(
    administrator: str, home: Home, left: dict[str, Any], counted: tuple[int, int, int], tmp_path: Path
) -> None:
    place, to = shutil.copytree(home.folder, tmp_path / "home"), database(administrator, "changed")
    all_but_the_end = str(1 - counted[2])
    assert python(in_home(place), "tests.moving.killed", all_but_the_end, "move", "--to", to).returncode == -9
    changed = python(in_home(place), "tests.moving.town", "change")
    moved = run(in_home(place), "move", "--to", to)
    assert moved.returncode == 0, moved.stderr
    there = told(python(in_home(place) | {"PLATEKEEPER_DATABASE_URL": to}, "tests.moving.town", "look"))
    assert_same(there, told(changed))
