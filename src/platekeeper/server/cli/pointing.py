"""Which home and database a command works on, settled before Django reads its settings."""

from __future__ import annotations

import argparse
import os
import pwd
from collections.abc import Sequence

from platekeeper.server.cli.demo.place import point_at_demo
from platekeeper.server.cli.running import work_in
from platekeeper.server.storage.databases import OWNER_URL, URL
from platekeeper.server.storage.home import Home, home

WEB_URL = "PLATEKEEPER_WEB_URL"
"""How a process that works as the owner knows whom the server works as."""


class Misdirected(Exception):
    """The environment, or who runs this, is not the department's server's; the message says what to do."""


def settle(arguments: Sequence[str]) -> None:
    """Settle both. Raises `LockTaken` while the department moves to another database, and `Misdirected`."""
    match list(arguments[:1]):
        case [] | ["plan" | "postgres"]:  # they need no records
            return
        case ["demo"]:
            point_at_demo()
        case ["migrate"]:
            _work_on(os.environ.pop(OWNER_URL, ""))
        case ["move"]:
            _work_on(_target(arguments))
            return
    if arguments[0] != "demo":
        _demand_its_user(home())
        if not os.environ.get(URL):
            _demand_sqlite(home())
    work_in(home())


def _demand_its_user(place: Home) -> None:
    """Refuse root in another user's home: what root writes there, and into the backups, that user could not go on with."""
    owner = place.folder.stat().st_uid if place.folder.exists() else 0
    if owner and not os.geteuid():
        name = next((known.pw_name for known in pwd.getpwall() if known.pw_uid == owner), str(owner))
        raise Misdirected(
            f"{place.folder} is of the user {name}: run it as that user, runuser -u {name} -- platekeeper ..."
        )


def _demand_sqlite(place: Home) -> None:
    """Refuse to begin records in SQLite beside those in PostgreSQL: there would be two ledgers of one department."""
    if os.environ.get(OWNER_URL):
        raise Misdirected(f"{OWNER_URL} is set and {URL} is not: set it to the same database, as the web role.")
    if place.moved.exists():
        raise Misdirected(
            f"The records of this department are in PostgreSQL. Set {URL}. Only who gives them up removes {place.moved}."
        )
    if place.dump.exists() and not place.records.exists():
        raise Misdirected(
            f"{place.dump} holds records that were in PostgreSQL. Restore them there and set {URL}: docs/restore.md, "
            "Restoring onto an empty machine, step 5."
        )


def _target(arguments: Sequence[str]) -> str:
    """Return the database that a move goes to: what `--to` names, or else the owner's URL."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--to", default="")
    owner = os.environ.pop(OWNER_URL, "")
    return str(parser.parse_known_args(list(arguments))[0].to or owner)


def _work_on(url: str) -> None:
    if url:
        os.environ[WEB_URL], os.environ[URL] = os.environ.get(URL, ""), url
