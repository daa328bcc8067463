"""`platekeeper hotlist`: load a hot list file from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS
from platekeeper.server.hotlist.lookups import hot_lists
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE, HotListRefused, load_hot_list


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("hotlist", help="work with hot lists")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="load a file of a hot list")
    load.add_argument("file", type=Path, help="the portal's LPRinfo.zip, or the file of another list")
    load.add_argument("--list", default="portal", help="which list (default: portal); `hotlist lists` names them")
    load.add_argument(
        "--format", choices=sorted(HOT_LIST_FORMATS), default="", help="another layout than the list's own"
    )
    load.add_argument("--accept-shorter", action="store_true", help="load a list without most of the one in force")
    load.set_defaults(run=run)
    actions.add_parser("lists", help="name the lists, with their formats").set_defaults(run=_name_lists)


def run(chosen: argparse.Namespace) -> int:
    """Load one file; print what it held, or why it was refused."""
    hot_list = hot_lists().filter(slug=chosen.list).first()
    if hot_list is None and chosen.list != "portal":
        return _say(
            f"There is no hot list {chosen.list!r}. `platekeeper hotlist lists` names them. Nothing was changed."
        )
    try:
        if chosen.file.stat().st_size > LARGEST_FILE:
            return _say(f"{chosen.file}: the file is larger than {LARGEST_FILE} bytes. Nothing was changed.")
        content = chosen.file.read_bytes()
    except OSError as error:
        return _say(f"{chosen.file}: {error.strerror}. Nothing was changed.")
    try:
        delivery = load_hot_list(
            None, file_name=chosen.file.name, content=content, at=timezone.now(), hot_list=hot_list,
            format=chosen.format, accept_shorter=chosen.accept_shorter, progress=_show,
        )  # fmt: skip
    except HotListRefused as refused:
        return _say(f"{chosen.file}: {refused} Nothing was changed.")
    except RefusedAction as refused:
        return _say(f"Refused under {refused.refusal.clause}: {refused.refusal.reason}")
    print(f"Loaded {delivery.lines} plates: {delivery.added} new, {delivery.removed} gone.")
    for category, count in sorted(delivery.counts.items()):
        print(f"  {category.replace('_', ' ')}: {count}")
    print(f"Left out {sum(delivery.left_out.values())} lines; the Hot lists page shows each with its reason.")
    return 0


def _name_lists(_chosen: argparse.Namespace) -> int:
    for hot_list in hot_lists():
        print(f"{hot_list.slug:<20}  {hot_list.name}  ({HOT_LIST_FORMATS[hot_list.format].title})")
    return 0


def _show(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done * 100 // max(of, 1):3d}% read", end="\n" if done >= of else "", file=sys.stderr, flush=True)


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
