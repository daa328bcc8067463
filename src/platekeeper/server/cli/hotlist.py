"""`platekeeper hotlist`: load a hot list file from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from platekeeper.core.formats import HOT_LIST_FORMATS
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE, HotListRefused, load_hot_list


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("hotlist", help="work with hot lists")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="load a file as today's hot list")
    load.add_argument("file", type=Path, help="the portal's LPRinfo.zip, or the text file inside it")
    load.add_argument("--format", choices=sorted(HOT_LIST_FORMATS), default="new_york", help="layout of the file")
    load.add_argument("--accept-shorter", action="store_true", help="load a list though it is less than half as long")
    load.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Load one file; print what it held, or why it was refused."""
    try:
        if chosen.file.stat().st_size > LARGEST_FILE:
            return _say(f"{chosen.file}: the file is larger than {LARGEST_FILE} bytes. Nothing was changed.")
        content = chosen.file.read_bytes()
    except OSError as error:
        return _say(f"{chosen.file}: {error.strerror}. Nothing was changed.")
    try:
        delivery = load_hot_list(
            None, file_name=chosen.file.name, content=content, at=timezone.now(), format=chosen.format,
            accept_shorter=chosen.accept_shorter,
        )  # fmt: skip
    except HotListRefused as refused:
        return _say(f"{chosen.file}: {refused} Nothing was changed.")
    except RefusedAction as refused:
        return _say(f"Refused under {refused.refusal.clause}: {refused.refusal.reason}")
    print(f"Loaded {delivery.lines} plates: {delivery.added} new, {delivery.removed} gone.")
    for category, count in sorted(delivery.counts.items()):
        print(f"  {category.replace('_', ' ')}: {count}")
    print(f"Left out {len(delivery.skipped)} lines; the Hot lists page shows each with its reason.")
    return 0


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
