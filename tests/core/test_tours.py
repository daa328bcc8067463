"""Before a tour of duty: one row a clause and a blank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import NO_POLICY, Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import TRAINING, Decision, Refused
from platekeeper.core.rules.tours import NEEDED, Purpose, TourFacts, carries_own_list, may_begin, may_end
from tests.cast import POLICY as VALUES

POLICY = Policy(number=1, digest="0" * 64, values=VALUES)
TODAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)  # noon in Harbor Falls
OFFICER = Authority(
    standing=Standing.MEMBER, active=True, positions=frozenset({"Patrol Officer"}), trained_on=date(2026, 1, 1)
)
SERGEANT = replace(OFFICER, positions=frozenset({"Patrol Sergeant"}))
TOUR = TourFacts(at=NOON, purpose=Purpose.PATROL, mobile=True, in_service=True, delivered_at=NOON - timedelta(hours=4))


def clause_of(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else ""


def without(*keys: str) -> Policy:
    return replace(POLICY, values={key: value for key, value in VALUES.items() if key not in keys})


@pytest.mark.parametrize(
    ("who", "tour", "clause"),
    [
        ({}, {}, ""),
        ({"active": False}, {}, "IV.h"),
        ({"standing": Standing.STAFF}, {}, "IV.a"),
        ({"positions": frozenset({"Detective"})}, {}, "IV.a"),
        ({"trained_on": None}, {}, "VII.b"),
        ({"trained_on": None}, {"mobile": False}, "IV.a"),
        ({"trained_on": TODAY - timedelta(days=366)}, {}, "VII.b"),
        ({"overdue": ("Bulletin 4",)}, {}, "VII.b"),
        ({}, {"purpose": ""}, "VII.a"),
        ({}, {"purpose": "looking for my neighbor"}, "VII.a"),
        ({}, {"delivered_at": None}, "V.a"),
        ({}, {"delivered_at": datetime(2026, 3, 3, 4, 59, tzinfo=UTC)}, "V.a"),  # a minute to midnight in Harbor Falls
        ({}, {"delivered_at": datetime(2026, 3, 3, 5, tzinfo=UTC)}, ""),
        ({}, {"in_service": False}, "IV.f"),
        ({}, {"open_with": "Car 7"}, "VII.h"),
        ({}, {"lpr_taken": True}, "VII.h"),
    ],
)
def test_what_stands_in_the_way_of_a_tour(who: dict[str, Any], tour: dict[str, Any], clause: str) -> None:
    assert clause_of(may_begin(replace(OFFICER, **who), POLICY, TODAY, replace(TOUR, **tour))) == clause


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_is_legitimate(purpose: Purpose) -> None:
    assert may_begin(OFFICER, POLICY, TODAY, replace(TOUR, purpose=purpose.value))


@pytest.mark.parametrize("key", NEEDED)
def test_an_unfilled_blank_refuses_and_names_its_clause(key: str) -> None:
    refused = may_begin(OFFICER, without(key), TODAY, TOUR)
    assert isinstance(refused, Refused)
    assert (refused.clause, refused.mend) == (BLANKS[key].clause, key)


def test_before_the_first_policy_no_tour_begins() -> None:
    assert not may_begin(OFFICER, NO_POLICY, TODAY, TOUR)


def test_every_blank_that_says_it_blocks_tours_does() -> None:
    said = {key for key, blank in BLANKS.items() if "tours" in blank.blocks}
    assert said and said <= set(NEEDED)


def test_what_training_mends_is_said_for_a_car_too() -> None:
    refused = may_begin(replace(OFFICER, trained_on=None), POLICY, TODAY, TOUR)
    assert isinstance(refused, Refused) and refused.mend == TRAINING


@pytest.mark.parametrize(
    ("who", "is_own", "policy", "clause"),
    [
        (OFFICER, True, POLICY, ""),
        (replace(OFFICER, trained_on=None, positions=frozenset()), True, POLICY, ""),  # what began can always end
        (replace(OFFICER, active=False), True, POLICY, "IV.h"),
        (OFFICER, False, POLICY, "VII.h.2"),
        (SERGEANT, False, POLICY, ""),
        (SERGEANT, False, without("VII.h.2.checker"), ""),  # the supervisor of VII.e
        (SERGEANT, False, without("VII.e.supervisors"), ""),  # the checker of VII.h.2
        (SERGEANT, False, without("VII.h.2.checker", "VII.e.supervisors"), "VII.h.2"),
    ],
)
def test_who_ends_a_tour(who: Authority, is_own: bool, policy: Policy, clause: str) -> None:
    assert clause_of(may_end(who, policy, is_own=is_own)) == clause


@pytest.mark.parametrize(
    ("tour", "overridden", "clause"),
    [
        ({"delivered_at": None}, {"V.a"}, ""),
        ({"delivered_at": None}, {"VII.b"}, "V.a"),
        ({"own_list": True, "delivered_at": None}, (), ""),  # the member is asked
        ({"own_list": True, "attested": True, "delivered_at": None}, (), ""),
        ({"own_list": True, "attested": False}, (), "V.a"),
        ({"own_list": True, "attested": False}, {"V.a"}, ""),
        ({"in_service": False}, {"IV.f"}, "IV.f"),
        ({"purpose": ""}, {"VII.a"}, "VII.a"),
        ({"open_with": "Car 7"}, {"VII.h"}, "VII.h"),
        ({"lpr_taken": True, "taking_over": True}, (), ""),
    ],
)
def test_what_an_override_and_a_word_stand_for(tour: dict[str, Any], overridden: set[str], clause: str) -> None:
    facts = replace(TOUR, overridden=frozenset(map(Clause.by_number, overridden)), **tour)
    assert clause_of(may_begin(OFFICER, POLICY, TODAY, facts)) == clause


@pytest.mark.parametrize(
    ("who", "clause"),
    [
        ({"trained_on": TODAY - timedelta(days=366)}, ""),
        ({"overdue": ("Bulletin 4",)}, ""),
        ({"trained_on": None}, "VII.b"),
        ({"standing": Standing.STAFF}, "IV.a"),
    ],
)
def test_only_training_that_was_taken_is_overridden(who: dict[str, Any], clause: str) -> None:
    facts = replace(TOUR, overridden=frozenset({Clause.IV_a, Clause.VII_b}))
    assert clause_of(may_begin(replace(OFFICER, **who), POLICY, TODAY, facts)) == clause


@pytest.mark.parametrize(("held", "clause"), [(None, ""), (True, ""), (False, "V.a")])
def test_a_unit_of_ours_needs_to_have_the_list(held: bool | None, clause: str) -> None:
    assert clause_of(may_begin(OFFICER, POLICY, TODAY, replace(TOUR, held=held))) == clause


@pytest.mark.parametrize(
    ("way", "method", "own"),
    [
        ("live", "removable", False), ("file", "network", True), ("docked", "network", True), ("", "network", False),
        ("", "removable", True), ("", "push", True), ("", "", False),
    ],
)  # fmt: skip
def test_which_units_carry_a_list_of_their_own(way: str, method: str, own: bool) -> None:
    assert carries_own_list(way, method) is own
