"""Places where collecting is barred (IV.h): was nothing of them kept?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Sum

from platekeeper.core.barred import OUTSIDE, Barred
from platekeeper.core.moments import microseconds
from platekeeper.server.hits.models import Hit
from platekeeper.server.reads import barred
from platekeeper.server.reads.models import BarredCount
from platekeeper.server.register.evidence import safety
from platekeeper.server.register.evidence.basis import Evidence, Fault, both, judged
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Said


def secure_and_barred(period: Period) -> Evidence:
    """Judge IV.h: is LPR data held securely, and was nothing collected where that is barred?"""
    places = barred.ever(since=period.since, at=period.at)
    return both(safety.security(period), _nothing_kept(period, places)) if places else safety.security(period)


def _nothing_kept(period: Period, places: tuple[Barred, ...]) -> Evidence:
    counted = (
        BarredCount.objects.filter(day__gte=period.first_day, day__lte=period.today).aggregate(n=Sum("count"))["n"] or 0
    )
    seen = Hit.objects.filter(period.within("raised_at")).values_list("read", "seen_at").iterator(chunk_size=1000)
    found = barred.numbers(places, (_place_of(read, at) for read, at in seen))
    return judged(
        Said("{0} reads inside {1} barred places counted and not stored", f"{counted:,}", len(places)),
        Fault(int((found != OUTSIDE).sum()), "hits raised inside one"),
        activity=counted + len(places),
    )


def _place_of(read: dict[str, Any], at: datetime) -> tuple[float | None, float | None, int]:
    return read.get("latitude"), read.get("longitude"), microseconds(at)
