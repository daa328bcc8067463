"""Backups, and the recovery key without which nobody reads them (VI.m)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused

MOST_HOLDERS = 16
RESTORED_EVERY = timedelta(days=92)
"""So often people restore a backup as a drill; our own measure, the policy names none."""
NO_KEY = Refused(Clause.VI_m, "Make the recovery key first, and prove its shares: backups are encrypted for it.")


def may_split(*, needed: int, holders: Sequence[str]) -> Decision:
    """Refuse a recovery key that one person alone could use, or that too many hold."""
    if len(holders) != len(set(holders)) or not all(holders):
        return Refused(Clause.VI_m, "Name each holder of a share once.")
    if needed < 2:
        return Refused(Clause.VI_m, "At least two shares must be needed: nobody reads a backup alone.")
    if not needed <= len(holders) <= MOST_HOLDERS:
        return Refused(Clause.VI_m, f"Name at least as many holders as shares are needed, and at most {MOST_HOLDERS}.")
    return Allowed()


def may_call_destroyed(*, took_one: bool, within_reach: bool, how: str) -> Decision:
    """Refuse to give a backup folder up that holds nothing, or from which what ends can still be taken (VI.k)."""
    if not took_one:
        return Refused(Clause.VI_m, "No backup lies in this folder.")
    if within_reach:
        return Refused(Clause.VI_m, "This folder is within reach: what is disposed of goes from it by itself.")
    if not how.strip():
        return Refused(Clause.VI_m, "Say how it was destroyed, and by whom.")
    return Allowed()


def copies_missing(policy: Policy, *, folders: int) -> int:
    """Return how many copies of a backup the policy names beyond the folders that there are."""
    return max(0, policy.whole("VI.m.copies") - folders) if policy.needs("VI.m.copies") else 0


def is_restore_due(last: datetime | None, *, since: datetime | None, at: datetime) -> bool:
    """Say whether a backup is to be restored as a drill again; `since` is the first backup, None without any."""
    begun = last or since
    return begun is not None and at - begun > RESTORED_EVERY
