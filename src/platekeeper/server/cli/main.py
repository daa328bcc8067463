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
    try:
        return _run(given)
    except KeyboardInterrupt:
        return _failed("Stopped.", status=130)
    except EOFError:
        return _failed("An answer is wanted here, and standard input has ended.")


def _run(given: list[str]) -> int:
    from platekeeper.server.cli.pointing import Misdirected, settle
    from platekeeper.server.storage.files import file_trouble
    from platekeeper.server.storage.locks import LockTaken

    try:
        settle(given)
    except LockTaken:
        return _failed("The department is moving to another database. Wait until it has.")
    except Misdirected as error:
        return _failed(error, status=2)
    except OSError as error:
        return _failed(file_trouble(error), status=_unseen(given))
    if given[:1] == ["manage"] and given[1:2] and given[1] not in _LOOKS:
        return _failed(
            f"platekeeper manage only looks: {', '.join(_LOOKS)}. Accounts are released, and passwords made anew, "
            "on page People, where the ledger says by whom.",
            status=2,
        )
    import django

    try:
        django.setup()
    except ValueError as error:  # what the environment or a file in the home sets, and how it is to be
        return _failed(error, status=2)
    except OSError as error:
        return _failed(file_trouble(error), status=_unseen(given))
    return _said_in_words(given)


def _said_in_words(given: list[str]) -> int:
    """Run the command; what it raises of database, disk and files ends in words that say what to do."""
    import psycopg
    from django.db import NotSupportedError, OperationalError

    from platekeeper.server.ledger.signing import KeyMissing
    from platekeeper.server.storage.errors import AWAY, storage_trouble
    from platekeeper.server.storage.files import file_trouble

    try:
        return _command(given)
    except (KeyMissing, NotSupportedError) as error:  # the second names the PostgreSQL that is too old
        return _failed(error)
    except (OperationalError, psycopg.OperationalError, OSError) as error:
        trouble = storage_trouble(error)
        if trouble == AWAY:
            return _failed(
                f"{error}\n{trouble} See that PostgreSQL runs, and that PLATEKEEPER_DATABASE_URL and "
                "PLATEKEEPER_OWNER_URL name its host, port, database, role and password as they are, then run it again."
            )
        if trouble:
            return _failed(f"{trouble} Make room or mend it, then run it again.")
        if isinstance(error, OSError) and error.filename:
            return _failed(file_trouble(error))
        raise


def _command(given: list[str]) -> int:
    if given[:1] == ["manage"]:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["platekeeper manage", *given[1:]])
        return 0
    chosen = _parser(given).parse_args(given)
    return int(chosen.run(chosen))


def _unseen(given: list[str]) -> int:
    """Return what a command ends with that gets at no file: to a monitor 1 would be something to see to some day."""
    return 2 if given[:1] in (["health"], ["doctor"]) else 1


def _failed(why: object, *, status: int = 1) -> int:
    print(why, file=sys.stderr)
    return status


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
