"""When stored reads and hits go (VI.k): periods down to minutes, in steps, and who lets it happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.policy import Policy
from platekeeper.core.rules import retention
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.retention import Going, HitFacts

NOON = datetime(2026, 3, 3, 12, 0, 30, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
OLD = HitFacts(raised_at=NOON - timedelta(days=31))


def _policy(**values: str) -> Policy:
    return Policy(1, "", {"VI.k." + key: value for key, value in values.items()})


def _clause(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else ""


@pytest.mark.parametrize(
    ("ceiling", "no_hit", "minutes", "oldest"),
    [
        ("180 days", "never", 1440, "2025-09-04T00:00"),
        ("180 days", "2 days", 1440, "2026-03-01T00:00"),
        ("180 days", "3 minutes", 1, "2026-03-03T11:57"),
        ("3 minutes", "never", 1, "2026-03-03T11:57"),
        ("180 days", "1 minutes", 1, "2026-03-03T11:59"),
        ("180 days", "20 minutes", 5, "2026-03-03T11:40"),
        ("180 days", "1 hours", 15, "2026-03-03T11:00"),
        ("180 days", "23 hours", 60, "2026-03-02T13:00"),
        ("180 days", "24 hours", 1440, "2026-03-02T00:00"),
    ],
)
def test_what_is_kept_goes_by_the_shorter_period_in_its_step(
    ceiling: str, no_hit: str, minutes: int, oldest: str
) -> None:
    policy = _policy(ceiling=ceiling, no_hit=no_hit)
    assert retention.step(policy) == minutes * A_MINUTE
    assert retention.oldest_stored(policy, at=NOON) == datetime.fromisoformat(oldest).replace(tzinfo=UTC)


@given(st.integers(1, 60 * 24 * 400), st.integers(0, 60 * 60 * 24 * 800))
def test_nothing_goes_early_or_later_than_a_step(period: int, age: int) -> None:
    policy = _policy(ceiling="never", no_hit=f"{period} minutes")
    captured = NOON - timedelta(seconds=age)
    over = timedelta(seconds=age) - timedelta(minutes=period)
    if over <= timedelta(0):
        assert retention.may_store(captured, policy, at=NOON)
    if over > retention.step(policy):
        assert not retention.may_store(captured, policy, at=NOON)


@pytest.mark.parametrize(
    ("hit", "period", "clause"),
    [
        (OLD, "30 days", ""),
        (OLD, "31 days", "VI.k"),
        (OLD, "never", "VI.k"),
        (replace(OLD, in_case=True), "30 days", "VI.k.1"),
        (replace(OLD, in_case=True, was_in_case=True), "30 days", "VI.k.1"),
        (replace(OLD, led_on=True), "30 days", "V.c"),
        (replace(OLD, in_complaint=True, was_in_case=True), "30 days", "IV.h"),
        (replace(OLD, led_on=True, was_in_case=True), "30 days", ""),
    ],
)
def test_a_hit_goes_when_nothing_holds_it(hit: HitFacts, period: str, clause: str) -> None:
    assert _clause(retention.may_end_hit(hit, _policy(hits=period), at=NOON)) == clause


def test_a_policy_that_says_nothing_of_hits_ends_none() -> None:
    assert _clause(retention.may_end_hit(OLD, _policy(), at=NOON)) == "VI.k"
    assert retention.hits_raised_before(_policy(), at=NOON) is None


def test_a_disposal_takes_two_persons() -> None:
    assert retention.waits_for_approval(_policy(disposal="two_persons"))
    assert not retention.waits_for_approval(_policy())
    assert retention.may_propose(None)
    assert not retention.may_propose(1)
    assert not retention.may_approve(None, by=2)
    assert not retention.may_approve(1, by=1)
    assert retention.may_approve(1, by=2)


@pytest.mark.parametrize(
    ("going", "to_write"),
    [
        (Going(), 0),
        (Going(days=2, hits=70, hit_days=2), 0),
        (Going(days=3, hits=70, hit_days=3), 3),
        (Going(days=3), 3),
        (Going(hits=70, hit_days=3), 70),
        (Going(days=1, hits=5_000, hit_days=900), 5_000),
        (Going(days=19, hits=70, hit_days=7), 19),
    ],
)
def test_what_is_written_out_is_the_number_of_what_goes_furthest_back(going: Going, to_write: int) -> None:
    assert going.to_write == to_write
    assert retention.may_let_go(going, written=to_write)
    assert _clause(retention.may_let_go(going, written=None)) == ("VI.k" if to_write else "")
