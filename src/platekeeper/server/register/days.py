"""What happened day by day: reads, alarms, misreads and queries of a period, as they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Count, Model, QuerySet, Sum
from django.db.models.functions import TruncDate

from platekeeper.server.equipment.models import DayCount
from platekeeper.server.hits.lookups import alarms
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hits.reading import last_outcomes
from platekeeper.server.querylog.lookups import ran
from platekeeper.server.register.period import Period

Row = TypeVar("Row", bound=Model)
WRONG = (HitStep.Outcome.MISREAD, HitStep.Outcome.WRONG_STATE)
"""The outcomes of an alarm on a plate that was read wrongly."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the department's calendar. `reads` are those of the UTC day of the same date, None until they are counted;
    `misreads` those of its alarms that ended as one."""

    day: date
    reads: int | None
    alarms: int
    misreads: int
    queries: int


def days_of(period: Period) -> list[Day]:
    """Count every day of a period, the first one first."""
    of_period = alarms().filter(period.within("raised_at"))
    wrong = last_outcomes().filter(hit__in=of_period, outcome__in=WRONG)
    raised, misread = _by_day(of_period, "raised_at", period), _by_day(wrong, "hit__raised_at", period)
    asked = _by_day(ran().filter(period.within("begun_at")), "begun_at", period)
    counted = DayCount.objects.filter(day__gte=period.first_day, day__lte=period.today)
    reads = dict(counted.order_by("day").values_list("day").annotate(Sum("reads")))
    length = (period.today - period.first_day).days + 1
    every = (period.first_day + timedelta(days=n) for n in range(length))
    return [Day(day, reads.get(day), raised.get(day, 0), misread.get(day, 0), asked.get(day, 0)) for day in every]


def _by_day(found: QuerySet[Row], field: str, period: Period) -> dict[date, int]:
    days = found.order_by().annotate(of=TruncDate(field, tzinfo=period.zone)).values_list("of")
    return dict(days.annotate(Count("pk")))
