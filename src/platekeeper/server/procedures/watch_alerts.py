"""The watched folder of alert bulletins: a file laid there is taken in and waits for a person to look at it (VII.g)."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

from platekeeper.core.formats.cap import LARGEST
from platekeeper.server.hotlist.models import AlertBulletin
from platekeeper.server.procedures.alert_bulletins import note_unread, take_in
from platekeeper.server.procedures.watch_hot_lists import at_rest, refuse

_TOO_LARGE = f"The file is larger than the {LARGEST // 1024} KB that a bulletin may have."
_NOT_ALLOWED = "The file cannot be read: its owner has not allowed it."


def take_alerts(*, at: datetime) -> list[AlertBulletin]:
    """Take in every file that has come to rest, oldest first; it is kept with its bulletin, so it goes.

    What is not understood is taken in as well, and shown as that, so that somebody reads it elsewhere; so is the name of what
    cannot be kept, since it is too large or may not be read, and its file moved to `refused`.
    """
    return [_take(path, at=at) for path in at_rest(settings.HOME.alert_inbox, at=at)]


def _take(path: Path, *, at: datetime) -> AlertBulletin:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        return _refuse(path, _NOT_ALLOWED, sha256=None, at=at)
    if len(content) > LARGEST:
        return _refuse(path, _TOO_LARGE, sha256=digest, at=at)
    kept = take_in(None, content, file_name=path.name, at=at)
    with suppress(PermissionError):  # where it may not be removed it stays: the same bytes are taken in once
        path.unlink()
    return kept


def _refuse(path: Path, reason: str, *, sha256: str | None, at: datetime) -> AlertBulletin:
    where = f"{reason} It is in alert-inbox/refused."
    noted = note_unread(file_name=path.name, sha256=sha256, reason=where, at=at)
    with suppress(PermissionError):  # where it may not be moved it stays, and keeps no other from being taken in
        refuse(path, reason, at=at)
    return noted
