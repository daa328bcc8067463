"""The `platekeeper-field` command: translate the command line, nothing else. Each other module here is a subcommand."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

import platekeeper.field.cli as commands
from platekeeper.field.disk import SpoolFull


class Trouble(Exception):
    """What the person at the keyboard has to mend; the message says how."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (Trouble, SpoolFull) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except (
        ModuleNotFoundError
    ) as missing:  # what reads pictures is large, and a unit whose cameras read needs none of it
        print(f"{missing.name} is not installed: pip install 'platekeeper[field]'", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="platekeeper-field", description="Read plates in the car or on the pole.")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for found in sorted(pkgutil.iter_modules(commands.__path__), key=lambda found: found.name):
        module = import_module(f"{commands.__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register(subparsers)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
