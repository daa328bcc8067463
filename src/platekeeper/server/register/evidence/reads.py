"""What nobody understood (VI.j)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet

from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.register.evidence.basis import (
    Evidence,
    Fault,
    judged,
    unfit,
    vacant,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, grouped
from platekeeper.server.register.words import Said, many, some

_LETTERS_WAIT = timedelta(hours=24)
"""A payload that was not understood is looked at within a day."""


def dead_letters(period: Period) -> Evidence:
    """Judge VI.j: does the managing position work what was not understood within a day?"""
    by = _letters(period)
    count, open_now, late = (by[said].total() for said in ("closed", "open", "late"))
    improper = unfit(period, _closed, holds("VI.j.manager"), by="closed_by", moment="closed_at", made=by["closed"])
    return judged(
        many(open_now, "payload not understood and open", "payloads not understood and open"),
        Fault(late, "for more than a day"),
        some(count, "closed"),
        Fault(improper, "by somebody who does not manage the data"),
        vacant(period, "VI.j.manager", Said("managing the data")),
        activity=open_now + count,
    )


@asked
def _letters(of: Times) -> Sought[dict[str, Makers]]:
    """How many letters each person closed, and how many nobody has yet."""
    waits, closed = Q(received_at__lte=of.at) & ~Q(closed_at__lte=of.at), of.within("closed_at")
    late = waits & Q(received_at__lt=of.at - _LETTERS_WAIT)
    return grouped(DeadLetter.objects.filter(waits | closed), "closed_by", closed=closed, open=waits, late=late)


def _closed(of: Of) -> QuerySet[DeadLetter]:
    return DeadLetter.objects.filter(of.within("closed_at"))
