"""LPRs by their keys, remembered for a moment: a busy department's reads would ask the database a thousand times a second.

Whatever this process changes about an LPR is known at once. What another process changes (the command line) is known
within a second.
"""

from __future__ import annotations

from django.db import transaction

from platekeeper.server.equipment.lookups import lpr_of_key
from platekeeper.server.equipment.models import LPR

REMEMBERED = 1.0
"""Seconds for which an LPR is taken to be as it was."""
_MOST = 10_000


class KnownKeys:
    """The LPRs in service whose keys were used just now."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, LPR]] = {}

    def lpr(self, key: str, *, now: float) -> LPR | None:
        """Return the LPR in service that a key belongs to; `now` in seconds of a clock that is never set back.

        What is no key is looked up each time and never remembered.
        """
        since, lpr = self._known.get(key, (now - REMEMBERED, None))
        if now - since < REMEMBERED:
            return lpr
        self._known.pop(key, None)
        found = lpr_of_key(key)
        if found is not None:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = now, found
        return found

    def forget(self) -> None:
        """Forget everything, now and once the change that is the reason for it is committed."""
        self._known.clear()
        transaction.on_commit(self._known.clear)


known_keys = KnownKeys()
"""The one of this process."""
