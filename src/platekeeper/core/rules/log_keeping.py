"""How long an entry of the Query Log is kept, and why (VIII.e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from platekeeper.core.clauses import Clause
from platekeeper.core.durations import NEVER, spoken
from platekeeper.core.policy import Policy
from platekeeper.core.rules.cases import Keeping, Reason
from platekeeper.core.rules.decision import Refused

FLOOR = "VIII.e.floor"


@dataclass(frozen=True, slots=True)
class Matter:
    """A case that an entry belongs to: its number, and the day of its final disposition, None while it is awaited."""

    number: str
    disposed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LogEntryFacts:
    """An entry of the Query Log: the department's day on which it was made, and every case it belongs to."""

    made_on: date
    matters: tuple[Matter, ...] = ()


def log_entry_kept_until(entry: LogEntryFacts, policy: Policy) -> Keeping:
    """Return until when an entry is kept: the final disposition of all its matters, and no less than the policy says.

    An entry of no known case has no matter that could end, so it is kept without an end; an unfilled blank ends nothing.
    """
    reasons = (*map(_of_the_matter, entry.matters), _of_the_floor(entry, policy)) if entry.matters else (_NO_MATTER,)
    ends = [reason.until for reason in reasons]
    return Keeping(None if None in ends else max(end for end in ends if end is not None), reasons)


_NO_MATTER = Reason(Clause.VIII_e, None, "It belongs to no case that is kept here, so no final disposition can end it.")


def _of_the_matter(matter: Matter) -> Reason:
    if matter.disposed_on is None:
        return Reason(Clause.VIII_e, None, f"Case {matter.number} waits for its final disposition.")
    return Reason(Clause.VIII_e, matter.disposed_on, f"Case {matter.number} has reached its final disposition.")


def _of_the_floor(entry: LogEntryFacts, policy: Policy) -> Reason:
    missing = policy.needs(FLOOR)
    if isinstance(missing, Refused):
        return Reason(Clause.VIII_e, None, f"Without an end: {missing.reason}")
    if policy.text(FLOOR) == NEVER:
        return Reason(Clause.VIII_e, None, "The policy never ends an entry of the Query Log.")
    least = policy.period(FLOOR)
    until = entry.made_on + least if least else None
    return Reason(
        Clause.VIII_e, until, f"The policy keeps the Query Log for no less than {spoken(policy.text(FLOOR))}."
    )
