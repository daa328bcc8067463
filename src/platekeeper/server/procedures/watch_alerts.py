"""The watched folder of alert bulletins: a file laid there is taken in and waits for a person to look at it (VII.g)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from platekeeper.core.formats.cap import LARGEST, CapError
from platekeeper.server.hotlist.models import AlertBulletin
from platekeeper.server.procedures.alert_bulletins import take_in
from platekeeper.server.procedures.watch_hot_lists import at_rest, move_aside, refuse


def take_alerts(*, at: datetime) -> list[AlertBulletin]:
    """Take in every file that has come to rest, oldest first, and move it to `done`; one that is too large to `refused`.

    What is not understood is taken in as well: it is shown as that, so that somebody reads it elsewhere.
    """
    taken = []
    for path in at_rest(settings.HOME.alert_inbox, at=at):
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            taken.append(take_in(None, content, file_name=path.name, at=at))
        except CapError as error:
            refuse(path, str(error), at=at)
        except PermissionError:
            refuse(path, "The file cannot be read: its owner has not allowed it.", at=at)
        else:
            move_aside(path, "done", at=at)
    return taken
