"""Records are worked on by a version that knows them, and by no older one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from platekeeper.server.cli.main import main
from platekeeper.server.storage.home import Home
from tests.roles.making import become_owner

pytestmark = [pytest.mark.django_db, pytest.mark.records]


@pytest.fixture(autouse=True)
def home(own_home: Home) -> None:
    become_owner()


def _newer() -> None:
    MigrationRecorder(connection).record_applied("hits", "0999_of_tomorrow")


def _older() -> None:
    last = MigrationRecorder.Migration.objects.filter(app="hits").latest("pk")
    last.delete()


@pytest.mark.parametrize(
    "words", [["serve"], ["serve", "--pages-only"], ["migrate"], ["migrate", "--check"]], ids=" ".join
)
def test_records_of_a_newer_version_are_left_alone(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    _newer()
    assert main(words) == 1
    told = capsys.readouterr().err
    assert "does not know hits.0999_of_tomorrow. Start the newer version again, or restore the backup" in told


@pytest.mark.parametrize(
    ("make", "status", "says"), [(lambda: None, 0, "is of this version"), (_older, 1, "1 changes wait")]
)
def test_whether_records_are_of_this_version_is_told_to_scripts(
    make: Callable[[], None], status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make()
    assert main(["migrate", "--check"]) == status
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("command", ["doctor", "health"])
@pytest.mark.parametrize(
    ("make", "says"), [(_newer, "newer: has hits.0999_of_tomorrow"), (_older, "1 changes wait")], ids=["newer", "older"]
)
def test_records_of_another_version_are_told_once(
    make: Callable[[], None], says: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make()
    assert main([command]) == 2
    told = capsys.readouterr().out
    assert told.count(f"Database version: {says}") == told.count("(wanted: ") == 1


def test_records_from_before_the_first_release_are_taken() -> None:
    MigrationRecorder(connection).record_applied("reads", "0003_bundles")
    assert main(["migrate", "--check"]) == 0
