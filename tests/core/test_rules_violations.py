"""A violation has an end: who assesses it, who closes it, and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.violations import Outcome, Step, ViolationFacts, may_see, may_take, next_steps

POLICY = Policy(
    1, "", {"VII.e.supervisors": ["Sergeant"], "signature.authority": ["Chief"], "VI.e.auditors": ["Auditor"]}
)


def _who(title: str) -> Authority:
    return Authority(standing=Standing.MEMBER, active=True, positions=frozenset({title}))


CHIEF, SERGEANT, AUDITOR, OFFICER = map(_who, ("Chief", "Sergeant", "Auditor", "Officer"))
OPEN = ViolationFacts()
FOUNDED, UNFOUNDED = ViolationFacts(founded=True), ViolationFacts(founded=False)
ANSWERED = ViolationFacts(founded=True, measures=1)
CLOSED = replace(ANSWERED, closed=True)


@pytest.mark.parametrize(
    ("who", "facts", "steps"),
    [
        (SERGEANT, OPEN, {Step.FOUNDED, Step.UNFOUNDED}),
        (CHIEF, OPEN, {Step.FOUNDED, Step.UNFOUNDED}),
        (AUDITOR, OPEN, set()),
        (OFFICER, OPEN, set()),
        (SERGEANT, FOUNDED, {Step.FOUNDED, Step.UNFOUNDED, Step.MEASURE}),
        (CHIEF, FOUNDED, {Step.FOUNDED, Step.UNFOUNDED, Step.MEASURE}),
        (CHIEF, UNFOUNDED, {Step.FOUNDED, Step.UNFOUNDED, Step.CLOSED}),
        (SERGEANT, ANSWERED, {Step.FOUNDED, Step.UNFOUNDED, Step.MEASURE}),
        (CHIEF, ANSWERED, {Step.FOUNDED, Step.UNFOUNDED, Step.MEASURE, Step.CLOSED}),
        (CHIEF, CLOSED, set()),
        (CHIEF, replace(ANSWERED, is_own=True), set()),
    ],
)
def test_what_may_be_done_next(who: Authority, facts: ViolationFacts, steps: set[Step]) -> None:
    assert set(next_steps(who, POLICY, facts)) == steps


@pytest.mark.parametrize(
    ("facts", "outcome", "words", "why"),
    [
        (ANSWERED, "", "said", "Choose how it ended"),
        (ANSWERED, Outcome.UNFOUNDED, "said", "not that of the assessment"),
        (UNFOUNDED, Outcome.RETRAINED, "said", "not that of the assessment"),
        (ANSWERED, Outcome.RETRAINED, " ", "in words"),
        (FOUNDED, Outcome.RETRAINED, "said", "which measure"),
        (OPEN, Outcome.RETRAINED, "said", "Assess it"),
    ],
)
def test_it_is_not_closed(facts: ViolationFacts, outcome: str, words: str, why: str) -> None:
    decision = may_take(Step.CLOSED, CHIEF, POLICY, facts, words=words, outcome=outcome)
    assert isinstance(decision, Refused)
    assert why in decision.reason
    assert decision.clause is Clause.VI_e


@pytest.mark.parametrize(("who", "sees"), [(CHIEF, True), (SERGEANT, True), (AUDITOR, True), (OFFICER, False)])
def test_who_reads_one(who: Authority, sees: bool) -> None:
    assert bool(may_see(who, POLICY, OPEN)) is sees
    assert not may_see(who, POLICY, replace(OPEN, is_own=True))
