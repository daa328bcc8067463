"""Whether a hot list is of today (V.a, VII.d)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused


def is_of_today(delivered_at: datetime | None, *, at: datetime, zone: ZoneInfo) -> Decision:
    """Refuse a hot list that was not delivered on the department's own calendar day of `at`.

    One of the next day is by a clock a little ahead; of a later day by one that was wrong, and nobody knows how old it is.
    """
    if delivered_at is None:
        return Refused(Clause.V_a, "No hot list has been loaded yet.")
    day, today = delivered_at.astimezone(zone).date(), at.astimezone(zone).date()
    if not today <= day <= today + timedelta(days=1):
        return Refused(Clause.V_a, f"The hot list is of {day:%Y-%m-%d}, not of today.")
    return Allowed()
