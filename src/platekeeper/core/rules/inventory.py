"""What must be insured, what is due, and how often an LPR is used (IV.f, VII.c, IX)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

KEEPER, THRESHOLD, ANSWERER = "IV.f.inventory", "IV.f.threshold", "IX.d.administrator"
WARRANTY_SOON = timedelta(days=30)
"""How long before its end somebody is told of a warranty: time to have claimed what is covered still."""
ANSWERED_WITHIN = timedelta(days=7)
"""After how long a technical question waits too long. No clause says."""


class CareKind(StrEnum):
    """What is done for an LPR."""

    AIM = "aim"
    CALIBRATION = "calibration"
    MAINTENANCE = "maintenance"
    CLEANING = "cleaning"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class Use:
    """On how many of the days in service an LPR read something: it should be used as often as possible (VII.c)."""

    read: int
    idle: int

    @property
    def share(self) -> float:
        """The share of the days on which it read, 0 without any."""
        return self.read / (self.read + self.idle) if self.read + self.idle else 0.0


def may_care(who: Authority, policy: Policy) -> Decision:
    """Decide who enters maintenance: who keeps the inventory, or hears of defects and damage."""
    return has_any_duty(who, policy, KEEPER, "IV.d.defects", "IX.c.administrator")


def may_give(who: Authority, policy: Policy, *, to_self: bool, to: str) -> Decision:
    """Decide who says who has an LPR: its keeper, and whoever takes it over."""
    named = Allowed() if to.strip() else Refused(Clause.IV_f, "Say who has it, or where it is.")
    return first_refusal(Allowed() if to_self else has_duty(who, policy, KEEPER), named)


def may_ask(policy: Policy, words: str) -> Decision:
    """Refuse a question that nobody is named to answer, or that asks nothing."""
    asked = Allowed() if words.strip() else Refused(Clause.IX_d, "Write what you want to know.")
    return first_refusal(policy.needs(ANSWERER), asked)


def may_answer(who: Authority, policy: Policy, words: str) -> Decision:
    """Decide who answers a technical question (IX.d)."""
    said = Allowed() if words.strip() else Refused(Clause.IX_d, "Write the answer.")
    return first_refusal(has_duty(who, policy, ANSWERER), said)


def must_be_insured(value: int | None, policy: Policy) -> bool:
    """Say whether an LPR of this value, in dollars, belongs on the municipality's plan: more than the policy's threshold."""
    return value is not None and bool(policy.needs(THRESHOLD)) and value > policy.whole(THRESHOLD)


def ends_soon(until: date | None, *, today: date) -> bool:
    """Say whether a warranty ends within the time in which somebody should think of it."""
    return until is not None and today <= until <= today + WARRANTY_SOON


def is_due(next_on: date | None, *, today: date) -> bool:
    """Say whether what was to be done again by a day is due."""
    return next_on is not None and next_on <= today


def use_of(days: Collection[date], read: Collection[date], out: Collection[date]) -> Use:
    """Return how an LPR was used on the days that are still stored; days out of service count for nothing."""
    in_service = set(days) - set(out)
    reading = len(in_service & set(read))
    return Use(reading, len(in_service) - reading)
