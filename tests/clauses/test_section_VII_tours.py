"""Sections V.a and VII.a-b, before a tour of duty: today's hot list, a purpose, training, and every blank filled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.blanks import BLANKS
from platekeeper.core.rules.tours import NEEDED
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.userlog.models import Tour
from tests.cast import Cast
from tests.touring import begin, hot_list_on_hand, patrol_car

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOON = datetime.now(UTC).replace(hour=17, minute=0)  # about noon in Harbor Falls


def _clause(by: Footing, *, purpose: str = "patrol") -> str:
    try:
        begin(by, patrol_car(), purpose)
    except RefusedAction as refused:
        clause = refused.refusal.clause.number
        assert LedgerEntry.objects.filter(outcome="refused", clause=clause).exists()
        assert not Tour.objects.exists()
        return clause
    return ""


def test_v_a_no_tour_begins_without_a_hot_list(cast: Cast) -> None:
    assert _clause(footing(cast.officer, at=NOON)) == "V.a"


@pytest.mark.parametrize(
    ("later", "clause"),
    [
        (timedelta(minutes=1), ""),
        (timedelta(hours=10), ""),
        (timedelta(hours=14), "V.a"),  # past midnight in the department's zone
    ],
)
def test_v_a_no_tour_begins_on_yesterdays_hot_list(later: timedelta, clause: str, cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    assert _clause(footing(cast.officer, at=NOON + later)) == clause


def test_vii_a_no_tour_begins_without_a_legitimate_purpose(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by = footing(cast.officer, at=NOON)
    assert _clause(by, purpose="") == "VII.a"


def test_vii_b_nobody_untrained_takes_a_mobile_lpr(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    assert _clause(footing(cast.rookie, at=NOON)) == "VII.b"


@pytest.mark.parametrize("key", NEEDED)
def test_an_unfilled_blank_lets_no_tour_begin(key: str, cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by = footing(cast.officer, at=NOON)
    values = {name: value for name, value in by.policy.values.items() if name != key}
    by = replace(by, policy=replace(by.policy, values=values))
    assert _clause(by) == BLANKS[key].clause.number
