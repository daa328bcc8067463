"""`platekeeper migrate` and `platekeeper postgres roles`: the records database, brought up and guarded."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from platekeeper.server.cli.pointing import WEB_URL
from platekeeper.server.ledger.guarding import weaknesses
from platekeeper.server.procedures.move_department import leave_sqlite, steps
from platekeeper.server.procedures.stores import reads_in_database
from platekeeper.server.procedures.take_over_reads import days_in_files
from platekeeper.server.storage.databases import OWNER_URL, URL, without_password
from platekeeper.server.storage.postgres.schema import StoreUnready
from platekeeper.server.storage.roles.applying import apply, roles_in, script
from platekeeper.server.storage.roles.grants import grants
from platekeeper.server.storage.versions import ahead, behind

_UP = "The records database is of this version."


class NotBroughtUp(Exception):
    """The database is of another version, and whoever asks may not change it; the message says what to do."""


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    migrate = commands.add_parser("migrate", help="bring the records database up to this version")
    migrate.add_argument(
        "--check", action="store_true", help="change nothing; end with 0 if it is of this version, else 1"
    )
    migrate.set_defaults(run=_migrate)
    parser = commands.add_parser("postgres", help="PostgreSQL's roles")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    roles = actions.add_parser("roles", help="print the SQL that makes the owner and the web role, or apply it")
    roles.add_argument("--as", dest="administrator", metavar="URL", help="apply it, as this administrator")
    roles.set_defaults(run=_roles)


def bring_up() -> None:
    """Bring the database up to this version, in a process that is the owner where one is named. Raises `NotBroughtUp`."""
    _demand_whole()
    demand_unicode()
    if os.environ.get(OWNER_URL):
        command = [sys.executable, "-m", "platekeeper.server.cli.main", "migrate"]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise NotBroughtUp("The records database could not be brought up to this version.")
    else:
        demand_known()
        if behind():
            _demand_owner()
            call_command("migrate", verbosity=0, interactive=False)
    _demand_grants()
    _demand_reads()
    if connection.vendor == "postgresql" and not settings.HOME.records.exists():
        leave_sqlite(settings.HOME, at=timezone.now())


def demand_known() -> None:
    """Refuse records that another version has changed: what this one would write into them, nobody has tried."""
    if unknown := ahead():
        raise NotBroughtUp(
            f"These records were brought up by a newer version of Platekeeper: this one ({version('platekeeper')}) does not "
            f"know {unknown[0]}"
            + (f" and {len(unknown) - 1} more" if unknown[1:] else "")
            + ". Start the newer version again, or restore the backup that was made before it came: docs/install.md, Back "
            "to the version before."
        )


def demand_unicode() -> None:
    """Refuse a PostgreSQL that could not write down every name."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_encoding')")
        name, encoding = cursor.fetchone()
    if encoding != "UTF8":
        raise NotBroughtUp(
            f"The database {name} is encoded in {encoding}, and names need UTF8. Name a database that is not there yet: "
            "platekeeper postgres roles makes it."
        )


def may_make_tables() -> bool:
    """Say whether who is connected may make tables among the records."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        return bool(cursor.fetchone()[0])


def warn() -> None:
    """Say at the start what makes the ledger less safe than it can be."""
    for words in weaknesses():
        print(f"Warning: {words} See: platekeeper postgres roles", file=sys.stderr, flush=True)


def _migrate(chosen: argparse.Namespace) -> int:
    """Migrate, and say anew what the web role may do: a new table is nobody's until then."""
    web = os.environ.get(WEB_URL)
    try:
        # Before anything is changed: both may not name one database.
        roles = roles_in(owner=os.environ[URL], web=web) if web else None
        demand_unicode()
        demand_known()
        waiting = behind()
        if chosen.check:
            print(f"{waiting} changes wait: platekeeper migrate" if waiting else _UP)
            return int(bool(waiting))
        if waiting or roles:
            _demand_owner()
        else:
            _demand_grants()
    except (NotBroughtUp, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if waiting or roles:
        call_command("migrate", verbosity=0, interactive=False)
    if roles:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in grants(roles):
                cursor.execute(statement)
    print(_UP)
    return 0


def _roles(chosen: argparse.Namespace) -> int:
    owner, web = os.environ.get(OWNER_URL, ""), os.environ.get(URL, "")
    try:
        if chosen.administrator is None:
            print(script(roles_in(owner=owner, web=web)))
            return 0
        if not owner or not web:
            raise ValueError(f"Set {OWNER_URL} and {URL} first: the roles get their names and passwords from there.")
        apply(owner=owner, web=web, administrator=chosen.administrator)
    except (ValueError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Made. {OWNER_URL}={without_password(owner)} migrates; {URL}={without_password(web)} serves.")
    print("Next, with both set: platekeeper migrate (or init, or move)")
    return 0


def _demand_whole() -> None:
    """Refuse records that a department is moving into."""
    if connection.vendor == "postgresql" and steps.under_way():
        raise NotBroughtUp("A department is moving into this database. Run platekeeper move again until it is done.")


def _demand_reads() -> None:
    """Refuse a PostgreSQL that cannot keep reads, or is not the place where they are."""
    if connection.vendor != "postgresql":
        return
    try:
        reads_in_database().prepare()
    except StoreUnready as error:
        raise NotBroughtUp(str(error)) from error
    if days := days_in_files():
        raise NotBroughtUp(f"The reads of {len(days)} days lie in files of this home. Run: platekeeper reads take-over")


def _demand_grants() -> None:
    """Refuse where tables were made and not yet given to the web role: `migrate` was cut off in between."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            " AND NOT has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
        )
        (kept,) = cursor.fetchone()
    if kept:
        raise NotBroughtUp(
            f"The web role lacks tables. Set {OWNER_URL} to the owner's URL and run: platekeeper migrate"
        )


def _demand_owner() -> None:
    """Refuse for a role that cannot make tables, before it fails at the first."""
    if may_make_tables():
        return
    if os.environ.get(WEB_URL):
        raise NotBroughtUp(
            f"The role in {OWNER_URL} does not own this database. Let an administrator run, with both variables set: "
            "platekeeper postgres roles --as URL"
        )
    raise NotBroughtUp(
        f"The records database is not of this version, and the web role may not change it. Set {OWNER_URL} to the owner's "
        "URL and run: platekeeper migrate"
    )
