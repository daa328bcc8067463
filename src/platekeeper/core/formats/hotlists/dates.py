"""Days and times as makers of hot lists write them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache

_COMPACT = "%Y%m%d"
_DAYS = (
    "%Y-%m-%d", _COMPACT, "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y",
)  # fmt: skip
_DAYS_DAY_FIRST = sorted(_DAYS, key=lambda layout: not layout.startswith("%d/"))
_HOURS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p")


@lru_cache(maxsize=65_536)  # the same few thousand days stand in a million rows
def moment(text: str, *, zone: tzinfo = UTC, day_first: bool = False, whole_day: bool = False) -> datetime | None:
    """Return a day's beginning, or with `whole_day` its end, or the very time where one is written, of `zone` unless said.

    None for an empty text. `day_first` settles what 03/04/2026 is. Raises ValueError where no day is written.
    """
    if not text:
        return None
    day = _day(text, day_first)
    if day is not None:
        return _there(_next_day(day) if whole_day else day, zone)
    written, _, hour = text.partition(" ")
    day = _day(written, day_first)
    try:
        found = datetime.combine(day, _hour(hour.strip())) if day is not None else datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date") from error
    return found if found.tzinfo else _there(found, zone)


def _day(text: str, day_first: bool) -> datetime | None:
    layouts = _DAYS_DAY_FIRST if day_first else _DAYS
    return next((found for layout in layouts if (found := _strptime(text, layout))), None)


def _strptime(text: str, layout: str) -> datetime | None:
    if layout == _COMPACT and len(text) != 8:  # which reads 260311 as the first of January 2603
        return None
    try:
        return datetime.strptime(text, layout).replace(tzinfo=UTC)
    except ValueError:
        return None


def _hour(text: str) -> time:
    found = next((each for layout in _HOURS if (each := _strptime(text.upper(), layout))), None)
    return found.time() if found else time.fromisoformat(text)


def _next_day(day: datetime) -> datetime:
    """Return the end of a day; makers write the last day there is for no end."""
    try:
        return day + timedelta(days=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _there(wall: datetime, zone: tzinfo) -> datetime:
    """Return when the clocks of a zone show what is written; the first and the last day there is are no zone's own."""
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return wall.replace(tzinfo=UTC)
