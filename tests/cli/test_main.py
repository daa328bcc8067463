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


def test_a_command_that_is_none_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hotlists"])
    told = capsys.readouterr().err
    assert [command for command in COMMANDS if command not in told] == []
