"""What is to be done by a day, and when somebody is reminded of it (IV.g)."""

from __future__ import annotations

from datetime import date, timedelta

from platekeeper.core.policy import Policy

SCHEDULE_PATIENCE = timedelta(hours=2)
"""What is due is done by the schedule within this time; until then it is not late."""


def reminder_due(policy: Policy, due_on: date | None, *, today: date) -> bool:
    """Say whether the reviewers are reminded today: the review is overdue, or due within the policy's days (IV.g)."""
    if due_on is None or not policy.needs("IV.g.reviewer", "IV.g.reminder"):
        return False
    return today >= due_on - timedelta(days=policy.whole("IV.g.reminder"))
