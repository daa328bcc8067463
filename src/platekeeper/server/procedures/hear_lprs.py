"""That an LPR was heard from is noted (V.b, VI.i): with its reads, or by a sign of life. No act, so no ledger entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from platekeeper.server.reads.changes import note_contacts
from platekeeper.server.reads.models import Contact
from platekeeper.server.storage.home import Home

_EVERY = timedelta(minutes=1)


class Heard:
    """Which LPRs were noted just now: the records hear of each once a minute, not with every batch."""

    def __init__(self, kind: Contact.Kind) -> None:
        self._kind = kind
        self._noted: dict[int, datetime] = {}

    def is_due(self, lpr: int, *, at: datetime) -> bool:
        """Say whether this LPR was noted a minute ago or more, or the clock was set back since."""
        noted = self._noted.get(lpr)
        return noted is None or not timedelta(0) <= at - noted < _EVERY

    def note(self, lags: Mapping[int, float | None], *, at: datetime) -> None:
        """Note LPRs that are due, within the caller's transaction; it counts once that is committed."""
        if lags:
            note_contacts(lags, kind=self._kind, at=at)
            transaction.on_commit(partial(self._noted.update, dict.fromkeys(lags, at)))


_alive: dict[Home, Heard] = {}
"""By the department."""


def hear_sign_of_life(lpr: int, *, at: datetime) -> None:
    """Note that an LPR said that it is there and has nothing to upload."""
    alive = _alive.setdefault(settings.HOME, Heard(Contact.Kind.ALIVE))
    if alive.is_due(lpr, at=at):
        with transaction.atomic():
            alive.note({lpr: None}, at=at)
