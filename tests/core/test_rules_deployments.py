"""Rules of special details: what may be asked, who decides, and when an LPR may be used on one (V.d)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.rules import deployments as rules
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.deployments import Asked, DeploymentFacts, Kind, LPRFacts

AT = datetime(2026, 3, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(
    1, "0" * 64, {"V.d.authorizer": ["Chief"], "V.e.director": ["Sergeant"], "IV.a.users": ["Officer"],
                  "IV.i.refresher": 365},
)  # fmt: skip
ASKED = Asked(
    kind=Kind.DWI, purpose="STOP DWI weekend", place="Route 11", since=AT, until=AT + 4 * HOUR, lprs=1, people=2
)
FACTS = DeploymentFacts(kind=Kind.DWI, since=AT, until=AT + 4 * HOUR, takes_part=True, authorized=True)
FREE = LPRFacts(assigned=True, in_service=True)


def _who(*positions: str, **changed: Any) -> Authority:
    given: dict[str, Any] = {"standing": Standing.MEMBER, "active": True, "trained_on": date(2026, 1, 1)} | changed
    return Authority(positions=frozenset(positions), **given)


def _said(decision: Decision) -> str:
    return f"{decision.clause.number} {decision.reason}" if isinstance(decision, Refused) else "allowed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "allowed"),
        ({"purpose": " "}, "V.d Say what it is for."),
        ({"place": ""}, "V.d Say where."),
        ({"lprs": 0}, "V.d Choose the LPRs."),
        ({"people": 0}, "V.d Choose the members who take part."),
        ({"until": AT}, "V.d It ends before it begins."),
        ({"since": AT - 5 * HOUR, "until": AT - HOUR}, "V.d It is over already: have it authorized before it begins."),
        ({"until": AT + timedelta(days=32)}, "V.d 31 days at most; ask anew for what comes after."),
        ({"kind": Kind.INVESTIGATION}, "V.d Name the crime."),
        ({"kind": Kind.INVESTIGATION, "offense": "burglary"}, "V.d Give the case or call number."),
        ({"kind": Kind.AID_GIVEN}, "V.e Name the other agency."),
        ({"kind": Kind.AID_SOUGHT, "agency": "Mill County", "offense": "robbery", "case_number": "26-1"},
         "V.e Describe the vehicle sought, or say what data the area is to give."),
        ({"kind": Kind.AID_SOUGHT, "agency": "M", "offense": "r", "case_number": "1", "sought": "a van", "lprs": 0},
         "allowed"),
    ],
)  # fmt: skip
def test_what_may_be_asked(changed: dict[str, Any], said: str) -> None:
    assert _said(rules.may_be_asked(replace(ASKED, **changed), at=AT)) == said


@pytest.mark.parametrize(
    ("who", "changed", "said"),
    [
        (_who("Chief"), {}, "allowed"),
        (_who("Sergeant"), {}, "V.d The policy gives this to: Chief."),
        (_who("Chief", active=False), {}, "IV.h This account is not active."),
        (_who("Chief"), {"is_own": True}, "V.d You asked for it: somebody else decides."),
        (_who("Chief"), {"closed": True}, "V.d It is closed."),
        (_who("Chief"), {"authorized": True}, "V.d It is authorized already."),
        (_who("Chief"), {"until": AT}, "V.d Its time is over. Have it asked for anew."),
        (_who("Chief"), {"kind": Kind.AID_GIVEN}, "V.e The policy gives this to: Sergeant."),
        (_who("Sergeant"), {"kind": Kind.AID_GIVEN}, "allowed"),
    ],
)
def test_who_authorizes(who: Authority, changed: dict[str, Any], said: str) -> None:
    facts = replace(FACTS, **({"authorized": False} | changed))
    assert _said(rules.may_authorize(who, POLICY, facts, at=AT)) == said


@pytest.mark.parametrize(
    ("changed", "lpr", "at", "said"),
    [
        ({}, FREE, AT, "allowed"),
        ({}, FREE, AT + 4 * HOUR - timedelta(seconds=1), "allowed"),
        ({}, FREE, AT - timedelta(seconds=1), "V.d It begins at 2026-03-03 20:00 UTC."),
        ({}, FREE, AT + 4 * HOUR, "V.d It was over at 2026-03-04 00:00 UTC."),
        ({"authorized": False}, FREE, AT, "V.d It is not authorized yet."),
        ({"closed": True}, FREE, AT, "V.d It is closed."),
        ({"takes_part": False}, FREE, AT, "V.d You are not among its people."),
        ({}, LPRFacts(assigned=False, in_service=True), AT, "V.d This LPR is none of the deployment's."),
        ({}, LPRFacts(assigned=True, in_service=False), AT, "IV.f This LPR is out of service."),
        ({}, replace(FREE, busy="lent to Mill County"), AT, "V.d This LPR is lent to Mill County."),
        ({}, replace(FREE, tour_first=True), AT, "VII.h Begin a tour with this LPR first."),
    ],
)
def test_when_an_lpr_may_be_used(changed: dict[str, Any], lpr: LPRFacts, at: datetime, said: str) -> None:
    today, facts = date(2026, 3, 3), replace(FACTS, **changed)
    assert _said(rules.may_use_on(_who("Officer"), POLICY, today, facts, lpr, at=at)) == said


def test_only_trained_members_use_one() -> None:
    who = _who("Officer", trained_on=None)
    assert _said(rules.may_use_on(who, POLICY, date(2026, 3, 3), FACTS, FREE, at=AT)).startswith("IV.a ")


@pytest.mark.parametrize(
    ("changed", "numbers", "words", "said"),
    [
        ({}, {"reads": 7}, "One arrest.", "allowed"),
        ({"ended": True, "until": AT + HOUR}, {}, "Quiet.", "allowed"),
        ({"until": AT + HOUR}, {}, "Quiet.", "V.d It is not over: end it, and bring the LPRs back."),
        ({"out": 1}, {}, "Quiet.", "V.d It is not over: end it, and bring the LPRs back."),
        ({"in_charge": False}, {}, "Quiet.", "V.d Who is in charge reports."),
        ({"authorized": False}, {}, "Quiet.", "V.d It was never authorized: there is nothing to report."),
        ({"reported": True}, {}, "Quiet.", "V.d It is reported already."),
        ({}, {"reads": -1}, "Quiet.", "V.d Numbers begin at 0."),
        ({}, {}, " ", "V.d Say in a few words what came of it."),
    ],
)
def test_who_reports(changed: dict[str, Any], numbers: dict[str, int], words: str, said: str) -> None:
    given: dict[str, Any] = {"until": AT, "since": AT - HOUR, "in_charge": True} | changed
    facts = replace(FACTS, **given)
    assert _said(rules.may_report(_who("Officer"), facts, at=AT, numbers=numbers, words=words)) == said
