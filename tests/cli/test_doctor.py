"""`platekeeper doctor`: what it finds on a real home, for people and for monitors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.cli.main import main
from platekeeper.server.jobs.deployment import is_encrypted, open_paths
from platekeeper.server.jobs.schedule import ensure_schedules
from platekeeper.server.storage.home import Home
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]


@pytest.fixture
def home(own_home: Home, cast: Cast) -> Home:
    ensure_schedules()
    return own_home


def test_it_looks_at_the_set_up_and_at_how_it_is(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 2
    lines = {each["name"]: each for each in json.loads(capsys.readouterr().out)["lines"]}
    assert {"Home folder", "TLS", "Backups", "Witnesses", "Accounts", "Disk", "Scheduled work"} <= set(lines)
    assert lines["Home folder"]["level"] == "good" and "no recovery key" in lines["Backups"]["found"]
    assert main(["doctor", "--set-up", "--json"]) == 2
    assert "TLS" in (set_up := capsys.readouterr().out) and "Scheduled work" not in set_up
    home.folder.chmod(0o755)
    (home.folder / "secrets.json").chmod(0o644)
    assert main(["doctor"]) == 2
    printed = capsys.readouterr().out
    assert f"ACT NOW   Home folder: others may read or write: {home.folder}; secrets.json" in printed
    assert "chmod -R go=" in printed


def test_without_a_department_it_says_so(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOME = Home(tmp_path / "none")
    assert main(["doctor"]) == 2
    assert "no department here" in capsys.readouterr().out


def test_where_nothing_was_made_yet_nothing_is_laid(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLATEKEEPER_")}
    command = [sys.executable, "-m", "platekeeper.server.cli.main", "doctor"]
    asked = subprocess.run(
        command, env=environment | {"PLATEKEEPER_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2 and "no department here" in asked.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_closed_home_closes_what_is_in_it(home: Home) -> None:
    (home.folder / "secrets.json").chmod(0o644)
    assert list(open_paths(home.folder)) == []


@pytest.mark.parametrize(
    ("uuids", "encrypted"),
    [([], None), ([""], False), (["LVM-1", "CRYPT-LUKS2-2"], True), (["CRYPT-LUKS2-1"], True), (["LVM-1", ""], False)],
)
def test_encryption_is_found_below_other_layers(uuids: list[str], encrypted: bool | None, tmp_path: Path) -> None:
    place = tmp_path / "8:1"
    for uuid in uuids:
        (place / "dm").mkdir(parents=True)
        if uuid:
            (place / "dm" / "uuid").write_text(uuid)
        place = place / "slaves" / "below"
    assert is_encrypted((8 << 8) | 1, tmp_path) is encrypted
