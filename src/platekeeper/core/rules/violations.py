"""A violation of the policy is tracked to an end (VI.e): opened, assessed, a measure taken, closed with its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

CLOSED_WITHIN = timedelta(days=30)
"""A violation that is open for longer is overdue."""
_CLAUSE = Clause.VI_e
DECIDING = ("VII.e.supervisors", "signature.authority")
"""The duties of the policy that assess a violation and take a measure."""
CLOSING = "signature.authority"


class Step(StrEnum):
    """What is done about a violation."""

    OPENED = "opened"
    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    MEASURE = "measure"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a violation ends."""

    UNFOUNDED = "unfounded"
    EXPLAINED = "explained"
    RETRAINED = "retrained"
    DISCIPLINED = "disciplined"
    ACCESS_ENDED = "access_ended"
    REFERRED = "referred"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ViolationFacts:
    """How far a violation is, as a person before it meets it: `is_own` where it is about them; `founded` None before it is
    assessed."""

    is_own: bool = False
    founded: bool | None = None
    measures: int = 0
    closed: bool = False


def due_on(opened_on: date) -> date:
    """Return by when a violation has its end."""
    return opened_on + CLOSED_WITHIN


def may_see_violations(who: Authority, policy: Policy) -> Decision:
    """Decide who reads violations and opens one: who decides them, and the auditors."""
    return has_any_duty(who, policy, *DECIDING, "VI.e.auditors")


def may_see(who: Authority, policy: Policy, facts: ViolationFacts) -> Decision:
    """Decide who reads one: nobody that of their own."""
    return first_refusal(may_see_violations(who, policy), _not_own(facts))


def may_take(
    step: Step, who: Authority, policy: Policy, facts: ViolationFacts, *, words: str, outcome: str
) -> Decision:
    """Decide whether a person may take a step. It is closed by the authority that signs the policy, once it is assessed and,
    where it is founded, a measure was taken."""
    right = has_duty(who, policy, CLOSING) if step is Step.CLOSED else has_any_duty(who, policy, *DECIDING)
    return first_refusal(
        right,
        _not_own(facts),
        Refused(_CLAUSE, "This violation is closed.") if facts.closed else Allowed(),
        _in_turn(step, facts, outcome),
        Allowed() if words.strip() else Refused(_CLAUSE, "Say it in words."),
    )


def next_steps(who: Authority, policy: Policy, facts: ViolationFacts) -> tuple[Step, ...]:
    """Return the steps that a person may take now."""
    outcome = Outcome.OTHER if facts.founded else Outcome.UNFOUNDED
    return tuple(step for step in Step if may_take(step, who, policy, facts, words="said", outcome=outcome))


def _in_turn(step: Step, facts: ViolationFacts, outcome: str) -> Decision:
    match step:
        case Step.OPENED:
            return Refused(_CLAUSE, "It is open already.")
        case Step.MEASURE if not facts.founded:
            return Refused(_CLAUSE, "First assess it: a measure answers a violation that is founded.")
        case Step.CLOSED if facts.founded is None:
            return Refused(_CLAUSE, "Assess it before it is closed.")
        case Step.CLOSED if facts.founded and not facts.measures:
            return Refused(_CLAUSE, "Say which measure was taken before it is closed.")
        case Step.CLOSED if outcome not in set(Outcome):
            return Refused(_CLAUSE, "Choose how it ended.")
        case Step.CLOSED if (outcome == Outcome.UNFOUNDED) is facts.founded:
            return Refused(_CLAUSE, "The outcome is not that of the assessment.")
    return Allowed()


def _not_own(facts: ViolationFacts) -> Decision:
    return Refused(_CLAUSE, "Somebody else deals with a violation of your own.") if facts.is_own else Allowed()
