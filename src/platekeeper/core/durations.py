"""Periods as people say them: "30 days", "3 minutes", "never"."""

from __future__ import annotations

import re
from datetime import timedelta

NEVER = "never"
UNITS: dict[str, timedelta] = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(days=7),
    "years": timedelta(days=365),
}
"""Unit -> its length. A year is 365 days; months are left out, since no two of them agree."""
_LONGEST = timedelta(days=365 * 200)
_WRITTEN = re.compile(r"(\d{1,6}) ?(minute|hour|day|week|year)s?", re.ASCII)


def written(text: str) -> str:
    """Return a period as it is stored, "1 day" becoming "1 days"; raise `ValueError` when it is none."""
    text = text.strip().lower()
    if text == NEVER:
        return NEVER
    found = _WRITTEN.fullmatch(text)
    if found is None or not timedelta(0) < int(found[1]) * UNITS[f"{found[2]}s"] <= _LONGEST:
        raise ValueError(f"{text!r} is no period")
    return f"{int(found[1])} {found[2]}s"


def length_of(stored: str) -> timedelta | None:
    """Return the length of a stored period, None for "never"."""
    if stored == NEVER:
        return None
    count, unit = stored.split(" ")
    return int(count) * UNITS[unit]


def spoken(stored: str) -> str:
    """Return a stored period as a sentence holds it: "1 day", "30 days", "never"."""
    return stored[:-1] if stored.startswith("1 ") else stored
