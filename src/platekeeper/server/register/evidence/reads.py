"""What nobody understood (VI.j)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.register.evidence.basis import (
    Evidence,
    Fault,
    judged,
    unfit,
    vacant,
)
from platekeeper.server.register.evidence.counts import makers, tally
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Said, many, some

_LETTERS_WAIT = timedelta(hours=24)
"""A payload that was not understood is looked at within a day."""


def dead_letters(period: Period) -> Evidence:
    """Judge VI.j: does the managing position work what was not understood within a day?"""
    waiting = tally(
        DeadLetter.objects.filter(received_at__lte=period.at).exclude(closed_at__lte=period.at),
        all=Q(), late=Q(received_at__lt=period.at - _LETTERS_WAIT),
    )  # fmt: skip
    late, open_now = waiting["late"], waiting["all"]
    closed = DeadLetter.objects.filter(period.within("closed_at"))
    by = makers(closed, "closed_by")
    improper = unfit(period, closed, holds("VI.j.manager"), by="closed_by", moment="closed_at", made=by)
    count = by.total()
    return judged(
        many(open_now, "payload not understood and open", "payloads not understood and open"),
        Fault(late, "for more than a day"),
        some(count, "closed"),
        Fault(improper, "by somebody who does not manage the data"),
        vacant(period, "VI.j.manager", Said("managing the data")),
        activity=open_now + count,
    )
