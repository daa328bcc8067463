"""Who handles complaints, and what ends one: every case of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.complaints import (
    LONGEST_SUPPRESSION,
    ComplaintFacts,
    Finding,
    may_close,
    may_correct,
    may_handle,
    may_lift,
    may_see_complainant,
    may_see_complaint,
    may_suppress,
)
from platekeeper.core.rules.decision import Decision, Refused

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
POLICY = Policy(
    number=1,
    digest="d",
    values={
        "VII.e.supervisors": ["Sergeant"],
        "signature.authority": ["Chief"],
        "VI.e.auditors": ["Auditor"],
        "IV.e.custodian": ["Custodian"],
    },
)
FRESH = ComplaintFacts()
WRONG = ComplaintFacts(has_hit=True, findings=frozenset({Finding.WRONG_ENTRY, Finding.STEPS_NOT_TAKEN}))
RIGHT = ComplaintFacts(findings=frozenset({Finding.STOP_RIGHT}))


def _who(*positions: str, active: bool = True) -> Authority:
    return Authority(standing=Standing.MEMBER, active=active, positions=frozenset(positions))


@pytest.mark.parametrize(
    ("position", "sees", "sees_who", "handles", "corrects"),
    [
        ("Sergeant", True, True, True, True),
        ("Chief", True, True, True, True),
        ("Auditor", True, True, False, False),
        ("Custodian", True, False, False, True),
        ("Officer", False, False, False, False),
    ],
)
def test_who_may_what(position: str, sees: bool, sees_who: bool, handles: bool, corrects: bool) -> None:
    who = _who(position)
    decisions = (
        may_see_complaint(who, POLICY, WRONG),
        may_see_complainant(who, POLICY),
        may_handle(who, POLICY, WRONG),
        may_correct(who, POLICY, WRONG),
        may_lift(who, POLICY, WRONG),
    )
    assert [bool(each) for each in decisions] == [sees, sees_who, handles, corrects, corrects]


@pytest.mark.parametrize("rule", [may_see_complaint, may_handle, may_correct, may_close, may_lift])
def test_nobody_has_a_hand_in_a_complaint_about_their_own_stop(rule) -> None:  # type: ignore[no-untyped-def]
    _refused(rule(_who("Sergeant"), POLICY, replace(WRONG, is_own_stop=True)), "your own stop")
    assert not rule(_who("Sergeant", active=False), POLICY, WRONG)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (FRESH, "Find the hit first"),
        (replace(FRESH, has_hit=True), "First record the finding"),
        (replace(RIGHT, has_hit=True), "First record the finding"),
        (replace(WRONG, has_hit=False), "Find the hit first"),
        (replace(WRONG, corrected=True), "corrected already"),
        (replace(WRONG, closed=True), "closed"),
    ],
)
def test_an_entry_is_corrected_once_it_was_found_wrong(facts: ComplaintFacts, says: str) -> None:
    _refused(may_correct(_who("Custodian"), POLICY, facts), says)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (FRESH, "Record a finding"),
        (replace(FRESH, answered=True), "Record a finding"),
        (RIGHT, "Answer the complainant"),
        (replace(RIGHT, answered=True), None),
        (replace(WRONG, answered=True), "correct it first"),
        (replace(WRONG, answered=True, corrected=True), None),
        (replace(WRONG, corrected=True), "Answer the complainant"),
        (replace(RIGHT, answered=True, closed=True), "closed"),
    ],
)
def test_closing_needs_a_finding_an_answer_and_no_wrong_entry_left(facts: ComplaintFacts, says: str | None) -> None:
    decision = may_close(_who("Sergeant"), POLICY, facts)
    if says is None:
        assert decision
    else:
        _refused(decision, says)


@pytest.mark.parametrize(
    ("lasts", "fits"),
    [
        (timedelta(0), False),
        (timedelta(minutes=1), True),
        (LONGEST_SUPPRESSION, True),
        (LONGEST_SUPPRESSION + timedelta(minutes=1), False),
    ],
)
def test_a_line_is_not_suppressed_for_ever(lasts: timedelta, fits: bool) -> None:
    assert bool(may_suppress(until=NOW + lasts, at=NOW)) is fits


def _refused(decision: Decision, says: str) -> None:
    assert isinstance(decision, Refused)
    assert decision.clause.number == "VII.e" and says in decision.reason
