"""`platekeeper move`: move the department in this home from SQLite to PostgreSQL."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from platekeeper.server.cli.pointing import WEB_URL
from platekeeper.server.cli.progress import Progress
from platekeeper.server.cli.records import NotBroughtUp, demand_unicode, may_make_tables
from platekeeper.server.procedures.move_department import Moved, MoveRefused, move
from platekeeper.server.procedures.stores import reads_in_database
from platekeeper.server.storage.databases import OWNER_URL, URL, without_password
from platekeeper.server.storage.postgres.schema import StoreUnready
from platekeeper.server.storage.roles.applying import roles_in


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("move", help="move the department from SQLite to PostgreSQL; can be repeated")
    parser.add_argument("--to", metavar="URL", help="an empty database, as its owner (default: PLATEKEEPER_OWNER_URL)")
    parser.set_defaults(run=run)


def run(_chosen: argparse.Namespace) -> int:
    """Move, and say what to set from now on."""
    web = os.environ.get(WEB_URL, "")
    try:
        if connection.vendor != "postgresql":
            raise MoveRefused("Name where to: platekeeper move --to postgresql://owner:password@host/database")
        demand_unicode()
        if not may_make_tables():
            raise MoveRefused(f"Only the owner can move there: set {OWNER_URL} to the owner's URL, beside {URL}.")
        roles = roles_in(owner=os.environ[URL], web=web) if web else None
        taking = reads_in_database(web or os.environ[URL])
        moved = move(settings.HOME, roles=roles, taking=taking, clock=timezone.now, tell=Progress())
    except (MoveRefused, NotBroughtUp, StoreUnready, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(_told(moved) if moved else "This department has moved there already.")
    print(f"From now on: {URL}={without_password(web or os.environ[URL])}")
    if not web:
        print("The server would be the owner of its ledger. Give it a role of its own: platekeeper postgres roles")
    print(
        f"{settings.HOME.records} is as it was. Keep it until the new records are backed up, then remove it and what lies "
        "beside it under its name (-wal, -shm)."
    )
    return 0


def _told(moved: Moved) -> str:
    reads = f" and {sum(moved.reads.values()):,} reads"
    return (
        f"Moved: {sum(moved.tables.values()):,} rows of {len(moved.tables)} tables{reads}, each compared. "
        f"The ledger has {moved.ledger.size:,} leaves and the same root on both sides: "
        f"{moved.ledger.root.hex()}. Its next leaf says so."
    )
