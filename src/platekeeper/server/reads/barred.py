"""Where collecting is barred, as the intake asks it: for every batch anew, so that a change holds at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db.models import Q, QuerySet, Sum
from numpy.typing import NDArray

from platekeeper.core.barred import Barred, barred_by
from platekeeper.core.moments import microseconds
from platekeeper.core.search.drawn import drawn
from platekeeper.server.reads.models import BarredPlace

_Known = tuple[int, str, datetime, datetime | None, datetime | None]


def barred_places() -> QuerySet[BarredPlace]:
    """Return every place that is or was barred, by name, with how many reads were counted there as `counted`."""
    found = BarredPlace.objects.select_related("barred_by", "ended_by").annotate(counted=Sum("counts__count"))
    return found.order_by("name", "pk")  # said here: with a sum on it, a query forgets the order of its model


def in_force(*, at: datetime) -> tuple[Barred, ...]:
    """Return the places that reads may be inside of which arrive at `at`: an older read may be of before an end."""
    begun = BarredPlace.objects.filter(since__lte=at).order_by("pk")
    return _parsed(tuple(begun.values_list("pk", "area", "since", "until", "ended_at")))


def ever(*, since: datetime, at: datetime) -> tuple[Barred, ...]:
    """Return the places that were barred at some moment after `since`, up to `at`."""
    lasting = Q(until=None) | Q(until__gt=since)
    standing = Q(ended_at=None) | Q(ended_at__gt=since)
    found = BarredPlace.objects.filter(lasting, standing, since__lte=at).order_by("pk")
    return _parsed(tuple(found.values_list("pk", "area", "since", "until", "ended_at")))


def numbers(places: tuple[Barred, ...], seen: Iterable[tuple[float | None, float | None, int]]) -> NDArray[np.int64]:
    """Return for each read (latitude, longitude, microseconds of capture) the place that bars it, -1 for none."""
    rows = list(seen)
    norths, easts = (np.array([row[side] for row in rows], np.float64) for side in (0, 1))  # None becomes NaN
    return barred_by(places, norths, easts, np.array([at for _, _, at in rows], np.int64))


@lru_cache(maxsize=4)
def _parsed(rows: tuple[_Known, ...]) -> tuple[Barred, ...]:
    return tuple(
        Barred(number, drawn(area), microseconds(since), _until(until, ended_at))
        for number, area, since, until, ended_at in rows
    )


def _until(*ends: datetime | None) -> int | None:
    return min((microseconds(end) for end in ends if end is not None), default=None)
