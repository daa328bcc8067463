"""What nobody understood, and the LPRs and their inventory (IV.d, IV.f, VI.j)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.reads.models import DeadLetter
from platekeeper.server.register.evidence.basis import (
    Evidence,
    Fault,
    acts,
    held_by,
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


def defects(period: Period) -> Evidence:
    """Judge IV.d: is there somebody to hear of a defect, where there are LPRs; how often was one out of service?"""
    count = LPR.objects.filter(added_at__lte=period.at).count()
    named, hearing = "IV.d.defects" in period.policy.values, held_by(period, "IV.d.defects")
    out = sum(
        "in_service" in entry.content()["details"] for entry in _changes(period).filter(action=Action.LPR_CHANGED)
    )
    return judged(
        f"{many(hearing, 'person', 'people')} to receive reports for {many(count, 'LPR')}",
        Fault(count, "with nobody to hear of a defect") if named and not hearing else "",
        f"{many(out, 'change')} of an LPR in or out of service",
        activity=out,
    )


def inventory(period: Period) -> Evidence:
    """Judge IV.f: is the inventory changed by its keeper alone?"""
    changes, count = _changes(period), LPR.objects.filter(added_at__lte=period.at).count()
    improper = unfit(period, changes, holds("IV.f.inventory"), by="person", moment="at")
    return judged(
        f"{many(count, 'LPR')} in the inventory",
        f"{many(changes.count(), 'change')} of it",
        Fault(improper, "by somebody who does not keep it"),
        vacant(period, "IV.f.inventory", "keeping the inventory"),
        activity=count,
    )


def _changes(period: Period) -> QuerySet[LedgerEntry]:
    return acts(period, Action.LPR_ADDED, Action.LPR_CHANGED, Action.LPR_KEY_ISSUED)
