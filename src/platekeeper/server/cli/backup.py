"""`platekeeper backup run|list|verify|restore`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from platekeeper.server.procedures.back_up import back_up
from platekeeper.server.retention.lookups import backups
from platekeeper.server.storage import backup as copies


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    parser = commands.add_parser("backup", help="back up, list, verify or restore")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("run", _run, "bring the backup up to date while the server runs"),
        ("list", _list, "list the runs"),
        ("verify", _verify, "check every file of the backup"),
        ("restore", _restore, "fill an empty PLATEKEEPER_HOME from a backup"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--target", type=Path, help="the backup folder (default: in the home)")
        action.set_defaults(run=run)


def _run(chosen: argparse.Namespace) -> int:
    made = back_up(at=timezone.now(), target=chosen.target)
    print(
        f"{made.files} files, {made.bytes} bytes in {made.target}. It is not encrypted: keep it on an encrypted disk."
    )
    return 0


def _list(_chosen: argparse.Namespace) -> int:
    for made in backups()[:50]:
        print(f"{made.begun_at:%Y-%m-%d %H:%M:%S}Z  {made.failure or f'{made.files} files'}  {made.target}")
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    problems = copies.verify(_place(chosen))
    print("\n".join(problems) or "Every file is there and unchanged.")
    return 1 if problems else 0


def _restore(chosen: argparse.Namespace) -> int:
    if chosen.target is None:
        print("Name the backup folder with --target.", file=sys.stderr)
        return 2
    try:
        copies.restore(chosen.target, settings.HOME.folder)
    except (FileExistsError, copies.BackupDamaged) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Restored into {settings.HOME.folder}.")
    return 0


def _place(chosen: argparse.Namespace) -> Path:
    place: Path = chosen.target or settings.HOME.backups
    return place
