"""The watched folder: a hot list file laid there is delivered and removed, or moved aside with why it was refused (V.a).

Files in the folder itself are the portal's. Every other list has a folder of its own in it, named by its slug.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from platekeeper.core.formats.reads import storable
from platekeeper.server.hotlist.lookups import PORTAL, hot_lists
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.hotlist.refusals import refused_since
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE, HotListRefused, load_hot_list, refuse_unread
from platekeeper.server.storage.files import sync_folder, write_durably

QUIET_SECONDS = 2.0
"""A file that has not changed for so long is taken to be whole."""
_TAKING = ".taking-"
"""Begins the name of a file while it is taken; one that still has it was cut off, and comes first."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file taken from the watched folder: delivered, or refused for a reason."""

    file_name: str
    delivery: HotListDelivery | None
    reason: str = ""


class _Unread(Exception):
    """A file that is refused before anything in it is read."""


class _Stuck(_Unread):
    """A file that stays where it is."""


def take_inbox(*, at: datetime) -> list[Taken]:
    """Deliver every file that has come to rest in the watched folder, oldest first; one that is refused goes to `refused`.

    What is delivered is kept under its digest, so the file goes; one that may not be moved would be delivered anew each
    time, and is refused once. Hidden files, links and folders are left alone: senders write under a hidden name and
    rename. Only one process may run this at a time; a file repeated after a crash is the same delivery again, without
    changes.
    """
    inbox: Path = settings.HOME.inbox
    folders: list[tuple[Path, HotList | None]] = [(inbox, None)]
    folders += [(inbox / hot_list.slug, hot_list) for hot_list in hot_lists().filter(in_use=True)]
    taken, stuck = [], []
    for folder, hot_list in folders:
        for path in at_rest(folder, at=at):
            try:
                taken.append(_take(path, hot_list, at=at))
            except _Stuck as fixed:
                stuck.append((path, hot_list, str(fixed)))
    return taken + _refuse_in_place(stuck, at=at)


def at_rest(inbox: Path, *, at: datetime) -> list[Path]:
    """Return the files of a watched folder that have come to rest, the oldest first."""
    if not inbox.is_dir():
        return []
    now, found = at.timestamp(), []
    for entry in os.scandir(inbox):
        left = entry.name.startswith(_TAKING)
        if (entry.name.startswith(".") and not left) or not entry.is_file(follow_symlinks=False):
            continue
        changed = 0.0 if left else entry.stat(follow_symlinks=False).st_mtime
        # A time well ahead of ours was copied along from another clock: it says nothing, so it holds nothing up.
        if not now - QUIET_SECONDS < changed < now + QUIET_SECONDS:
            found.append((changed, Path(entry.path)))
    return [path for _, path in sorted(found)]


def _take(path: Path, hot_list: HotList | None, *, at: datetime) -> Taken:
    name = path.name.removeprefix(_TAKING)
    path = _hidden(path)
    try:
        delivery = load_hot_list(None, file_name=name, content=_content(path), at=at, hot_list=hot_list)
    except _Unread as unread:
        refuse_unread(file_name=name, reason=str(unread), at=at, hot_list=hot_list)
        return _refuse(path, str(unread), at=at)
    except HotListRefused as refused:
        return _refuse(path, str(refused), at=at)
    except RefusedAction as refused:
        return _refuse(path, f"{refused.refusal.clause}: {refused.refusal.reason}", at=at)
    path.unlink()
    return Taken(file_name=name, delivery=delivery)


def _hidden(path: Path) -> Path:
    """Rename a file that is being taken, with room left in the 255 bytes of a file name. Raises `_Stuck`."""
    name = os.fsdecode(os.fsencode(path.name.removeprefix(_TAKING))[-240:])
    try:
        return path.rename(path.with_name(f"{_TAKING}{name}"))
    except PermissionError as error:
        raise _Stuck("The file cannot be moved, so it is not taken: the server may not change its folder.") from error


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise _Unread(f"The file is larger than {LARGEST_FILE} bytes.")
    try:
        return path.read_bytes()
    except PermissionError as error:
        raise _Unread("The file cannot be read: its owner has not allowed it.") from error


def _refuse(path: Path, reason: str, *, at: datetime) -> Taken:
    refuse(path, reason, at=at)
    return Taken(file_name=path.name.removeprefix(_TAKING), delivery=None, reason=reason)


def _refuse_in_place(stuck: Sequence[tuple[Path, HotList | None, str]], *, at: datetime) -> list[Taken]:
    """Refuse files that stay where they are, each once since it was laid there."""
    laid = {path: datetime.fromtimestamp(path.stat().st_ctime, UTC) for path, _, _ in stuck}
    refused = refused_since(min(laid.values())) if stuck else {}
    for path, hot_list, reason in stuck:
        before = refused.get((hot_list.slug if hot_list else PORTAL, storable(path.name)[:160], reason))
        if before is None or before < laid[path]:
            refuse_unread(file_name=path.name, reason=reason, at=at, hot_list=hot_list)
    return [Taken(file_name=path.name, delivery=None, reason=reason) for path, _, reason in stuck]


def refuse(path: Path, reason: str, *, at: datetime) -> None:
    """Move a file to `refused` under the time and its own name, with the reason beside it; none there is written over."""
    folder = path.parent / "refused"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Room is left in the 255 bytes of a file name for what is put around it.
    name = os.fsdecode(os.fsencode(path.name.removeprefix(_TAKING))[-160:])
    target, count = folder / f"{at:%Y%m%dT%H%M%S}-{name}", 1
    while target.exists():
        count += 1
        target = folder / f"{at:%Y%m%dT%H%M%S}-{count}-{name}"
    path.rename(target)
    sync_folder(folder)
    write_durably(target.with_name(f"{target.name}.txt"), f"{reason}\n".encode("utf-8", "replace"))
