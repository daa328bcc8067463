"""The watched folder: a hot list file laid there is delivered, then moved aside with what became of it (V.a).

Files in the folder itself are the portal's. Every other list has a folder of its own in it, named by its slug.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from platekeeper.server.hotlist.lookups import hot_lists
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE, HotListRefused, load_hot_list, refuse_unread
from platekeeper.server.storage.files import sync_folder, write_durably

QUIET_SECONDS = 2.0
"""A file that has not changed for so long is taken to be whole."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file taken from the watched folder: delivered, or refused for a reason."""

    file_name: str
    delivery: HotListDelivery | None
    reason: str = ""


class _Unread(Exception):
    """A file that is refused before anything in it is read."""


def take_inbox(*, at: datetime) -> list[Taken]:
    """Deliver every file that has come to rest in the watched folder, oldest first, and move it to `done` or `refused`.

    Hidden files, links and folders are left alone: senders write under a hidden name and rename. Only one process may
    run this at a time; a file repeated after a crash is the same delivery again, without changes.
    """
    inbox: Path = settings.HOME.inbox
    taken = [_take(path, None, at=at) for path in at_rest(inbox, at=at)]
    for hot_list in hot_lists().filter(in_use=True):
        taken += [_take(path, hot_list, at=at) for path in at_rest(inbox / hot_list.slug, at=at)]
    return taken


def at_rest(inbox: Path, *, at: datetime) -> list[Path]:
    """Return the files of a watched folder that have come to rest, the oldest first."""
    if not inbox.is_dir():
        return []
    now, found = at.timestamp(), []
    for entry in os.scandir(inbox):
        if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
            continue
        changed = entry.stat(follow_symlinks=False).st_mtime
        # A time well ahead of ours was copied along from another clock: it says nothing, so it holds nothing up.
        if not now - QUIET_SECONDS < changed < now + QUIET_SECONDS:
            found.append((changed, Path(entry.path)))
    return [path for _, path in sorted(found)]


def _take(path: Path, hot_list: HotList | None, *, at: datetime) -> Taken:
    name = path.name
    try:
        delivery = load_hot_list(None, file_name=name, content=_content(path), at=at, hot_list=hot_list)
    except _Unread as unread:
        refuse_unread(file_name=name, reason=str(unread), at=at, hot_list=hot_list)
        return _refuse(path, str(unread), at=at)
    except HotListRefused as refused:
        return _refuse(path, str(refused), at=at)
    except RefusedAction as refused:
        return _refuse(path, f"{refused.refusal.clause}: {refused.refusal.reason}", at=at)
    move_aside(path, "done", at=at)
    return Taken(file_name=name, delivery=delivery)


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise _Unread(f"The file is larger than {LARGEST_FILE} bytes.")
    try:
        return path.read_bytes()
    except PermissionError as error:
        raise _Unread("The file cannot be read: its owner has not allowed it.") from error


def _refuse(path: Path, reason: str, *, at: datetime) -> Taken:
    refuse(path, reason, at=at)
    return Taken(file_name=path.name, delivery=None, reason=reason)


def refuse(path: Path, reason: str, *, at: datetime) -> None:
    """Move a file to `refused`, with the reason beside it."""
    moved = move_aside(path, "refused", at=at)
    write_durably(moved.with_name(f"{moved.name}.txt"), f"{reason}\n".encode("utf-8", "replace"))


def move_aside(path: Path, outcome: str, *, at: datetime) -> Path:
    """Move a file aside under the time and its own name; one that is there already is not written over."""
    folder = path.parent / outcome
    folder.mkdir(mode=0o700, exist_ok=True)
    # Room is left in the 255 bytes of a file name for what is put around it.
    name = os.fsdecode(os.fsencode(path.name)[-160:])
    target, count = folder / f"{at:%Y%m%dT%H%M%S}-{name}", 1
    while target.exists():
        count += 1
        target = folder / f"{at:%Y%m%dT%H%M%S}-{count}-{name}"
    path.rename(target)
    sync_folder(folder)
    return target
