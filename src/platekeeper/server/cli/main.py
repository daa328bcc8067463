"""The `platekeeper` command: translate the command line, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platekeeper.server.config.settings")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["manage"]:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["platekeeper manage", *given[1:]])
        return 0
    if given[:1] == ["demo"]:
        # Settings read the home once, so the demo's own must be named before Django starts.
        from platekeeper.server.cli.demo.place import point_at_demo

        point_at_demo()
    import django

    django.setup()
    from platekeeper.server.ledger.signing import KeyMissing

    chosen = _parser().parse_args(given)
    try:
        return int(chosen.run(chosen))
    except KeyMissing as missing:
        print(missing, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from platekeeper.server.cli import backup, department, frigate, hotlist, ledger, plan, reads, retention, serve
    from platekeeper.server.cli.demo import command as demo

    parser = argparse.ArgumentParser(prog="platekeeper", description="Live by the department's LPR policy.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (department, serve, demo, hotlist, reads, frigate, backup, retention, ledger, plan):
        module.register(commands)
    commands.add_parser("manage", help="Django's own commands, for the department's IT")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
