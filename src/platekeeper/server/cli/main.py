"""The `platekeeper` command: translate the command line, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "init": "department",
    "serve": "serve",
    "demo": "demo.command",
    "hotlist": "hotlist",
    "entries": "entries",
    "reads": "reads",
    "field-key": "field_key",
    "frigate": "frigate",
    "backup": "backup",
    "dispose": "retention",
    "ledger": "ledger",
    "audit": "audit",
    "migrate": "records",
    "postgres": "records",
    "move": "move",
    "health": "health",
    "doctor": "doctor",
    "plan": "plan",
}
"""Command -> its module here. What is not asked for is not loaded: all of them take as long as Django does."""
_LOOKS = ("check", "help", "makemigrations", "sendtestemail", "showmigrations", "sqlmigrate")
"""Django's commands that change no record. Its others would set a password, release an account or load rows, by nobody."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platekeeper.server.config.settings")
    given = list(sys.argv[1:] if arguments is None else arguments)
    from platekeeper.server.cli.pointing import settle
    from platekeeper.server.storage.locks import LockTaken

    try:
        settle(given)
    except LockTaken:
        print("The department is moving to another database. Wait until it has.", file=sys.stderr)
        return 1
    if given[:1] == ["manage"]:
        if given[1:2] and given[1] not in _LOOKS:
            print(
                f"platekeeper manage only looks: {', '.join(_LOOKS)}. Accounts are released, and passwords made anew, "
                "on page People, where the ledger says by whom.",
                file=sys.stderr,
            )
            return 2
        from django.core.management import execute_from_command_line

        execute_from_command_line(["platekeeper manage", *given[1:]])
        return 0
    import django

    django.setup()
    from django.db import OperationalError

    from platekeeper.server.ledger.signing import KeyMissing
    from platekeeper.server.storage.errors import disk_trouble

    chosen = _parser(given).parse_args(given)
    try:
        return int(chosen.run(chosen))
    except KeyMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    except OperationalError as error:
        if not (trouble := disk_trouble(error)):
            raise
        print(f"{trouble} Make room or mend it, then run it again.", file=sys.stderr)
        return 1


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="platekeeper", description="Live by the department's LPR policy.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    wanted = [COMMANDS[given[0]]] if given and given[0] in COMMANDS else COMMANDS.values()
    for module in dict.fromkeys(wanted):
        import_module(f"platekeeper.server.cli.{module}").register(commands)
    commands.add_parser("manage", help="those of Django's own commands that change no record, for IT")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
