"""Requests for searches: who asks, decides, directs, runs and answers, and within what; every case of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.search_requests import (
    RUN_WITHIN,
    Asked,
    RequestFacts,
    is_within,
    may_answer,
    may_approve,
    may_ask,
    may_be_asked,
    may_decide,
    may_direct,
    may_refuse,
    may_run_request,
    may_see,
    may_see_queue,
    may_share,
    may_withdraw,
)

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = NOW.date()
MILL = "Mill County Sheriff's Office"
POLICY = Policy(
    number=1, digest="d",
    values={
        "IV.b.access": ["Detective"], "IV.e.custodian": ["Custodian"], "IV.i.refresher": 365, "V.e.director": ["Desk"],
        "VI.b.access": ["Detective"], "VI.e.auditors": ["Auditor"], "VI.l.how": "request", "VI.l.destinations": [MILL],
        "VI.l.director": ["Chief"], "VIII.a.access": ["Detective"],
    },
)  # fmt: skip
ASKED = Asked(
    plate="ABC1234", description="", since=NOW - timedelta(days=2), until=NOW, purpose="stolen", offense="theft",
    case_number="26-1", justification="seen on Canal Street", lprs=frozenset({1, 2}),
)  # fmt: skip
FRESH = RequestFacts(is_own=False)
APPROVED = replace(FRESH, approved_at=NOW - timedelta(hours=1))
OUTSIDE = replace(APPROVED, agency=MILL)


def _who(*positions: str, standing: Standing = Standing.MEMBER, active: bool = True) -> Authority:
    return Authority(
        standing=standing, active=active, positions=frozenset(positions), trained_on=TODAY, inquiries=True
    )  # fmt: skip


def _guest(*shares: str) -> Authority:
    return replace(_who(standing=Standing.OUTSIDE), shares=frozenset(shares))


def _without(*keys: str, **values: Any) -> Policy:
    return replace(POLICY, values={key: value for key, value in POLICY.values.items() if key not in keys} | values)


def _is(decision: Decision, clause: str, says: str) -> None:
    """Hold a decision to a clause and words; without a clause it is allowed."""
    if not clause:
        assert decision
        return
    assert isinstance(decision, Refused)
    assert (decision.clause.number, says in decision.reason) == (clause, True), decision


@pytest.mark.parametrize(
    ("who", "facts", "clause", "says"),
    [
        (_who(), {}, "", ""),
        (_who(standing=Standing.STAFF), {"for_another": True, "agency": MILL}, "", ""),
        (_guest("searches"), {"agency": MILL}, "", ""),
        (_guest("searches"), {"agency": MILL, "mutual_aid": True}, "", ""),
        (
            _guest("searches"),
            {"for_another": True, "agency": MILL},
            "IV.h",
            "own name",
        ),
        (_guest("hits"), {"agency": MILL}, "VI.l", "does not share answers"),
        (_guest(), {"agency": MILL}, "VI.l", "No MOU"),
        (_who(), {"for_another": True, "agency": " "}, "IV.h", "Name the law enforcement agency"),
        (_who(), {"mutual_aid": True}, "V.e", "between agencies"),
        (_who(active=False), {}, "IV.h", "not active"),
    ],
)
def test_who_may_ask(who: Authority, facts: dict[str, Any], clause: str, says: str) -> None:
    asking: dict[str, Any] = {"for_another": False, "agency": "", "mutual_aid": False} | facts
    _is(may_ask(who, POLICY, **asking), clause, says)


@pytest.mark.parametrize(("mutual_aid", "key"), [(False, "IV.e.custodian"), (True, "V.e.director")])
def test_nobody_asks_where_nobody_could_decide(mutual_aid: bool, key: str) -> None:
    decision = may_ask(_who(), _without(key), for_another=True, agency=MILL, mutual_aid=mutual_aid)
    assert isinstance(decision, Refused) and decision.mend == key


@pytest.mark.parametrize(
    ("changed", "clause", "says"),
    [
        ({}, "", ""),
        ({"plate": "", "description": "a red van"}, "", ""),
        ({"plate": ""}, "IV.h", "describe what is sought"),
        ({"purpose": " "}, "VI.f", "purpose"),
        ({"offense": ""}, "VI.f", "offense"),
        ({"case_number": ""}, "VIII.c", "case or call number"),
        ({"justification": "  "}, "VI.f", "why the search"),
        ({"until": ASKED.since}, "IV.h", "ends before it begins"),
        ({"since": NOW, "until": NOW + timedelta(days=1)}, "IV.h", "future"),
    ],
)
def test_what_may_be_asked(changed: dict[str, Any], clause: str, says: str) -> None:
    _is(may_be_asked(replace(ASKED, **changed), at=NOW), clause, says)


@pytest.mark.parametrize(
    ("position", "facts", "clause", "says"),
    [
        ("Custodian", FRESH, "", ""),
        ("Desk", FRESH, "IV.e", "gives this to: Custodian"),
        ("Desk", replace(FRESH, mutual_aid=True), "", ""),
        ("Custodian", replace(FRESH, mutual_aid=True), "V.e", "gives this to: Desk"),
        ("Custodian", replace(FRESH, is_own=True), "IV.e", "somebody else decides"),
        ("Desk", replace(FRESH, is_own=True, mutual_aid=True), "V.e", "somebody else decides"),
        ("Custodian", replace(FRESH, closed=True), "IV.h", "closed"),
        ("Detective", FRESH, "IV.e", "gives this to"),
    ],
)
def test_who_decides(position: str, facts: RequestFacts, clause: str, says: str) -> None:
    _is(may_decide(_who(position), POLICY, facts), clause, says)
    _is(may_approve(_who(position), POLICY, facts, at=NOW), clause, says)
    _is(may_refuse(_who(position), POLICY, facts, why="no case", clause=Clause.VI_f), clause, says)


@pytest.mark.parametrize(
    ("policy", "facts", "clause", "says"),
    [
        (POLICY, APPROVED, "IV.e", "approved already"),
        (POLICY, replace(APPROVED, approved_at=NOW - RUN_WITHIN), "", ""),
        (POLICY, replace(FRESH, agency=MILL.upper()), "", ""),
        (POLICY, replace(FRESH, agency="Elsewhere PD"), "VI.l", "no such destination"),
        (_without("VI.l.how"), replace(FRESH, agency=MILL), "VI.l", "does not say yet"),
        (_without("VI.l.destinations"), replace(FRESH, agency=MILL), "VI.l", "does not say yet"),
        (_without("VI.l.director"), replace(FRESH, agency=MILL), "VI.l", "does not say yet"),
        (_without(**{"VI.l.how": "none"}), replace(FRESH, agency=MILL), "VI.l", "upon request"),
        (_without(**{"VI.l.how": "routine"}), replace(FRESH, agency=MILL), "VI.l", "upon request"),
        (_without("VI.l.how"), FRESH, "", ""),  # of the department's own people VI.l says nothing
    ],
)
def test_what_is_approved(policy: Policy, facts: RequestFacts, clause: str, says: str) -> None:
    _is(may_approve(_who("Custodian"), policy, facts, at=NOW), clause, says)


@pytest.mark.parametrize(
    ("why", "under", "says"), [(" ", Clause.VI_f, "Say why"), ("no", Clause.IX_b, "Name the clause")]
)
def test_a_refusal_has_its_reason_and_its_clause(why: str, under: Clause, says: str) -> None:
    _is(may_refuse(_who("Custodian"), POLICY, FRESH, why=why, clause=under), "IV.e", says)


@pytest.mark.parametrize(
    ("position", "facts", "clause", "says"),
    [
        ("Chief", OUTSIDE, "", ""),
        ("Custodian", OUTSIDE, "VI.l", "gives this to: Chief"),
        ("Chief", replace(OUTSIDE, approved_at=None), "VI.l", "not approved"),
        ("Chief", replace(OUTSIDE, directed=True), "VI.l", "already"),
        ("Chief", replace(OUTSIDE, closed=True), "IV.h", "closed"),
    ],
)
def test_who_directs_that_it_is_shared(position: str, facts: RequestFacts, clause: str, says: str) -> None:
    _is(may_direct(_who(position), POLICY, facts), clause, says)


@pytest.mark.parametrize(
    ("who", "facts", "clause", "says"),
    [
        (_who("Detective"), APPROVED, "", ""),
        (_who("Custodian"), APPROVED, "IV.b", ""),
        (replace(_who("Detective"), inquiries=False), APPROVED, "VIII.b", ""),
        (_who("Detective"), FRESH, "IV.e", "not approved"),
        (_who("Detective"), replace(FRESH, mutual_aid=True), "V.e", "not approved"),
        (_who("Detective"), replace(APPROVED, closed=True), "IV.h", "closed"),
        (_who("Detective"), replace(APPROVED, approved_at=NOW - RUN_WITHIN + timedelta(seconds=1)), "", ""),
        (_who("Detective"), replace(APPROVED, approved_at=NOW - RUN_WITHIN), "IV.e", "72 hours and has lapsed"),
    ],
)
def test_who_runs_it_and_until_when(who: Authority, facts: RequestFacts, clause: str, says: str) -> None:
    _is(may_run_request(who, POLICY, facts, TODAY, at=NOW), clause, says)


@pytest.mark.parametrize(
    ("asked", "terms", "says"),
    [
        (ASKED, {}, ""),
        (ASKED, {"since": NOW - timedelta(hours=1), "lprs": (2,)}, ""),
        (ASKED, {"plate": "ABC123?"}, "ABC1234 was approved"),
        (replace(ASKED, plate="", description="a red van"), {"plate": "V?N*"}, ""),
        (ASKED, {"since": ASKED.since - timedelta(minutes=1)}, "time span"),
        (ASKED, {"until": ASKED.until + timedelta(minutes=1)}, "time span"),
        (ASKED, {"lprs": ()}, "LPRs"),
        (ASKED, {"lprs": (1, 3)}, "LPRs"),
        (replace(ASKED, lprs=frozenset()), {"lprs": (3,)}, ""),
        (ASKED, {"case_number": "26-2"}, "approved for 26-1"),
    ],
)
def test_a_run_stays_within_what_was_approved(asked: Asked, terms: dict[str, Any], says: str) -> None:
    given: dict[str, Any] = {
        "plate": "ABC1234",
        "since": ASKED.since,
        "until": ASKED.until,
        "lprs": (1, 2),
        "case_number": "26-1",
    }
    _is(is_within(asked, **(given | terms)), "IV.h" if says else "", says)


@given(
    begins=st.integers(-100, 100), lasts=st.integers(1, 100), lprs=st.sets(st.integers(1, 4)),
    approved=st.frozensets(st.integers(1, 4)),
)  # fmt: skip
def test_less_is_within_and_more_is_not(begins: int, lasts: int, lprs: set[int], approved: frozenset[int]) -> None:
    asked = replace(ASKED, since=NOW, until=NOW + timedelta(minutes=50), lprs=approved)
    since = NOW + timedelta(minutes=begins)
    until = since + timedelta(minutes=lasts)
    less = begins >= 0 and begins + lasts <= 50 and (not approved or (bool(lprs) and lprs <= approved))
    decision = is_within(asked, plate="ABC1234", since=since, until=until, lprs=lprs, case_number="26-1")
    assert bool(decision) is less


@pytest.mark.parametrize(
    ("facts", "told", "clause", "says"),
    [
        (replace(APPROVED, ran=True), {}, "", ""),
        (APPROVED, {}, "VI.h", "Run it first"),
        (replace(APPROVED, ran=True), {"words": " "}, "VI.h", "in words"),
        (replace(APPROVED, ran=True, closed=True), {}, "IV.h", "closed"),
        (replace(APPROVED, ran=True), {"agencies": {MILL}}, "VI.l", "upon the direction of: Chief"),
        (replace(APPROVED, ran=True, directed=True), {"agencies": {MILL}}, "", ""),
        (replace(APPROVED, ran=True, directed=True), {"agencies": {MILL, "Elsewhere PD"}}, "VI.l", "Elsewhere PD"),
        (replace(OUTSIDE, ran=True), {}, "VI.l", "upon the direction of"),  # whatever the recipients say
        (replace(OUTSIDE, ran=True, directed=True), {}, "", ""),
    ],
)
def test_what_may_be_answered(facts: RequestFacts, told: dict[str, Any], clause: str, says: str) -> None:
    given: dict[str, Any] = {"words": "seen twice", "agencies": set()} | told
    _is(may_answer(_who("Detective"), POLICY, facts, TODAY, **given), clause, says)


def test_an_answer_is_of_who_may_inquire_still() -> None:
    ran = replace(APPROVED, ran=True)
    _is(may_answer(_who(), POLICY, ran, TODAY, words="x", agencies=()), "IV.b", "")
    assert may_share(POLICY, MILL, directed=True)


@pytest.mark.parametrize(
    ("position", "fresh", "approved", "aid", "queue"),
    [
        ("Custodian", True, True, True, True),
        ("Auditor", True, True, True, True),
        ("Chief", True, True, True, True),
        ("Desk", False, False, True, True),
        ("Detective", False, True, False, True),
        ("Officer", False, False, False, False),
    ],
)
def test_who_sees_what(position: str, fresh: bool, approved: bool, aid: bool, queue: bool) -> None:
    who, met = _who(position), (FRESH, APPROVED, replace(FRESH, mutual_aid=True))
    assert [bool(may_see(who, POLICY, facts, TODAY)) for facts in met] == [fresh, approved, aid]
    assert bool(may_see_queue(who, POLICY, TODAY)) is queue
    own = replace(FRESH, is_own=True)
    assert may_see(who, POLICY, own, TODAY) and may_withdraw(who, own)
    assert not may_see(replace(who, active=False), POLICY, own, TODAY)
    _is(may_withdraw(who, FRESH), "IV.h", "Who asked")
    _is(may_withdraw(who, replace(own, closed=True)), "IV.h", "closed")
