"""The period of stored reads and its end (VI.k). Days are UTC days of capture."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused


def last_day_disposed_of(policy: Policy, *, at: datetime) -> date | None:
    """Return the newest day whose every read is past the ceiling at `at`; None while the ceiling is unfilled.

    The whole of that day, not only its morning, is older than the ceiling.
    """
    if isinstance(policy.needs("VI.k.ceiling"), Refused):
        return None
    oldest_kept = at - timedelta(days=policy.whole("VI.k.ceiling"))
    return oldest_kept.date() - timedelta(days=1)


def oldest_stored(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the first moment whose reads `may_store` allows at `at`; None while the ceiling is unfilled."""
    last = last_day_disposed_of(policy, at=at)
    return None if last is None else datetime.combine(last + timedelta(days=1), time(), UTC)


def may_store(captured_at: datetime, policy: Policy, *, at: datetime) -> Decision:
    """Refuse a read that arrives already past its time: storing it would outlive the policy (VI.k)."""
    unfilled = policy.needs("VI.k.ceiling")
    if isinstance(unfilled, Refused):
        return unfilled
    oldest = oldest_stored(policy, at=at)
    if oldest is not None and captured_at < oldest:
        return Refused(Clause.VI_k, "This read is older than the policy keeps reads.")
    return Allowed()


def periods_agree(floor: int, ceiling: int) -> Decision:
    """Refuse a policy that would dispose of reads before their least period is over."""
    if ceiling < floor:
        return Refused(Clause.VI_k, f"Reads must be stored {floor} days at least, yet are disposed of after {ceiling}.")
    return Allowed()
