"""`platekeeper health`: how the system is, for people and for monitors."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from platekeeper.core.rules.health import Level, Verdict, worst
from platekeeper.server.jobs.health import health
from platekeeper.server.storage.versions import ahead, behind


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "health", help="say how the system is; ends with 0 in order, 1 to see to, 2 to act on now"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add in what form to print."""
    parser.add_argument("--json", action="store_true", help="as JSON, for a monitor")


def run(chosen: argparse.Namespace) -> int:
    """Print a line a verdict, and what to do; return the worst level."""
    return say(found_here(), as_json=chosen.json)


def say(found: Sequence[Verdict], *, as_json: bool) -> int:
    """Print verdicts; return the worst level."""
    level = worst(found)
    if as_json:
        print(json.dumps({"level": level.name.lower(), "lines": [each.told() for each in found]}, indent=1))
        return int(level)
    for each in found:
        print(f"{each.level.word.upper():<9} {each.name}: {each.found} (wanted: {each.wanted})")
        if each.do:
            print(f"          {each.do}")
    return int(level)


def another_version() -> Verdict | None:
    """Return what is wrong with records of another version, of which nothing else can be asked; None of this one's. Raises
    `Error`."""
    if unknown := ahead():
        do = "Start the newer version, or restore the backup made before it came: docs/install.md."
        return Verdict("Database version", f"newer: has {unknown[0]}", "of this version", Level.BAD, do)
    if waiting := behind():
        do = "Run platekeeper migrate, then this again."
        return Verdict("Database version", f"{waiting} changes wait", "of this version", Level.BAD, do)
    return None


def is_there() -> bool:
    """Say whether a department was ever made here; SQLite would lay an empty file of records where it is asked of none.

    The home is empty while its disk is not mounted. Where the records are in PostgreSQL its secrets tell.
    """
    home, asked = settings.HOME, str(connection.settings_dict["NAME"])
    return bool(home.is_founded and (asked != str(home.records) or home.records.exists()))


def found_here() -> list[Verdict]:
    """Return how the system is, or why that cannot be said."""
    if not is_there():
        do = "Make a department with platekeeper init, or set PLATEKEEPER_HOME."
        return [Verdict("Home folder", "there is no department here", "a department's data folder", Level.BAD, do)]
    try:
        other = another_version()
        return [other] if other else health(at=timezone.now())
    except (Error, OSError) as error:  # of what is wrong a monitor is told, whatever it is
        do = "See that the database and the disk are there, and that platekeeper serve has brought them up to date."
        return [Verdict("Records", f"cannot be read: {error}", "to be read", Level.BAD, do)]
