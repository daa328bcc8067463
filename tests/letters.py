"""A dead letter by itself, for tests of what becomes of one."""

from __future__ import annotations

from datetime import datetime

from platekeeper.server.equipment.models import LPR
from platekeeper.server.reads.changes import keep_dead_letters
from platekeeper.server.reads.models import DeadLetter


def keep_dead_letter(*, lpr: LPR, format: str, reason: str, payload: bytes, at: datetime) -> DeadLetter:
    """Keep one payload that was not understood."""
    [number] = keep_dead_letters(lpr, [(reason, payload)], format=format, at=at)
    return DeadLetter.objects.get(pk=number)
