"""How often an LPR is to be heard from (V.b, VI.i): the policy's period, its own, and the gaps between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.uploads import (
    FIELD,
    FIXED,
    Standing,
    allowed_silence,
    may_schedule,
    standing_of,
)

POLICY = Policy(number=1, digest="0", values={"V.b.every": "8 hours", "VI.i.every": "1 days"})
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("keys", "own", "hours"),
    [(FIELD, "", 8), (FIXED, "", 24), (FIELD, "2 hours", 2), (FIXED, "2 hours", 2), ((), "", None), ((), "3 hours", 3)],
)
def test_the_shortest_period_counts(keys: tuple[str, ...], own: str, hours: int | None) -> None:
    assert allowed_silence(POLICY, *keys, own=own) == (None if hours is None else hours * HOUR)


@pytest.mark.parametrize(
    ("values", "in_field", "own", "clause"),
    [
        ({}, True, "8 hours", ""),
        ({}, True, "9 hours", "V.b"),
        ({}, True, "", ""),
        ({}, False, "1 days", ""),
        ({}, False, "25 hours", "VI.i"),
        ({}, False, "never", "VI.i"),
        ({"V.b.every": "2 days"}, True, "30 hours", "VI.i"),
        ({"V.b.every": None}, True, "1 hours", "V.b"),  # unfilled: nothing to be shorter than
        ({"VI.i.every": "never"}, False, "5 years", ""),
    ],
)
def test_an_lprs_own_period_is_never_longer(
    values: dict[str, str | None], in_field: bool, own: str, clause: str
) -> None:
    given_values = {key: value for key, value in {**POLICY.values, **values}.items() if value is not None}
    decision = may_schedule(replace(POLICY, values=given_values), in_field=in_field, own=own)
    assert (decision.clause.number if isinstance(decision, Refused) else "") == clause


@pytest.mark.parametrize(
    ("allowed", "in_service", "added", "heard", "standing"),
    [
        (8, True, 100, 8, Standing.KEPT),
        (8, True, 100, 9, Standing.OVERDUE),
        (8, False, 100, 9, Standing.OUT),
        (None, True, 100, 9, Standing.UNSCHEDULED),
        (8, True, 8, None, Standing.AWAITED),
        (8, True, 9, None, Standing.NEVER),
    ],
)
def test_where_an_lpr_stands(
    allowed: int | None, in_service: bool, added: int, heard: int | None, standing: Standing
) -> None:
    found = standing_of(
        None if allowed is None else allowed * HOUR,
        in_service=in_service,
        added_at=NOON - added * HOUR,
        heard_at=None if heard is None else NOON - heard * HOUR,
        at=NOON,
    )
    assert found is standing
