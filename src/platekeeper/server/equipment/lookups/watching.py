"""What the watch over LPRs counted and found, for whoever judges or shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from django.db.models import Max, Min

from platekeeper.core.watching.counts import CHARACTERS, Counts
from platekeeper.server.equipment.models import LPR, DayCount, WatchFinding

DAYS = 120
"""Days that are judged and shown: more than any level is made of."""


def counts(*, until: date, days: int = DAYS) -> Counts | None:
    """Return the fleet's counts of the days up to `until`, or as many as there are; None before any."""
    rows = list(DayCount.objects.filter(day__gt=until - timedelta(days), day__lte=until).order_by("day", "lpr"))
    if not rows:
        return None
    first, lprs = rows[0].day, tuple(sorted({row.lpr_id for row in rows}))
    places = {lpr: place for place, lpr in enumerate(lprs)}
    shape = (len(lprs), (until - first).days + 1)
    found = Counts(
        lprs, first, readable=np.zeros(shape), letters=np.zeros((*shape, len(CHARACTERS))), lag=np.full(shape, np.nan),
        watched=np.zeros(shape, bool),
    )  # fmt: skip
    for row in rows:
        where = places[row.lpr_id], (row.day - first).days
        found.readable[where], found.watched[where] = row.readable, row.watched
        if row.characters:
            found.letters[where] = row.characters
        if row.lag is not None:
            found.lag[where] = row.lag
    return found


def counted_days() -> tuple[date, date] | None:
    """Return the first and the last day that was counted; None before any."""
    days = DayCount.objects.aggregate(first=Min("day"), last=Max("day"))
    return None if days["last"] is None else (days["first"], days["last"])


def counted(lpr: LPR, *, since: date) -> Sequence[DayCount]:
    """Return an LPR's days, oldest first."""
    return list(DayCount.objects.filter(lpr=lpr, day__gte=since))


def findings_of(lpr: LPR, *, since: date) -> Sequence[WatchFinding]:
    """Return what was found of an LPR, newest first."""
    return list(WatchFinding.objects.filter(lpr=lpr, day__gte=since))
