"""Hours of the week in a zone: the spans hold exactly the moments whose local clock agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.search.hours import WeeklyHours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "Pacific/Apia"])
BEGINS = st.sampled_from(
    [datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC),
     datetime(2011, 12, 29, tzinfo=UTC)]
)  # fmt: skip


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _agrees(hours: WeeklyHours, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    if hours.begin < hours.end:
        return local.weekday() in hours.weekdays and hours.begin <= minute < hours.end
    yesterday = (local.weekday() - 1) % 7
    return (local.weekday() in hours.weekdays and minute >= hours.begin) or (
        yesterday in hours.weekdays and minute < hours.end
    )


@settings(max_examples=60, deadline=None)
@given(ZONES, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440), BEGINS)
def test_the_clock_on_the_wall_decides(
    zone: str, weekdays: frozenset[int], begin: int, end: int, since: datetime
) -> None:
    if begin == end:
        return
    hours = WeeklyHours(zone, weekdays, begin, end)
    until = since + timedelta(days=2)
    spans = hours.spans(_micros(since), _micros(until))
    assert spans == sorted(spans)
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(spans))
    at = since
    while at < until:
        assert any(low <= _micros(at) < high for low, high in spans) is _agrees(hours, at), at
        at += 7 * MINUTE


@pytest.mark.parametrize(
    "given", [(frozenset(), 0, 5), ({7}, 0, 5), ({1}, 5, 5), ({1}, 1440, 5), ({1}, 0, 0), ({1}, 0, 1441), ({1}, -1, 5)]
)
def test_hours_that_never_come_are_refused(given: tuple[frozenset[int], int, int]) -> None:
    with pytest.raises(ValueError, match=r"weekday|hours"):
        WeeklyHours("UTC", *given)


@pytest.mark.parametrize("zone", ["America", "Nowhere/At_All", "", "../etc", "a\0b"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError):
        WeeklyHours(zone, frozenset({1}))
