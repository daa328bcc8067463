"""Days and times as makers of hot lists write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.hotlists.dates import moment
from tests.core.hotlists.making import day


@pytest.mark.parametrize(
    "text",
    ["2026-03-04", "20260304", "2026/03/04", "2026/3/4", "03/04/2026", "3/4/2026", "03/04/26", "04.03.2026", "04-03-2026",
     "04-Mar-2026", "4-mar-26", "04 MAR 2026", "2026-03-04 00:00", "2026-03-04T00:00:00Z", "03/04/2026 12:00 AM"],
)  # fmt: skip
def test_a_day(text: str) -> None:
    assert moment(text) == day(2026, 3, 4)


@pytest.mark.parametrize(("text", "month"), [("03/04/2026", 4), ("03/04/26", 4), ("03/13/2026", 3), ("13/03/2026", 3)])
def test_day_first_settles_only_what_may_be_either(text: str, month: int) -> None:
    found = moment(text, day_first=True)
    assert found is not None and found.month == month


def test_a_day_without_a_time_ends_with_it() -> None:
    assert moment("2026-03-04", whole_day=True) == day(2026, 3, 5)
    assert moment("2026-12-31", whole_day=True) == day(2027, 1, 1)
    assert moment("9999-12-31", whole_day=True) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2026-03-04 13:30", 13.5), ("2026-03-04 13:30:00", 13.5), ("03/04/2026 1:30 PM", 13.5), ("03/04/2026 1:30:00 pm", 13.5),
     ("2026-03-04T13:30:00-05:00", 18.5), ("2026-03-04 13:30-05:00", 18.5), ("2026-03-04T13:30Z", 13.5)],
)  # fmt: skip
def test_a_time_is_that_very_moment_in_utc_unless_said(text: str, hours: float) -> None:
    assert moment(text, whole_day=True) == day(2026, 3, 4) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2026-03-04", 29), ("2026-03-08", 4 * 24 + 28), ("2026-03-04 13:30", 18.5), ("03/04/2026 1:30 PM", 18.5),
     ("2026-03-04T13:30Z", 13.5), ("2026-07-04 13:30:00+02:00", 122 * 24 + 11.5)],
)  # fmt: skip
def test_days_and_times_without_a_zone_are_of_the_zone_that_is_named(text: str, hours: float) -> None:
    new_york = ZoneInfo("America/New_York")
    assert moment(text, zone=new_york, whole_day=True) == day(2026, 3, 4) + timedelta(hours=hours)


def test_nothing_is_no_time() -> None:
    assert moment("") is None


@pytest.mark.parametrize(
    "text", ["soon", "2026-13-01", "30/30/2026", "260311", "2026031", "2026-03-04 25:00", "0", "-", "2026"]
)
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        moment(text)


@pytest.mark.parametrize("zone", [ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")])
@pytest.mark.parametrize(
    "text", ["0001-01-01", "9999-12-31", "9999-12-30", "9999-12-31 23:00", "0001-01-01T00:00-05:00"]
)
def test_the_first_and_the_last_day_there_is_are_days_in_every_zone(text: str, zone: tzinfo) -> None:
    found = moment(text, zone=zone, whole_day=True)
    assert found is not None and found.year in (1, 9999)


@given(st.text(max_size=30), st.booleans(), st.booleans())
def test_any_text_is_a_time_with_a_zone_or_no_date(text: str, day_first: bool, whole_day: bool) -> None:
    try:
        found = moment(text, day_first=day_first, whole_day=whole_day)
    except ValueError as error:
        assert "is no date" in str(error)
    else:
        assert found is None or found.tzinfo is not None
