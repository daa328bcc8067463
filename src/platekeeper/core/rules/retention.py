"""The period of stored reads and its end (VI.k). Days are UTC days of capture."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused

_SHORTEST = timedelta(days=1)


def last_day_disposed_of(policy: Policy, *, at: datetime) -> date | None:
    """Return the newest day whose every read is past the ceiling at `at`; None while the ceiling is unfilled or "never".

    The whole of that day, not only its morning, is older than the ceiling.
    """
    ceiling = policy.period("VI.k.ceiling") if policy.needs("VI.k.ceiling") else None
    return None if ceiling is None else (at - ceiling).date() - timedelta(days=1)


def oldest_stored(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the first moment whose reads `may_store` allows at `at`; None while the policy names no end."""
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


def periods_agree(policy: Policy) -> Decision:
    """Refuse a policy whose reads end before their least period is over, or sooner than this software can end them."""
    if not policy.needs("VI.k.ceiling"):
        return Allowed()
    ceiling = policy.period("VI.k.ceiling")
    floor = policy.period("VI.k.floor") if policy.needs("VI.k.floor") else None
    if ceiling is None:
        return Allowed()
    if floor is not None and ceiling < floor:
        least, most = BLANKS["VI.k.floor"], BLANKS["VI.k.ceiling"]
        words = f"Reads must be stored {least.spoken(policy.values[least.key])} at least"
        return Refused(
            Clause.VI_k, f"{words}, yet are disposed of after {most.spoken(policy.values[most.key])}.", most.key
        )
    if ceiling < _SHORTEST:
        return Refused(
            Clause.VI_k,
            "This version disposes of reads by whole days: it cannot keep a ceiling under a day.",
            "VI.k.ceiling",
        )
    return Allowed()
