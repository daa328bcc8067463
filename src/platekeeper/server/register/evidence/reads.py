"""What nobody understood (VI.j)."""

from __future__ import annotations

from datetime import timedelta

from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.register.evidence.basis import (
    Evidence,
    Fault,
    judged,
    many,
    unfit,
    vacant,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

_LETTERS_WAIT = timedelta(hours=24)
"""A payload that was not understood is looked at within a day."""


def dead_letters(period: Period) -> Evidence:
    """Judge VI.j: does the managing position work what was not understood within a day?"""
    waiting = DeadLetter.objects.filter(received_at__lte=period.at).exclude(closed_at__lte=period.at)
    late, open_now = waiting.filter(received_at__lt=period.at - _LETTERS_WAIT).count(), waiting.count()
    closed = DeadLetter.objects.filter(period.within("closed_at"))
    improper = unfit(period, closed, holds("VI.j.manager"), by="closed_by", moment="closed_at")
    count = closed.count()
    return judged(
        f"{many(open_now, 'payload')} not understood and open",
        Fault(late, "for more than a day"),
        f"{count or 'none'} closed",
        Fault(improper, "by somebody who does not manage the data"),
        vacant(period, "VI.j.manager", "managing the data"),
        activity=open_now + count,
    )
