"""When a routine transfer is due and late, and what none may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.rules.sharing import Share
from platekeeper.core.rules.transfers import Every, due_at, is_late, may_send, periods
from tests.core.test_rules import POLICY


@pytest.mark.parametrize(
    ("every", "since", "before", "expected"),
    [
        ("day", "2026-03-01", "2026-03-01", []),
        ("day", "2026-03-01", "2026-03-03", ["2026-03-01/2026-03-01", "2026-03-02/2026-03-02"]),
        ("week", "2026-03-04", "2026-03-16", ["2026-03-04/2026-03-08", "2026-03-09/2026-03-15"]),
        ("week", "2026-03-04", "2026-03-08", []),
        ("month", "2026-01-31", "2026-03-01", ["2026-01-31/2026-01-31", "2026-02-01/2026-02-28"]),
        ("month", "2026-12-01", "2026-12-31", []),
        ("month", "2026-12-01", "2027-01-01", ["2026-12-01/2026-12-31"]),
    ],
)
def test_periods_are_whole_and_over(every: str, since: str, before: str, expected: list[str]) -> None:
    found = periods(Every(every), since=date.fromisoformat(since), before=date.fromisoformat(before))
    assert [f"{begins}/{ends}" for begins, ends in found] == expected


@given(st.sampled_from(Every), st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 100))
def test_periods_follow_each_other_without_a_gap(every: Every, since: date, days: int) -> None:
    before, next_one = since + timedelta(days=days), since
    for begins, ends in periods(every, since=since, before=before):
        assert begins == next_one
        assert begins <= ends < before
        next_one = ends + timedelta(days=1)


@pytest.mark.parametrize(
    ("what", "every", "changed", "allowed"),
    [
        (Share.READS, "day", {}, True),
        (Share.HITS, "day", {}, True),
        (Share.SEARCHES, "day", {}, False),
        (Share.READS, "week", {}, False),
        (Share.READS, "week", {"VI.i.every": "7 days"}, True),
        (Share.READS, "month", {"VI.i.every": "7 days"}, False),
        (Share.READS, "week", {"VI.i.every": "7 days", "VI.k.ceiling": "8 days"}, False),
        (Share.READS, "day", {"VI.k.no_hit": "3 minutes"}, False),
        (Share.HITS, "day", {"VI.k.no_hit": "3 minutes"}, True),
        (Share.HITS, "week", {"VI.i.every": "7 days", "VI.k.hits": "8 days"}, False),
    ],
)
def test_a_routine_sends_reads_or_hits_as_often_as_the_policy_says(
    what: Share, every: str, changed: dict[str, str], allowed: bool
) -> None:
    policy = replace(POLICY, values={**POLICY.values, "VI.k.no_hit": "180 days", **changed})
    assert bool(may_send(what, Every(every), policy)) is allowed


def test_a_transfer_is_late_a_day_after_its_period_and_its_receipt_three_days_after_it_was_sent() -> None:
    due = due_at(date(2026, 3, 1))
    assert due == datetime(2026, 3, 2, tzinfo=UTC)
    day, tick = timedelta(days=1), timedelta(seconds=1)
    assert not is_late(due=due, sent=None, received=None, at=due + day)
    assert is_late(due=due, sent=None, received=None, at=due + day + tick)
    assert not is_late(due=due, sent=due, received=None, at=due + 3 * day)
    assert is_late(due=due, sent=due, received=None, at=due + 3 * day + tick)
    assert not is_late(due=due, sent=due, received=due, at=due + 30 * day)
