"""What an MOU or an order lets leave: the whole of each reason why not, one fact turned at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.sharing import (
    MouFacts,
    OrderFacts,
    Share,
    Terms,
    is_ordered,
    may_attest,
    may_be_drafted,
    may_end,
    may_resume,
    may_share,
    may_suspend,
)
from tests.core.test_rules import POLICY

BEGINS, ENDS = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2027, 3, 1, 5, tzinfo=UTC)
WITHIN = datetime(2026, 6, 1, tzinfo=UTC)
MOU = MouFacts(
    title="Reads for stolen cars", shares=frozenset({Share.READS}), purposes=frozenset({"stolen", "wanted"}),
    barred=frozenset({"audit"}), terms=Terms(days=90), begins=BEGINS, ends=ENDS, ours=True, theirs=True,
)  # fmt: skip
ORDER = OrderFacts("search warrant 26-7", frozenset({Share.HITS}), BEGINS, ENDS)


@pytest.mark.parametrize(
    ("changed", "asked", "clause", "said"),
    [
        ({}, {}, None, ""),
        ({"ours": False}, {}, "VI.l", "not attested"),
        ({"theirs": False}, {}, "VI.l", "not attested"),
        ({"suspended": True}, {}, "VI.l", "suspended"),
        ({"ended": True}, {}, "VI.l", "ended"),
        ({}, {"at": BEGINS}, None, ""),
        ({}, {"at": BEGINS - timedelta(microseconds=1)}, "VI.l", "not in force yet"),
        ({}, {"at": ENDS - timedelta(microseconds=1)}, None, ""),
        ({}, {"at": ENDS}, "VI.l", "expired"),
        ({}, {"what": Share.HITS}, "VI.l", "does not share this: hits"),
        ({}, {"purpose": "audit"}, "IV.h", "bars"),
        ({}, {"purpose": "missing"}, "IV.h", "does not share for"),
        ({}, {"purpose": ""}, "IV.h", "does not share for"),
    ],
)
def test_an_mou_shares_what_it_says_while_it_is_in_force(
    changed: dict[str, Any], asked: dict[str, Any], clause: str | None, said: str
) -> None:
    usual: dict[str, Any] = {"what": Share.READS, "purpose": "stolen", "at": WITHIN}
    decision = may_share(replace(MOU, **changed), **(usual | asked))
    if clause is None:
        assert decision
    else:
        assert isinstance(decision, Refused)
        assert decision.clause.number == clause
        assert said in decision.reason


@given(what=st.sampled_from(Share), purpose=st.text(max_size=8), at=st.datetimes(timezones=st.just(UTC)))
def test_without_an_mou_nothing_leaves(what: Share, purpose: str, at: datetime) -> None:
    assert isinstance(may_share(None, what=what, purpose=purpose, at=at), Refused)


@pytest.mark.parametrize(
    ("changed", "what", "at", "allowed"),
    [
        ({}, Share.HITS, WITHIN, True),
        ({}, Share.READS, WITHIN, False),
        ({}, Share.HITS, ENDS, False),
        ({}, Share.HITS, BEGINS - timedelta(seconds=1), False),
        ({"withdrawn": True}, Share.HITS, WITHIN, False),
    ],
)
def test_an_order_obliges_to_what_it_asks(changed: dict[str, Any], what: Share, at: datetime, allowed: bool) -> None:
    assert bool(is_ordered(replace(ORDER, **changed), what=what, at=at)) is allowed


@pytest.mark.parametrize(
    ("changed", "told", "allowed"),
    [
        ({}, {}, True),
        ({"title": " "}, {}, False),
        ({"shares": frozenset()}, {}, False),
        ({"purposes": frozenset()}, {}, False),
        ({"barred": frozenset({"stolen"})}, {}, False),
        ({"terms": Terms()}, {}, False),
        ({"ends": BEGINS}, {}, False),
        ({"ends": BEGINS + timedelta(days=2000)}, {}, False),
        ({}, {"agency": ""}, False),
        ({}, {"document": b"a letter"}, False),
        ({}, {"today": date(2027, 3, 1)}, False),
    ],
)
def test_a_draft_says_all_that_an_mou_says(changed: dict[str, Any], told: dict[str, Any], allowed: bool) -> None:
    usual: dict[str, Any] = {
        "agency": "Mill County", "document": b"%PDF-1.7", "today": date(2026, 2, 1), "ends_on": date(2027, 2, 28),
    }  # fmt: skip
    assert bool(may_be_drafted(replace(MOU, **changed), **(usual | told))) is allowed


@pytest.mark.parametrize(
    ("changed", "ours", "agency", "words", "allowed"),
    [
        ({"ours": False}, True, "mill county sheriff's office", "", True),
        ({"ours": False}, True, "Somebody Else", "", False),
        ({"ours": True}, True, "Mill County Sheriff's Office", "", False),
        ({"theirs": False}, False, "Somebody Else", "Sheriff Mills", True),
        ({"theirs": False}, False, "Mill County Sheriff's Office", " ", False),
        ({"theirs": False, "ended": True}, False, "Mill County Sheriff's Office", "Sheriff Mills", False),
    ],
)
def test_each_agency_attests_once_and_ours_only_to_a_destination(
    changed: dict[str, Any], ours: bool, agency: str, words: str, allowed: bool
) -> None:
    policy = replace(POLICY, values={**POLICY.values, "VI.l.how": "both"})
    decision = may_attest(replace(MOU, **changed), policy, agency=agency, ours=ours, words=words, at=WITHIN)
    assert bool(decision) is allowed


def test_a_sharing_is_stopped_with_a_reason_and_goes_on_once() -> None:
    stopped, over = replace(MOU, suspended=True), replace(MOU, ended=True)
    assert may_suspend(MOU, why="a leak")
    assert may_resume(stopped)
    assert may_end(stopped, why="done")
    for no in (
        may_suspend(MOU, why=" "), may_suspend(stopped, why="x"), may_suspend(over, why="x"), may_resume(MOU),
        may_resume(over), may_end(over, why="x"), may_end(MOU, why=""),
    ):  # fmt: skip
        assert isinstance(no, Refused)


def test_terms_are_strict_unless_said_otherwise_and_refuse_what_they_do_not_know() -> None:
    assert Terms.of({"days": 30}) == Terms(images=False, only_hits=True, misses=False, area="", days=30)
    assert Terms.of(Terms(images=True, area="circle 43.0481,-76.1474 800").kept()).place is not None
    for wrong in ({"faces": True}, {"days": "many"}, {"only_hits": None}):
        with pytest.raises(ValueError, match=r"."):
            Terms.of(wrong)
