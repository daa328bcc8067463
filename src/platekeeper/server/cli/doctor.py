"""`platekeeper doctor`: whether the server is set up safely and well, with what to do about each finding."""

from __future__ import annotations

import argparse
from typing import Any

from django.db import Error
from django.utils import timezone

from platekeeper.core.rules.deployment import findings
from platekeeper.core.rules.health import Level, Verdict
from platekeeper.server.cli.health import add_json, another_version, found_here, is_there, say
from platekeeper.server.jobs.deployment import deployment


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="check how the server is set up and how it is; ends with 0 in order, 1 to see to, 2 to act on now",
    )
    add_json(parser)
    parser.add_argument(
        "--set-up", action="store_true", help="the set-up alone: of a server that is stopped the rest says little"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print a line a finding, and what to do; return the worst level."""
    found = [*_set_up(), *([] if chosen.set_up else found_here())]
    return say(list(dict.fromkeys(found)), as_json=chosen.json)  # of another version both say that alone


def _set_up() -> list[Verdict]:
    if not is_there():
        return []  # which `found_here` says
    try:
        other = another_version()
        return [other] if other else findings(deployment(at=timezone.now()))
    except (Error, OSError) as error:
        return [
            Verdict("Set-up", f"cannot be looked at: {error}", "to be looked at", Level.BAD, "See the lines below.")
        ]
