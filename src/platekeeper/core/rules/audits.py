"""Who reviews the Query Log, and what becomes of a finding (VI.e): nobody reviews their own, and every finding has an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

EVERY = timedelta(days=7)
"""The Query Log is reviewed once a week."""
OVERDUE = timedelta(days=14)
"""What nobody has looked at after so long is overdue."""
LEAST, SHARE = 10, 20
"""A weekly round draws one entry in `SHARE`, and never fewer than `LEAST` if there are as many."""
AUDITORS = "VI.e.auditors"
ENDING = ("VII.e.supervisors", "signature.authority")
"""The duties that say what becomes of a finding of misuse."""


class Step(StrEnum):
    """What is done about an entry under review."""

    FINE = "fine"
    ASKED = "asked"
    ANSWERED = "answered"
    MISUSE = "misuse"
    CLOSED = "closed"
    ENDED = "ended"
    UNFOUNDED = "unfounded"


REVIEWS = frozenset({Step.FINE, Step.ASKED, Step.MISUSE, Step.CLOSED})
"""The steps of an auditor, who looks at an entry."""
ENDS = frozenset({Step.ENDED, Step.UNFOUNDED})
"""The steps that end a finding of misuse: what was done is said, or that it was none."""
DONE = frozenset({Step.FINE, Step.CLOSED}) | ENDS
"""The steps after which there is nothing more to do."""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """An entry under review as a person meets it: whether the query is their own, or was made at their request, and the last
    step taken."""

    is_own: bool = False
    asked_for: bool = False
    last: Step | None = None


def may_audit(who: Authority, policy: Policy) -> Decision:
    """Decide who opens the queue and the entries in it, and draws a survey."""
    return has_duty(who, policy, AUDITORS)


def may_see_findings(who: Authority, policy: Policy) -> Decision:
    """Decide who reads findings of misuse: who ends them, and the auditors."""
    return has_any_duty(who, policy, *ENDING, AUDITORS)


def may_look(who: Authority, policy: Policy, facts: ReviewFacts) -> Decision:
    """Decide who opens one entry under review: an auditor, or who ends the misuse found in it; nobody their own."""
    found = facts.last in {Step.MISUSE, *ENDS}
    return first_refusal(may_see_findings(who, policy) if found else may_audit(who, policy), _not_own(facts))


def may_take(step: Step, who: Authority, policy: Policy, facts: ReviewFacts, *, words: str) -> Decision:
    """Decide whether a person may take a step: fine; needs an explanation, answered, closed; misuse, and its end."""
    right: Decision
    after: tuple[Step | None, ...]
    match step:
        case Step.ANSWERED:
            mine = Allowed() if facts.is_own else Refused(Clause.VI_e, "Only whoever made the query explains it.")
            right, after = mine, (Step.ASKED,)
        case Step.ENDED | Step.UNFOUNDED:
            right, after = _may_end(who, policy, facts), (Step.MISUSE,)
        case Step.FINE:
            right, after = _may_review(who, policy, facts), (None,)
        case Step.CLOSED:
            right, after = _may_review(who, policy, facts), (Step.ASKED, Step.ANSWERED)
        case Step.ASKED:
            right, after = _may_review(who, policy, facts), (None, Step.ANSWERED)
        case Step.MISUSE:
            right, after = _may_review(who, policy, facts), (None, Step.ASKED, Step.ANSWERED)
    unsaid = step is not Step.FINE and not words.strip()
    return first_refusal(
        right,
        Allowed()
        if facts.last in after
        else Refused(Clause.VI_e, "Somebody has gone on with this entry already. Look again."),
        Refused(Clause.VI_e, "Say it in words.") if unsaid else Allowed(),
    )


def next_steps(who: Authority, policy: Policy, facts: ReviewFacts) -> tuple[Step, ...]:
    """Return the steps that a person may take now."""
    return tuple(step for step in Step if may_take(step, who, policy, facts, words="said"))


def sample_size(entries: int) -> int:
    """Return how many entries of a week are drawn."""
    return min(entries, max(LEAST, -(-entries // SHARE)))


def _may_review(who: Authority, policy: Policy, facts: ReviewFacts) -> Decision:
    return first_refusal(may_audit(who, policy), _not_own(facts))


def _may_end(who: Authority, policy: Policy, facts: ReviewFacts) -> Decision:
    return first_refusal(has_any_duty(who, policy, *ENDING), _not_own(facts))


def _not_own(facts: ReviewFacts) -> Decision:
    if facts.asked_for:
        return Refused(Clause.VI_e, "You asked for this query: somebody else reviews it.")
    return Refused(Clause.VI_e, "Somebody else reviews your own queries.") if facts.is_own else Allowed()
