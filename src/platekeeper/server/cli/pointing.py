"""Which home and database a command works on, settled before Django reads its settings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from platekeeper.server.cli.demo.place import point_at_demo
from platekeeper.server.cli.running import work_in
from platekeeper.server.storage.databases import OWNER_URL, URL
from platekeeper.server.storage.home import home

WEB_URL = "PLATEKEEPER_WEB_URL"
"""How a process that works as the owner knows whom the server works as."""


def settle(arguments: Sequence[str]) -> None:
    """Settle both. Raises `LockTaken` while the department moves to another database."""
    match list(arguments[:1]):
        case ["demo"]:
            point_at_demo()
        case ["migrate"]:
            _work_on(os.environ.pop(OWNER_URL, ""))
        case ["move"]:
            _work_on(_target(arguments))
            return
    work_in(home())


def _target(arguments: Sequence[str]) -> str:
    """Return the database that a move goes to: what `--to` names, or else the owner's URL."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--to", default="")
    owner = os.environ.pop(OWNER_URL, "")
    return str(parser.parse_known_args(list(arguments))[0].to or owner)


def _work_on(url: str) -> None:
    if url:
        os.environ[WEB_URL], os.environ[URL] = os.environ.get(URL, ""), url
