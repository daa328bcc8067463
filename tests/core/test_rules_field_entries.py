"""Who enters plates in the field, and on what ground (VII.f-g)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.profiles import PROFILES
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.field_entries import (
    LONGEST_IN_FIELD,
    REQUIRED,
    USUAL,
    Ground,
    may_enter_in_field,
    may_stand_in_field,
)

TODAY = date(2026, 6, 1)
POLICY = Policy(number=1, digest="0" * 64, values=PROFILES["new_york"].values_for("Chief"))
MEMBER, STAFF, OUTSIDE = Standing.MEMBER, Standing.STAFF, Standing.OUTSIDE
TRAINED = date(2026, 5, 1)


def _who(standing: Standing, *titles: str, **facts: Any) -> Authority:
    return Authority(standing=standing, active=True, positions=frozenset(titles), **{"trained_on": TRAINED, **facts})


def _clause(decision: Decision) -> str:
    return "" if decision else decision.clause.number  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("who", "clause"),
    [
        (_who(MEMBER, "Patrol Officer"), ""),
        (_who(MEMBER, "Patrol Officer", trained_on=None), "IV.i"),
        (_who(MEMBER, "Clerk"), "IV.b"),
        (_who(STAFF, "Dispatcher", staff_access=True), ""),
        (_who(STAFF, "Dispatcher"), "IV.c"),
        (_who(STAFF, "Dispatcher", staff_access=True, trained_on=None), "IV.i"),
        (_who(STAFF, "Crime Analyst", staff_access=True), "VII.f.2"),
        (_who(OUTSIDE, "Patrol Officer"), "VI.a"),
    ],
)
def test_members_who_use_lprs_and_directing_staff_enter(who: Authority, clause: str) -> None:
    assert _clause(may_enter_in_field(who, POLICY, TODAY)) == clause


@pytest.mark.parametrize(
    ("ground", "director", "stands", "clause"),
    [
        (Ground.AMBER, None, timedelta(days=1), ""),
        (Ground.BOLO, None, LONGEST_IN_FIELD, ""),
        (Ground.BOLO, None, LONGEST_IN_FIELD + timedelta(hours=1), "VII.f"),
        (Ground.DIRECTED, None, timedelta(days=1), "VII.f.2"),
        (Ground.DIRECTED, _who(STAFF, "Dispatcher"), timedelta(days=1), ""),
        (Ground.DIRECTED, _who(MEMBER, "Patrol Officer"), timedelta(days=1), "VII.f.2"),
    ],
)
def test_an_entry_stands_on_its_ground(
    ground: Ground, director: Authority | None, stands: timedelta, clause: str
) -> None:
    assert _clause(may_stand_in_field(ground, director, POLICY, stands=stands)) == clause


def test_every_ground_says_what_is_usual_and_the_alerts_are_required() -> None:
    assert set(USUAL) == set(Ground)
    assert {"amber", "missing_child", "missing_student"} == REQUIRED
    assert all(usual.stands <= LONGEST_IN_FIELD for usual in USUAL.values())
