"""When each LPR was heard from in a period, and its long silences (V.b, VI.i)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, RowRange, Subquery, When, Window
from django.db.models.functions import Least

from platekeeper.core.rules.uploads import Stretch
from platekeeper.server.equipment.models import LPR
from platekeeper.server.reads.models import Contact
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import named, rows
from platekeeper.server.storage.seconds import Seconds

Away = tuple[int, ...]
"""The LPRs out of service."""


class Inventoried(NamedTuple):
    """An LPR of the inventory, as far as its uploads go."""

    pk: int
    name: str
    kind: str
    in_service: bool
    upload_every: str
    upload_since: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of an LPR in a period: up to when, whether in the period itself, and its long silences, oldest first."""

    until: datetime
    within: bool
    silences: Sequence[Stretch]


@asked
def inventoried(of: Times) -> Sought[list[Inventoried]]:
    """The LPRs that the inventory held at the end of the period."""
    return named(LPR.objects.filter(added_at__lte=of.at), Inventoried)


def heard(period: Period, *, longer: timedelta | None) -> dict[int, Heard]:
    """Return, by LPR, what was heard of it in the period, with silences longer than a time; without one, none.

    The time when it was last heard from before counts, too, and before that nothing was expected. While an LPR is out of
    service its stretch goes on. Stretches may overlap. Silences are found in the database: of many LPRs there are thousands
    of stretches, and few of their gaps are long.
    """
    at, away = period.at, tuple(sorted(lpr.pk for lpr in inventoried(period) if not lpr.in_service))
    out = {lpr for (lpr,) in _out(period, away)}
    found = {
        lpr: (at if lpr in out else min(last, at), within) for lpr, last, within in _last(period) if last is not None
    }
    silences: dict[int, list[Stretch]] = defaultdict(list)
    if longer is not None:
        # seconds are rounded: what is nearly as long is looked at again
        gaps = _gaps(period, away, longer.total_seconds() - 1)
        for lpr, begins, ends in sorted(gaps):  # few are long, so they are sorted here
            if ends - begins > longer:
                silences[lpr].append(Stretch(begins, ends))
        for lpr, (last, _within) in found.items():
            if at - last > longer:
                silences[lpr].append(Stretch(last, at))
    return {lpr: Heard(last, within, silences[lpr]) for lpr, (last, within) in found.items()}


def _contacts(of: Of) -> QuerySet[Contact]:
    """Return the stretches of the period, and the last one before it of each LPR."""
    earlier = _of_it(of).filter(until__lt=of.since).values("pk")[:1]
    last_before = LPR.objects.order_by().annotate(last=Subquery(earlier)).values("last")
    return Contact.objects.filter(Q(until__gte=of.since) | Q(pk__in=last_before), since__lte=of.at).order_by()


def _of_it(of: Of) -> QuerySet[Contact]:
    return Contact.objects.filter(lpr=OuterRef("pk"), since__lte=of.at).order_by("-until")


def _goes_on(away: Away) -> Q:
    return Q(kind=Contact.Kind.OUT, lpr__in=away, since=F("until"))


@asked
def _out(of: Times, away: Away) -> Sought[list[Row]]:
    """The LPRs that are out of service still."""
    return rows(_contacts(of).filter(_goes_on(away)), "lpr")


@asked
def _last(of: Times) -> Sought[list[Row]]:
    """Each LPR, up to when it was heard from, and whether in the period."""
    last = Subquery(_of_it(of).values("until")[:1])
    within = Exists(_of_it(of).filter(~Q(kind=Contact.Kind.OUT), until__gt=of.since))
    return rows(LPR.objects.order_by().annotate(last=last, within=within), "pk", "last", "within")


@asked
def _gaps(of: Times, away: Away, seconds: float) -> Sought[list[Row]]:
    """LPR, begin and end of each gap between stretches that is longer."""
    until = Least(F("until"), of.at)
    ends = Case(When(_goes_on(away), then=of.at), default=until) if away else until
    before = Window(Max(ends), partition_by="lpr", order_by=("since", "pk"), frame=RowRange(start=None, end=-1))
    gaps = _contacts(of).annotate(before=before)
    long = gaps.annotate(lasts=Seconds("since") - Seconds("before")).filter(lasts__gt=seconds)
    return rows(long, "lpr", "before", "since")
