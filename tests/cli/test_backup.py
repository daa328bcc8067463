"""`platekeeper backup` as holders and IT use it (VI.m)."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from platekeeper.server.cli import backup as command
from platekeeper.server.procedures.keep_recovery_key import key_in_use
from platekeeper.server.retention.changes import begin_backup
from platekeeper.server.storage.backups import restore
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.recovery import give_recovery_key

pytestmark = [pytest.mark.django_db, pytest.mark.records, pytest.mark.usefixtures("cast")]


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    chosen = parser.parse_args(["backup", *words])
    return int(chosen.run(chosen))


def _shares_shown(text: str) -> Iterator[str]:
    """Return the shares as their holders would copy them from the screen."""
    for sheet in text.split("give the key.\n")[1:]:
        words = [word for word in sheet.partition("Now prove")[0].split() if not word.isdigit()]
        yield " ".join(words[:33])


def test_a_key_is_made_proved_and_drilled(
    own_home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("run") == 1
    assert "recovery key first" in capsys.readouterr().err
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert run("make-keys", "--needed", "2", "--holder", "Chief", "--holder", "Clerk", "--holder", "Custodian") == 0
    shares = list(_shares_shown(capsys.readouterr().out))
    assert len(shares) == 3
    typed = iter([shares[2], shares[0], ""])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert run("drill-keys") == 0
    made = key_in_use()
    assert made is not None and made.holders == ["Chief", "Clerk", "Custodian"]
    assert run("run") == 0
    assert run("verify") == 0
    (tmp_path / "paper").write_text("\n".join(shares))
    assert run("restore", "--drill", "--shares", str(tmp_path / "paper")) == 0
    assert run("restore", "--shares", str(tmp_path / "paper")) == 2  # a real one names its folder
    (tmp_path / "paper").write_text(shares[0])
    assert run("restore", "--target", str(own_home.backups), "--shares", str(tmp_path / "paper")) == 1
    assert "Wrong number" in capsys.readouterr().err
    assert run("facts", "--leaves", "1") == 0
    assert "1 leaves of the ledger, root " in capsys.readouterr().out


def test_a_folder_out_of_reach_is_named_and_a_run_that_failed_is_no_backup(
    own_home: Home, settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    give_recovery_key()
    settings.BACKUP_FOLDERS = [own_home.backups, tmp_path / "unplugged"]
    assert run("run") == 0
    assert f"{tmp_path / 'unplugged'} is not within reach" in capsys.readouterr().err
    assert run("verify") == 1
    assert capsys.readouterr().out == f"{tmp_path / 'unplugged'} is not within reach.\n"
    (tmp_path / "file").touch()
    assert run("run", "--target", str(tmp_path / "file")) == 1
    assert "Name another place" in capsys.readouterr().err
    stamp = (1, "0" * 64)
    begin_backup(
        at=timezone.now(), by=0, target=str(own_home.backups), reached=True, policy=stamp
    )  # as one that was cut off
    assert run("list") == 0
    assert next(line.split("  ")[1] for line in capsys.readouterr().out.splitlines()) == "not finished"


@pytest.mark.parametrize(
    ("tool", "words"), [("", "install postgresql-client"), ("echo mismatch >&2; exit 1", "could not be dumped. mismatch")],
    ids=["missing", "failing"],
)  # fmt: skip
def test_the_tool_that_dumps_is_wanted_where_the_records_are_in_postgresql(
    tool: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give_recovery_key()
    folder = tmp_path / "tools"
    folder.mkdir()
    if tool:
        (folder / "pg_dump").write_text(f"#!/bin/sh\n{tool}\n")
        (folder / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    wanted = connection.vendor == "postgresql"
    assert run("run") == int(wanted)
    told = capsys.readouterr().err
    assert (words in told) == wanted and "Traceback" not in told


def test_a_backup_of_the_records_holds_no_read(cast: Cast, own_home: Home, tmp_path: Path) -> None:
    """It is kept after the read's day is gone, and its key stays."""
    drive_past(cast, ["QQX7731"], at=timezone.now())
    key = give_recovery_key()
    assert run("run") == 0
    restore(own_home.backups, tmp_path / "again", key, rooms={"records"})
    [records] = (tmp_path / "again").glob("records.*")
    said = records.read_bytes()
    if records.suffix == ".dump":
        said = subprocess.run(["pg_restore", "--file=-", records], capture_output=True, check=True).stdout
    assert b"equipment_lpr" in said
    assert b"QQX7731" not in said


def test_an_unencrypted_backup_is_named_and_removed(own_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    own_home.backups.mkdir()
    (own_home.backups / "MANIFEST.json").write_text('{"version": 1, "files": {}}')
    assert run("remove-unencrypted") == 0
    assert "Once an encrypted one is there" in capsys.readouterr().out
