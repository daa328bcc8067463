"""`platekeeper init`: make a real, empty department."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from platekeeper.core.blanks import BlankError
from platekeeper.core.policy import CHIEFS
from platekeeper.server.cli.records import NotBroughtUp, bring_up
from platekeeper.server.procedures.found_department import AlreadyFounded, first_blanks, found_department

_QUESTIONS = (
    ("name", "Name of the department (without its kind), such as Harbor Falls"),
    ("kind", f"Kind ({', '.join(CHIEFS)})"),
    ("zone", "Time zone, such as America/New_York"),
    ("person", "Name of the first person, the Chief or Sheriff"),
    ("login", "Login name of the first person"),
)


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("init", help="make a real, empty department in PLATEKEEPER_HOME")
    for name, question in _QUESTIONS:
        parser.add_argument(f"--{name}", help=f"{question} (asked for when left out)")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the first person's password from standard input"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Found the department; everything else is done on its pages."""
    answers = {name: getattr(chosen, name) or input(f"{question}: ").strip() for name, question in _QUESTIONS}
    password = sys.stdin.readline().rstrip("\n") if chosen.password_stdin else getpass.getpass("Password, 12 or more: ")
    if not chosen.password_stdin and getpass.getpass("The password again: ") != password:
        print("The two passwords differ. Nothing was made.", file=sys.stderr)
        return 2
    if answers["kind"] not in CHIEFS:
        print(f"The kind is one of {', '.join(CHIEFS)}.", file=sys.stderr)
        return 2
    try:
        validate_password(password)
        first_blanks(name=answers["name"], kind=answers["kind"], zone=answers["zone"])  # before anything is made
        settings.HOME.found()
        bring_up()
        person = found_department(
            name=answers["name"],
            kind=answers["kind"],
            zone=answers["zone"],
            first_person_name=answers["person"],
            username=answers["login"],
            password=password,
            at=timezone.now(),
        )
    except (BlankError, AlreadyFounded, NotBroughtUp, ValidationError) as error:
        print("\n".join(getattr(error, "messages", [str(error)])), file=sys.stderr)
        return 2
    print(f"The department is founded in {settings.HOME.folder}.")
    print(f"Start it with: platekeeper serve. Sign in as {person.username}: the first page leads on.")
    return 0
