"""LPRs by their keys, remembered for a moment: a busy department's reads would ask the database a thousand times a second.

A key that was withdrawn, or whose LPR was taken out of service, is refused within a second.
"""

from __future__ import annotations

import time

from platekeeper.server.equipment.lookups import lpr_of_key
from platekeeper.server.equipment.models import LPR

REMEMBERED = 1.0  # seconds
_MOST = 10_000
_known: dict[str, tuple[float, LPR]] = {}


def known_lpr(key: str) -> LPR | None:
    """Return the LPR in service that a key belongs to. What is no key is looked up each time and never remembered."""
    now = time.monotonic()
    since, lpr = _known.get(key, (now - REMEMBERED, None))
    if now - since < REMEMBERED:
        return lpr
    _known.pop(key, None)
    found = lpr_of_key(key)
    if found is not None:
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = now, found
    return found
