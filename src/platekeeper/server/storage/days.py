"""UTC days of capture, and where what belongs to one lies: a folder per day, images included."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000
MICROSECONDS_A_MINUTE = 60_000_000
_EPOCH = date(1970, 1, 1)


class DayMissing(Exception):
    """There is no such day, or no longer."""


def day_of(at: int) -> date:
    """Return the UTC day of a time in microseconds. Raises ValueError outside the calendar."""
    try:
        return _EPOCH + timedelta(days=at // MICROSECONDS_A_DAY)
    except OverflowError as outside:
        raise ValueError("That time is outside the calendar.") from outside


@lru_cache(maxsize=4096)
def start_of(day: date) -> int:
    """Return a day's first microsecond."""
    return (day - _EPOCH).days * MICROSECONDS_A_DAY


def day_folder(store: Path, day: date) -> Path:
    """Return a day's folder."""
    return store / day.isoformat()


def images_folder(folder: Path) -> Path:
    """Return the place of the image packs within a day's folder."""
    return folder / "images"
