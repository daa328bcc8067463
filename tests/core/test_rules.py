"""The rules as tables: facts in, allowed or refused under a clause out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.core.policy import Policy
from platekeeper.core.rules import access, entries, hits, lists, retention
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.freshness import is_of_today
from tests.cast import POLICY as VALUES

POLICY = Policy(number=1, digest="0" * 64, values=VALUES)
TODAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
OFFICER = Authority(
    standing=Standing.MEMBER, active=True, positions=frozenset({"Patrol Officer"}), trained_on=date(2026, 1, 1)
)
DETECTIVE = replace(OFFICER, positions=frozenset({"Detective"}), inquiries=True)
ANALYST = replace(DETECTIVE, standing=Standing.STAFF, positions=frozenset({"Crime Analyst"}), staff_access=True)


def clause_of(decision: Decision) -> str:
    """Return the clause of a refusal, "" for what is allowed."""
    return decision.clause.number if isinstance(decision, Refused) else ""


def without(*keys: str) -> Policy:
    return Policy(number=1, digest="0" * 64, values={key: value for key, value in VALUES.items() if key not in keys})


@pytest.mark.parametrize(
    ("who", "clause"),
    [
        (OFFICER, ""),
        (replace(OFFICER, standing=Standing.STAFF), "IV.a"),
        (replace(OFFICER, active=False), "IV.h"),
        (replace(OFFICER, positions=frozenset({"Detective"})), "IV.a"),
        (replace(OFFICER, trained_on=None), "IV.a"),
        (replace(OFFICER, trained_on=TODAY - timedelta(days=365)), ""),
        (replace(OFFICER, trained_on=TODAY - timedelta(days=366)), "IV.a"),
    ],
)
def test_who_may_use_an_lpr(who: Authority, clause: str) -> None:
    assert clause_of(access.may_use_lpr(who, POLICY, TODAY)) == clause


@pytest.mark.parametrize(
    ("who", "clause"),
    [
        (DETECTIVE, ""),
        (ANALYST, ""),
        (replace(ANALYST, staff_access=False), "IV.c"),
        (replace(DETECTIVE, standing=Standing.OUTSIDE), "IV.h"),
        (replace(DETECTIVE, inquiries=False), "VIII.b"),
        (replace(DETECTIVE, trained_on=None), "IV.i"),
        (replace(DETECTIVE, active=False), "IV.h"),
        (replace(OFFICER, inquiries=True), "VI.b"),
    ],
)
def test_who_may_inquire(who: Authority, clause: str) -> None:
    assert clause_of(access.may_inquire(who, POLICY, TODAY)) == clause


@pytest.mark.parametrize(
    ("blank", "clause"),
    [("IV.b.access", "IV.b"), ("VI.b.access", "VI.b"), ("VIII.a.access", "VIII.a"), ("IV.i.refresher", "IV.i")],
)
def test_an_unfilled_blank_refuses_and_names_its_page(blank: str, clause: str) -> None:
    refused = access.may_inquire(DETECTIVE, without(blank), TODAY)
    assert isinstance(refused, Refused)
    assert (refused.clause.number, "Policy page" in refused.reason) == (clause, True)


@pytest.mark.parametrize(
    ("delivered", "fresh"),
    [
        (None, False),
        (NOON, True),
        (datetime(2026, 3, 3, 5, 0, tzinfo=UTC), True),  # midnight in New York
        (datetime(2026, 3, 3, 4, 59, tzinfo=UTC), False),  # still yesterday there, though today in UTC
        (NOON + timedelta(days=1), True),
        (datetime(2026, 3, 5, 4, 59, tzinfo=UTC), True),  # the last minute of tomorrow there
        (datetime(2026, 3, 5, 5, 0, tzinfo=UTC), False),
    ],
)
def test_a_hot_list_is_of_the_departments_own_day(delivered: datetime | None, fresh: bool) -> None:
    assert bool(is_of_today(delivered, at=NOON, zone=ZoneInfo("America/New_York"))) is fresh


ENTRY = entries.EntryFacts(
    is_partial=False, known_characters=7, reason="left the scene", authority="BOLO 12",
    effective_at=NOON, expires_at=NOON + timedelta(days=1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "clause"),
    [
        ({}, ""),
        ({"is_partial": True, "known_characters": 3}, ""),
        ({"is_partial": True, "known_characters": 2}, "VI.a"),
        ({"reason": " "}, "VII.f"),
        ({"authority": ""}, "VII.f.2"),
        ({"expires_at": NOON}, "VI.a"),
        ({"expires_at": NOON + timedelta(days=367)}, "VI.a"),
    ],
)
def test_an_entry_is_complete(changed: dict[str, Any], clause: str) -> None:
    assert clause_of(entries.may_enter(replace(ENTRY, **changed), POLICY)) == clause


def test_a_policy_of_complete_plates_refuses_partial_ones() -> None:
    policy = Policy(number=1, digest="0" * 64, values={**VALUES, "VI.a.plates": "complete"})
    assert clause_of(entries.may_enter(replace(ENTRY, is_partial=True), policy)) == "VI.a"


BOTH = hits.HitFacts(image_verified_at=NOON, confirmed_at=NOON)
REFUSED = hits.HitFacts(image_verified_at=NOON, not_confirmed=True)
DIFFERS = hits.HitFacts(image_differs=True)
AGREES, OTHERWISE = (partial(hits.may_compare_anew, agrees=agrees) for agrees in (True, False))
CONFIRMED, DENIED = (partial(hits.may_answer_anew, confirmed=confirmed) for confirmed in (True, False))


@pytest.mark.parametrize(
    ("hit", "clause"),
    [
        (BOTH, ""),
        (hits.HitFacts(), "VII.e.1"),
        (hits.HitFacts(confirmed_at=NOON), "VII.e.1"),
        (hits.HitFacts(image_verified_at=NOON), "VII.e.2"),
        (replace(BOTH, confirmed_at=None, not_confirmed=True), "VII.e.2"),
        (hits.HitFacts(image_differs=True, confirmed_at=NOON), "VII.e.1"),
        (replace(BOTH, recalled=True), "VII.e"),
    ],
)
def test_a_stop_needs_both_steps(hit: hits.HitFacts, clause: str) -> None:
    assert clause_of(hits.may_stop(hit)) == clause


@pytest.mark.parametrize(
    ("rule", "hit", "clause"),
    [
        (hits.may_verify_image, hits.HitFacts(), ""),
        (hits.may_verify_image, BOTH, "VII.e.1"),
        (hits.may_verify_image, hits.HitFacts(outcome="misread"), "VII.e.1"),
        (hits.may_ask_confirmation, hits.HitFacts(image_verified_at=NOON), ""),
        (hits.may_ask_confirmation, hits.HitFacts(), "VII.e.1"),
        (hits.may_ask_confirmation, BOTH, "VII.e.2"),
        (hits.may_ask_confirmation, hits.HitFacts(image_verified_at=NOON, recalled=True), "VII.e.2"),
        (AGREES, DIFFERS, ""),
        (AGREES, BOTH, "VII.e.1"),
        (AGREES, hits.HitFacts(), "VII.e.1"),
        (AGREES, replace(DIFFERS, stopped_at=NOON), "VII.e.1"),
        (AGREES, replace(DIFFERS, recalled=True), "VII.e.1"),
        (OTHERWISE, BOTH, ""),
        (OTHERWISE, DIFFERS, "VII.e.1"),
        (OTHERWISE, hits.HitFacts(), "VII.e.1"),
        (hits.may_take_stop_back, replace(BOTH, stopped_at=NOON), ""),
        (hits.may_take_stop_back, BOTH, "VII.e"),
        (DENIED, BOTH, ""),
        (DENIED, hits.HitFacts(image_verified_at=NOON), "VII.e.2"),
        (DENIED, replace(BOTH, stopped_at=NOON), "VII.e.2"),
        (DENIED, replace(BOTH, outcome="correct"), "VII.e.2"),
        (DENIED, REFUSED, "VII.e.2"),
        (DENIED, replace(BOTH, entry_ended="It has ended."), ""),
        (CONFIRMED, REFUSED, ""),
        (CONFIRMED, BOTH, "VII.e.2"),
        (CONFIRMED, hits.HitFacts(image_verified_at=NOON), "VII.e.2"),
        (CONFIRMED, replace(REFUSED, stopped_at=NOON), "VII.e.2"),
        (CONFIRMED, replace(REFUSED, recalled=True), "VII.e.2"),
        (CONFIRMED, replace(REFUSED, image_verified_at=None), "VII.e.1"),
        (CONFIRMED, replace(REFUSED, image_differs=True), "VII.e.1"),
        (CONFIRMED, replace(REFUSED, entry_ended="It has ended."), "VII.e"),
    ],
)
def test_steps_come_in_order_and_once(rule: Any, hit: hits.HitFacts, clause: str) -> None:
    assert clause_of(rule(hit)) == clause


@pytest.mark.parametrize("action", list(HitAction))
def test_look_alikes_are_reviewed_silently_unless_a_list_lets_them_alarm(action: HitAction) -> None:
    kind, category = lists.MatchKind.LOOK_ALIKE, Category.STOLEN_VEHICLE
    usual, bold = lists.ListRules(), lists.ListRules(alarms=frozenset(lists.MatchKind))
    assert lists.action_on(usual, category=category, kind=kind, said=action) is HitAction.SILENT
    assert lists.action_on(bold, category=category, kind=kind, said=action) is action


@pytest.mark.parametrize(
    ("how", "state", "kind"),
    [
        (HowMatched.PLATE, StateAgreement.AGREES, "plate_and_state"),
        (HowMatched.PLATE, StateAgreement.DIFFERS, "plate_only"),
        (HowMatched.PLATE, StateAgreement.UNKNOWN, "plate_only"),
        (HowMatched.PARTIAL, StateAgreement.AGREES, "partial"),
        (HowMatched.LOOK_ALIKE, StateAgreement.AGREES, "look_alike"),
    ],
)
def test_what_kind_of_match_it_is(how: HowMatched, state: StateAgreement, kind: str) -> None:
    assert lists.kind_of_match(how, state) == kind


def test_a_hit_does_what_the_entry_says_then_the_list_then_what_is_usual() -> None:
    rules = lists.ListRules(actions={Category.REGISTRATION: HitAction.OBSERVE})
    kind = lists.MatchKind.PLATE_ONLY
    said = lists.action_on(rules, category=Category.REGISTRATION, kind=kind, said=HitAction.STOP)
    assert said is HitAction.STOP
    assert lists.action_on(rules, category=Category.REGISTRATION, kind=kind) is HitAction.OBSERVE
    assert lists.action_on(rules, category=Category.GANG, kind=kind) is HitAction.OBSERVE
    assert lists.action_on(rules, category=Category.STOLEN_PLATE, kind=kind) is HitAction.STOP


@pytest.mark.parametrize(("hours", "action"), [(0, HitAction.STOP), (24, HitAction.STOP), (25, HitAction.SILENT)])
def test_a_car_seen_long_ago_raises_no_alarm(hours: int, action: HitAction) -> None:
    assert lists.when_it_arrives(HitAction.STOP, NOON - timedelta(hours=hours), at=NOON) is action


def test_a_list_may_count_some_categories_only() -> None:
    assert lists.counts(lists.ListRules(), Category.GANG)
    some = lists.ListRules(categories=frozenset({Category.AMBER}))
    assert lists.counts(some, Category.AMBER)
    assert not lists.counts(some, Category.GANG)


@pytest.mark.parametrize(
    ("hours", "age", "clause"),
    [(None, 30, "V.a"), (48, 30, ""), (12, 13, "V.a"), (12, 12, ""), (200, -72, "V.a"), (1, -2, "")],
)
def test_a_list_is_stale_by_its_own_rule(hours: int | None, age: int, clause: str) -> None:
    rules = lists.ListRules(stale_after=None if hours is None else timedelta(hours=hours))
    zone = ZoneInfo("America/New_York")
    assert clause_of(lists.is_fresh(rules, NOON - timedelta(hours=age), at=NOON, zone=zone)) == clause
    assert clause_of(lists.is_fresh(rules, None, at=NOON, zone=zone)) == "V.a"


@pytest.mark.parametrize(
    ("captured", "kept"),
    [
        (NOON - timedelta(days=180), True),  # the rest of that day is still within the ceiling
        (datetime(2025, 9, 4, 0, 0, tzinfo=UTC), True),
        (datetime(2025, 9, 3, 23, 59, 59, tzinfo=UTC), False),
    ],
)
def test_a_read_past_the_ceiling_is_not_stored(captured: datetime, kept: bool) -> None:
    assert bool(retention.may_store(captured, POLICY, at=NOON)) is kept


def test_without_a_ceiling_nothing_is_stored_or_disposed_of() -> None:
    policy = without("VI.k.ceiling")
    assert clause_of(retention.may_store(NOON, policy, at=NOON)) == "VI.k"
    assert retention.oldest_stored(policy, at=NOON) is None


@pytest.mark.parametrize(
    ("floor", "ceiling", "agrees"),
    [("30 days", "180 days", True), ("30 days", "30 days", True), ("31 days", "30 days", False),
     ("31 days", "never", True), ("1 minutes", "3 minutes", True), ("1 days", "24 hours", True)],
)  # fmt: skip
def test_floor_and_ceiling_agree(floor: str, ceiling: str, agrees: bool) -> None:
    policy = replace(POLICY, values={**VALUES, "VI.k.floor": floor, "VI.k.ceiling": ceiling})
    assert bool(retention.periods_agree(policy)) is agrees


def test_a_ceiling_of_never_disposes_of_nothing() -> None:
    policy = replace(POLICY, values={**VALUES, "VI.k.ceiling": "never"})
    assert retention.oldest_stored(policy, at=NOON) is None
    assert retention.may_store(datetime(1999, 1, 1, tzinfo=UTC), policy, at=NOON)


def test_the_first_refusal_is_the_one_given() -> None:
    one, two = Refused(Clause.IV_a, "one"), Refused(Clause.IV_b, "two")
    assert first_refusal(Allowed(), one, two) is one
    assert first_refusal(Allowed(), Allowed()) == Allowed()
    assert first_refusal() == Allowed()
