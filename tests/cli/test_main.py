"""The command line finds each command in its own module."""

from __future__ import annotations

import argparse
from importlib import import_module

import pytest

from platekeeper.server.cli.main import COMMANDS, main


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
