"""The department's own hot list entries (VI.a, VII.f-g)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused

LONGEST = timedelta(days=366)
"""No entry outlives a year unseen: it is asked for again."""
FEWEST_KNOWN = 3
"""A partial plate with fewer known characters would match half the traffic."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What is asked to be entered."""

    is_partial: bool
    known_characters: int
    reason: str
    authority: str
    effective_at: datetime
    expires_at: datetime


def may_enter(entry: EntryFacts, policy: Policy) -> Decision:
    """Decide whether an entry may stand on the department's hot list as asked for (VI.a)."""
    unfilled = policy.needs("VI.a.plates", "VI.a.decider")
    if isinstance(unfilled, Refused):
        return unfilled
    if entry.is_partial and policy.text("VI.a.plates") == "complete":
        return Refused(Clause.VI_a, "The policy allows complete plates only.")
    if not entry.is_partial and policy.text("VI.a.plates") == "partial":
        return Refused(Clause.VI_a, "The policy allows partial plates only.")
    if entry.is_partial and entry.known_characters < FEWEST_KNOWN:
        return Refused(Clause.VI_a, f"Give at least {FEWEST_KNOWN} known characters of the plate.")
    if not entry.reason.strip():
        return Refused(Clause.VII_f, "Say why this plate is wanted.")
    if not entry.authority.strip():
        return Refused(Clause.VII_f_2, "Name the authority: the bulletin, warrant, or who directed the entry.")
    if entry.expires_at <= entry.effective_at:
        return Refused(Clause.VI_a, "The entry ends before it begins.")
    if entry.expires_at - entry.effective_at > LONGEST:
        return Refused(Clause.VI_a, f"An entry stands for {LONGEST.days} days at most; it can be entered again.")
    return Allowed()
