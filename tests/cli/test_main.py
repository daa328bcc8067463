"""The command line finds each command in its own module."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest

from platekeeper.server.cli.main import COMMANDS, main
from platekeeper.server.storage.home import Home
from tests.roles.making import in_home, run


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_registered_by_the_module_that_is_named_for_it(command: str) -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    import_module(f"platekeeper.server.cli.{COMMANDS[command]}").register(commands)
    assert command in commands.choices
    assert {name for name in commands.choices if name in COMMANDS} == set(commands.choices)


@pytest.mark.parametrize(
    "act", ["changepassword", "createsuperuser", "axes_reset", "loaddata", "flush", "shell", "dbshell"]
)
def test_no_command_of_djangos_does_what_the_ledger_must_know_of(act: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manage", act, "chief"]) == 2
    assert "on page People" in capsys.readouterr().err


def test_a_command_that_is_none_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hotlists"])
    told = capsys.readouterr().err
    assert [command for command in COMMANDS if command not in told] == []


@pytest.mark.parametrize(
    ("happens", "status", "words"),
    [(KeyboardInterrupt, 130, "Stopped."), (EOFError, 1, "standard input has ended")],
    ids=["ctrl-c", "end of input"],
)
def test_a_prompt_that_is_not_answered_ends_in_words(
    happens: type[BaseException],
    status: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def nobody(_prompt: str) -> NoReturn:
        raise happens

    monkeypatch.setattr("builtins.input", nobody)
    assert main(["init"]) == status
    told = capsys.readouterr().err
    assert words in told and "Traceback" not in told


@pytest.mark.parametrize(("command", "status"), [("health", 2), ("doctor", 2), ("serve", 1)])
def test_a_monitor_that_gets_at_no_file_hears_the_worst(command: str, status: int, tmp_path: Path) -> None:
    Home(tmp_path).found()
    Home(tmp_path).running_lock.mkdir()  # nobody opens it for writing: so it is on a disk that can only be read
    ran = run(in_home(tmp_path), command)
    assert (ran.returncode, "Traceback" in ran.stderr) == (status, False), ran.stderr


@pytest.mark.parametrize("most", ["many", "0", "-5", "1.5"])
def test_a_budget_of_reads_that_is_no_number_is_named(most: str, tmp_path: Path) -> None:
    ran = run(in_home(tmp_path) | {"PLATEKEEPER_READS_A_MINUTE": most}, "health")
    assert ran.returncode == 2
    assert ran.stderr.startswith("PLATEKEEPER_READS_A_MINUTE must be a whole number") and most in ran.stderr
