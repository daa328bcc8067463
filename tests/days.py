"""The department's days: its calendar is New York's, whatever the hour is in UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def today(days: int = 0) -> date:
    """Return the department's day, or one so many days later."""
    return datetime.now(ZoneInfo("America/New_York")).date() + timedelta(days=days)
