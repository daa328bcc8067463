"""The two roles in a cluster of the tests' own, and what a process works as one of them needs."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from platekeeper.server.storage.roles.grants import Roles, grants, quoted
from platekeeper.server.storage.roles.making import hand_over, make_roles

WORD = "a long and quiet word"


class Urls(NamedTuple):
    """One database as an administrator, as its owner and as the server."""

    administrator: str
    owner: str
    web: str

    def environment(self, home: Path) -> dict[str, str]:
        """Return what a command of the owner's runs in."""
        return self.serving(home) | {"PLATEKEEPER_OWNER_URL": self.owner}

    def serving(self, home: Path) -> dict[str, str]:
        """Return what a command of the server's runs in."""
        return in_home(home) | {"PLATEKEEPER_DATABASE_URL": self.web}


def in_home(home: Path) -> dict[str, str]:
    """Return the environment of a command in a home of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLATEKEEPER_")}
    return {**kept, "PLATEKEEPER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "platekeeper.server.config.settings"}


def urls_in(administrator: str, database: str) -> Urls:
    """Return the URLs of a database that is yet to be made."""
    place = urlsplit(administrator)
    as_role = (f"postgresql://{name}:its%20word@{place.hostname}:{place.port}/{database}" for name in ("keeper", "web"))
    return Urls(administrator, *as_role)


def run(environment: dict[str, str], *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of ours as its own process."""
    command = [sys.executable, "-m", "platekeeper.server.cli.main", *words]
    return subprocess.run(
        command, env=environment, input=said, capture_output=True, text=True, check=False, timeout=120
    )


def found(environment: dict[str, str]) -> None:
    """Found a department on the command line."""
    answers = ("--name", "Mill Creek", "--kind", "sheriff_office", "--zone", "America/New_York")
    person = ("--person", "Sam Sheriff", "--login", "sam", "--password-stdin")
    ran = run(environment, "init", *answers, *person, said=WORD + "\n")
    assert ran.returncode == 0, ran.stderr


def become_web() -> None:
    """Let the rest of this transaction on Django's test database be the web role's."""
    roles = Roles(owner="platekeeper", web="web", database=str(connection.settings_dict["NAME"]))
    _make_web(roles)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {quoted(roles.web)}")


def become_owner() -> None:
    """Let the rest of this transaction be the owner's again."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")


@cache
def _make_web(roles: Roles) -> None:
    # The administrator of the tests' cluster owns the tables and stays what it is: only the web role is made.
    place = connection.settings_dict
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"], user=roles.owner, dbname=roles.database, autocommit=True
    ) as administrator:
        for statement in (*make_roles(roles)[2:4], *hand_over(roles), *grants(roles)):
            administrator.execute(statement.encode())


def break_ledger() -> None:
    """Let the database take no more entries, until the test's transaction is over."""
    become_owner()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE ledger_ledgerentry ADD CONSTRAINT broken CHECK (index < 0) NOT VALID")
        else:
            cursor.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON ledger_ledgerentry BEGIN SELECT RAISE(ABORT, 'no log'); END"
            )
