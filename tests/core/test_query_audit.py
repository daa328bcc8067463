"""What makes a query worth a look, the draw that nobody chooses, who reviews, how long the log is kept: tables of cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.audits import DONE, ReviewFacts, Step, may_look, may_take, next_steps, sample_size
from platekeeper.core.rules.log_keeping import LogEntryFacts, Matter, log_entry_kept_until
from platekeeper.core.rules.query_audit import (
    HIGH,
    QueryFacts,
    Why,
    is_placeholder,
    reasons_of,
    sample,
    score,
)
from platekeeper.core.rules.reasons import is_vague, may_justify, same_words

POLICY = Policy(
    number=1,
    digest="0" * 64,
    values={
        "VI.e.auditors": ["Auditor"],
        "VII.e.supervisors": ["Sergeant"],
        "signature.authority": ["Chief"],
        "VIII.e.floor": "5 years",
    },
)
GOOD: dict[str, Any] = {
    "justification": "blue sedan left the bank on Canal Street",
    "offense": "robbery",
    "case_number": "26-1",
}
DAYTIME = tuple(30 if 8 <= hour < 17 else 0 for hour in range(24))


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, []),
        ({"justification": ""}, [Why.VAGUE]),
        ({"justification": "Robbery investigation.", "case_number": "26-1"}, [Why.VAGUE]),
        ({"justification": "see case 26-1"}, [Why.VAGUE]),
        ({"same_words": 1}, [Why.REPEATED]),
        ({"same_plate": 4}, []),
        ({"same_plate": 5}, [Why.SAME_PLATE]),
        ({"caseless": 9}, []),
        ({"case_number": "N/A", "caseless": 4}, []),
        ({"case_number": "N/A", "caseless": 5}, [Why.CASELESS]),
        ({"corrected_from": "26-7"}, [Why.CORRECTED]),
        ({"corrected_from": "n/a", "caseless": 5}, [Why.CASELESS, Why.CORRECTED]),
        ({"case_number": "n/a", "corrected_from": "26-7", "caseless": 5}, [Why.CASELESS, Why.CORRECTED]),
        ({"hour": 3, "hours": DAYTIME}, [Why.ODD_HOUR]),
        ({"hour": 7, "hours": DAYTIME}, []),
        ({"hour": 3, "hours": (1,) * 19 + (0,) * 5}, []),
        ({"hour": 23, "hours": (20, *(0,) * 23)}, []),
        ({"case_known": None}, []),
        ({"case_known": True}, []),
        ({"case_known": False}, [Why.CASE_UNKNOWN]),
        ({"case_idle": True}, [Why.NO_OUTCOME]),
        ({"exigent": True, "exigent_reviewed": True}, []),
        ({"exigent": True}, [Why.EXIGENT]),
        ({"own_plate": True, "same_words": 2}, [Why.OWN_PLATE, Why.REPEATED]),
        ({"case_idle": True, "colleagues_plate": True}, [Why.COLLEAGUES_PLATE, Why.NO_OUTCOME]),
    ],
)
def test_reasons_come_from_facts_the_weightiest_first(facts: dict[str, Any], found: list[Why]) -> None:
    assert [reason.why for reason in reasons_of(QueryFacts(**{**GOOD, **facts}))] == found


@pytest.mark.parametrize(
    ("facts", "high"),
    [
        ({"justification": "police business"}, True),
        ({"case_known": False, "case_idle": True}, False),
        ({"case_known": False, "same_words": 3}, True),
        ({"corrected_from": "26-7"}, False),
        ({"corrected_from": "26-7", "case_known": False}, True),
        ({"own_plate": True}, True),
        ({"same_plate": 9}, False),
    ],
)
def test_what_is_worth_a_look_by_itself(facts: dict[str, Any], high: bool) -> None:
    assert (score(reasons_of(QueryFacts(**{**GOOD, **facts}))) >= HIGH) is high


@pytest.mark.parametrize(
    ("words", "vague"),
    [
        ("investigation", True), ("INV.", True), ("LE purposes", True), ("per request", True), ("26-101", True),
        ("...", True), ("suspicious vehicle", True), ("seen leaving the scene", False), ("BOLO silver Civic", False),
        ("car of the missing girl", False),
    ],
)  # fmt: skip
def test_vague_words(words: str, vague: bool) -> None:
    assert is_vague(words) is vague
    assert not (vague and may_justify(words))


@pytest.mark.parametrize(
    ("number", "none"), [("", True), ("n/a", True), ("TBD", True), ("0000", True), ("26-101", False), ("12", False)]
)
def test_a_number_that_is_none(number: str, none: bool) -> None:
    assert is_placeholder(number) is none


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert same_words("Seen, there!") == same_words("seen THERE") != same_words("there seen")
    assert same_words("seen there, see 26-101") == same_words("seen there, see 26-102")


@given(st.sets(st.integers(1, 10**6), max_size=60), st.integers(0, 70), st.text("0123456789abcdef", max_size=64))
def test_a_draw_is_the_same_for_everybody_and_holds_no_more_than_there_is(
    numbers: set[int], size: int, seed: str
) -> None:
    drawn = sample(numbers, seed=seed, size=size)
    assert drawn == sample(sorted(numbers, reverse=True), seed=seed, size=size)
    assert len(drawn) == len(set(drawn)) == min(size, len(numbers)) and set(drawn) <= numbers


def test_another_seed_draws_others() -> None:
    assert len({tuple(sample(range(1000), seed=str(seed), size=5)) for seed in range(20)}) == 20


@pytest.mark.parametrize(("entries", "size"), [(0, 0), (4, 4), (10, 10), (100, 10), (201, 11), (10_000, 500)])
def test_how_many_are_drawn(entries: int, size: int) -> None:
    assert sample_size(entries) == size


def _who(title: str) -> Authority:
    return Authority(standing=Standing.MEMBER, active=True, positions=frozenset({title}))


@pytest.mark.parametrize(
    ("title", "facts", "steps"),
    [
        ("Auditor", ReviewFacts(), [Step.FINE, Step.ASKED, Step.MISUSE]),
        ("Auditor", ReviewFacts(is_own=True), []),
        ("Auditor", ReviewFacts(last=Step.ASKED), [Step.MISUSE, Step.CLOSED]),
        ("Auditor", ReviewFacts(last=Step.ANSWERED), [Step.ASKED, Step.MISUSE, Step.CLOSED]),
        ("Auditor", ReviewFacts(is_own=True, last=Step.ASKED), [Step.ANSWERED]),
        ("Auditor", ReviewFacts(last=Step.MISUSE), []),
        ("Officer", ReviewFacts(), []),
        ("Officer", ReviewFacts(last=Step.ASKED), []),
        ("Officer", ReviewFacts(is_own=True, last=Step.ASKED), [Step.ANSWERED]),
        ("Sergeant", ReviewFacts(), []),
        ("Sergeant", ReviewFacts(last=Step.MISUSE), [Step.ENDED, Step.UNFOUNDED]),
        ("Sergeant", ReviewFacts(is_own=True, last=Step.MISUSE), []),
        ("Chief", ReviewFacts(last=Step.MISUSE), [Step.ENDED, Step.UNFOUNDED]),
        *[("Auditor", ReviewFacts(last=step), []) for step in DONE],
        *[("Chief", ReviewFacts(last=step), []) for step in DONE],
    ],
)
def test_who_takes_which_step(title: str, facts: ReviewFacts, steps: list[Step]) -> None:
    assert list(next_steps(_who(title), POLICY, facts)) == steps
    assert not any(may_take(step, _who(title), POLICY, facts, words=" ") for step in steps if step is not Step.FINE)


def test_who_opens_an_entry_under_review() -> None:
    found = ReviewFacts(last=Step.MISUSE)
    assert may_look(_who("Auditor"), POLICY, ReviewFacts()) and may_look(_who("Chief"), POLICY, found)
    assert not may_look(_who("Chief"), POLICY, ReviewFacts())
    assert not may_look(_who("Auditor"), POLICY, ReviewFacts(is_own=True))


MADE = date(2026, 3, 1)
UNFILLED = Policy(number=1, digest="0" * 64, values={})
NEVER = Policy(number=1, digest="0" * 64, values={"VIII.e.floor": "never"})
FLOOR = date(2031, 2, 28)


@pytest.mark.parametrize(
    ("matters", "policy", "until"),
    [
        ([], POLICY, None),
        ([("26-1", None)], POLICY, None),
        ([("26-1", date(2026, 9, 1))], POLICY, FLOOR),
        ([("26-1", date(2040, 9, 1))], POLICY, date(2040, 9, 1)),
        ([("26-1", date(2040, 9, 1)), ("26-2", date(2033, 1, 1))], POLICY, date(2040, 9, 1)),
        ([("26-1", date(2026, 9, 1)), ("26-2", None)], POLICY, None),
        ([("26-1", date(2026, 9, 1))], UNFILLED, None),
        ([("26-1", date(2026, 9, 1))], NEVER, None),
    ],
)
def test_an_entry_is_kept_until_its_matters_and_the_policy_let_it_end(
    matters: list[tuple[str, date | None]], policy: Policy, until: date | None
) -> None:
    entry = LogEntryFacts(MADE, tuple(Matter(number, day) for number, day in matters))
    keeping = log_entry_kept_until(entry, policy)
    assert keeping.until == until
    assert all(reason.clause.number == "VIII.e" and reason.words for reason in keeping.reasons)
