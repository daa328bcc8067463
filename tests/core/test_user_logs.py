"""Who forwards and checks a Daily User Log, when it waits too long, and until when it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.log_keeping import Matter
from platekeeper.core.rules.user_logs import (
    LogFacts,
    State,
    may_check,
    may_forward,
    missing,
    user_log_kept_until,
    waits_too_long,
)
from tests.cast import POLICY as VALUES

POLICY = Policy(number=1, digest="0" * 64, values=VALUES)
SINCE = datetime(2026, 3, 3, 17, tzinfo=UTC)
OFFICER = Authority(standing=Standing.MEMBER, active=True, positions=frozenset({"Patrol Officer"}))
SERGEANT = replace(OFFICER, positions=frozenset({"Patrol Sergeant"}))
DONE = LogFacts(State.OPEN, SINCE)
SENT = replace(DONE, state=State.FORWARDED)


def clause_of(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else ""


@pytest.mark.parametrize(
    ("who", "is_own", "log", "remark", "clause"),
    [
        (OFFICER, True, {}, "", ""),
        (replace(OFFICER, active=False), True, {}, "", "IV.h"),
        (OFFICER, False, {}, "gone", "VII.h.2"),
        (SERGEANT, False, {}, "gone", ""),
        (SERGEANT, False, {}, " ", "VII.h.1"),
        (OFFICER, True, {"state": State.SENT_BACK}, "", ""),
        (OFFICER, True, {"state": State.FORWARDED}, "", "VII.h.1"),
        (OFFICER, True, {"state": State.ACCEPTED}, "", "VII.h.1"),
        (OFFICER, True, {"on_tour": True}, "x", "VII.h.1"),
        (OFFICER, True, {"filled": False}, "", ""),  # it may go before it is full
        (OFFICER, True, {"unworked": 2}, "", "VII.h.2"),
        (OFFICER, True, {"unsaid": 1}, "", "VII.h.2"),
        (OFFICER, True, {"unworked": 2}, "dispatch was down", ""),
    ],
)
def test_who_forwards_a_log(who: Authority, is_own: bool, log: dict[str, Any], remark: str, clause: str) -> None:
    assert clause_of(may_forward(who, POLICY, replace(DONE, **log), is_own=is_own, remark=remark)) == clause


@pytest.mark.parametrize(
    ("who", "is_own", "log", "said", "clause"),
    [
        (SERGEANT, False, SENT, "accept", ""),
        (SERGEANT, False, SENT, "the arrest", ""),
        (SERGEANT, False, SENT, " ", "VII.h.2"),
        (SERGEANT, True, SENT, "accept", "VII.h.2"),
        (OFFICER, False, SENT, "accept", "VII.h.2"),
        (SERGEANT, False, DONE, "accept", "VII.h.2"),
        (SERGEANT, False, replace(DONE, state=State.ACCEPTED), "again", "VII.h.2"),
    ],
)
def test_who_checks_a_log(who: Authority, is_own: bool, log: LogFacts, said: str, clause: str) -> None:
    decision = may_check(who, POLICY, log, is_own=is_own, accept=said == "accept", reason=said)
    assert clause_of(decision) == clause


@pytest.mark.parametrize(
    ("log", "hours"),
    [
        (DONE, 24),
        (replace(DONE, state=State.SENT_BACK), 24),
        (replace(DONE, on_tour=True, filled=False), 24),
        (replace(DONE, filled=False), 7 * 24),
        (SENT, 72),
    ],
)
def test_when_a_log_waits_too_long(log: LogFacts, hours: int) -> None:
    assert not waits_too_long(log, at=SINCE + timedelta(hours=hours))
    assert waits_too_long(log, at=SINCE + timedelta(hours=hours, minutes=1))


def test_an_accepted_log_waits_for_nobody() -> None:
    assert not waits_too_long(replace(DONE, state=State.ACCEPTED), at=SINCE + timedelta(days=900))


def test_what_is_missing_is_said() -> None:
    assert missing(DONE) == []
    lacks = missing(replace(DONE, on_tour=True, unworked=1, unsaid=1))
    assert lacks == ["a tour has not ended", "1 hit has no outcome", "nobody said whether the vehicle was secured"]


@pytest.mark.parametrize(
    ("matters", "until"),
    [
        ([], None),
        ([Matter("26-1")], None),
        ([Matter("26-1", date(2026, 5, 1))], date(2026, 5, 1)),
        ([Matter("26-1", date(2026, 5, 1)), Matter("26-2", date(2027, 1, 1))], date(2027, 1, 1)),
        ([Matter("26-1", date(2026, 5, 1)), Matter("26-2")], None),
    ],
)
def test_a_log_is_kept_until_every_arrest_has_its_final_disposition(matters: list[Matter], until: date | None) -> None:
    assert user_log_kept_until(matters).until == until
