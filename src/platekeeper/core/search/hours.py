"""Hours of the week on the clocks of a zone, as spans of UTC: exact when clocks are put forward or back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Microseconds since 1970-01-01 UTC; the end is not in it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _DAY = 60_000_000, 86_400_000_000
_MINUTES = 24 * 60
_FIRST_MONDAY = 4  # 1970-01-05


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """On these days (0 is Monday) from minute `begin` of the day up to minute `end`; past midnight where `end` is less.

    What goes past midnight belongs to the day on which it began. 0 to 1440 is the whole day. Raises ValueError.
    """

    zone: str
    weekdays: frozenset[int]
    begin: int = 0
    end: int = _MINUTES

    def __post_init__(self) -> None:
        """Refuse hours that never come."""
        if not self.weekdays <= set(range(7)) or not self.weekdays:
            raise ValueError("Choose one weekday at least.")
        if not (0 <= self.begin < _MINUTES and 0 < self.end <= _MINUTES and self.begin != self.end):
            raise ValueError("The hours of a day begin at one minute and end at another.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:  # OSError: it names a folder of zones
            raise ValueError(f"{self.zone}: no time zone, such as America/New_York.") from error

    def spans(self, since: int, until: int) -> list[Span]:
        """Return what of a time lies in these hours, oldest first."""
        found = []
        lasts = (self.end - self.begin + (_MINUTES if self.end < self.begin else 0)) * _MINUTE
        for begin, end, offset in _steady(ZoneInfo(self.zone), since, until):
            for day in range((begin + offset) // _DAY - 1, (end + offset) // _DAY + 1):
                if (day - _FIRST_MONDAY) % 7 in self.weekdays:
                    opens = day * _DAY + self.begin * _MINUTE - offset
                    if max(opens, begin) < min(opens + lasts, end):
                        found.append((max(opens, begin), min(opens + lasts, end)))
        return found


def _steady(zone: ZoneInfo, since: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Give the parts of a time in which the zone's offset, in microseconds, stays the same."""
    begin = since
    while begin < until:
        offset, end = _offset(zone, begin), min(begin + _DAY, until)
        if _offset(zone, end - 1) != offset:
            low, high = begin, end - 1  # the offset is still the same at `low`, and another one at `high`
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            end = high
        yield begin, end, offset
        begin = end


def _offset(zone: ZoneInfo, at: int) -> int:
    told = (_EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset() or timedelta()
    return told // timedelta(microseconds=1)
