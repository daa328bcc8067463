"""`platekeeper backup` as holders and IT use it (VI.m)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.cli import backup as command
from platekeeper.server.procedures.keep_recovery_key import key_in_use
from platekeeper.server.storage.home import Home
from tests.cast import assemble

pytestmark = [pytest.mark.django_db, pytest.mark.records]


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Home:
    settings.HOME = Home(tmp_path / "home")
    settings.HOME.found()
    assemble()
    made: Home = settings.HOME
    return made


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
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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
    assert run("restore", "--target", str(home.backups), "--shares", str(tmp_path / "paper")) == 1
    assert "Wrong number" in capsys.readouterr().err
    assert run("facts", "--leaves", "1") == 0
    assert "1 leaves of the ledger, root " in capsys.readouterr().out


def test_an_unencrypted_backup_is_named_and_removed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.backups.mkdir()
    (home.backups / "MANIFEST.json").write_text('{"version": 1, "files": {}}')
    assert run("remove-unencrypted") == 0
    assert "Once an encrypted one is there" in capsys.readouterr().out
