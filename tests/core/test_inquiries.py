"""What a query of stored reads must say, what it waits for, and what a reviewer is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.case_numbers import CaseNumbersError, fold, parse
from platekeeper.core.partial import parse_pattern
from platekeeper.core.policy import Policy
from platekeeper.core.rules import inquiries, reasons
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from tests.cast import POLICY as VALUES

POLICY = Policy(number=1, digest="0" * 64, values=VALUES)
NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
WHY = "gray van left the burglary at 12 Canal Street"
ASKED = inquiries.Inquiry(
    plate="ABC1234", purpose="investigation", offense="burglary", case_number="26-101", justification=WHY,
    since=NOON - timedelta(days=1), until=NOON, none_prohibited=True,
)  # fmt: skip
SERGEANT = Authority(
    standing=Standing.MEMBER, active=True, positions=frozenset({"Patrol Sergeant"}), trained_on=date(2026, 1, 1)
)


def _clause(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else ""


@pytest.mark.parametrize(
    ("changed", "clause"),
    [
        ({}, ""),
        ({"purpose": ""}, "VI.f"),
        ({"offense": "  "}, "VI.f"),
        ({"case_number": ""}, "VIII.c"),
        ({"justification": "\t"}, "VI.f"),
        ({"none_prohibited": False}, "VI.f"),
        ({"since": NOON}, "VI.c"),
        ({"requestor": "Lt. Moss"}, "VI.g"),
        ({"requestor_agency": "Mill County"}, "VI.g"),
        ({"requestor": "Lt. Moss", "requestor_agency": "Mill County"}, ""),
        ({"is_exigent": True}, "VI.f"),
        ({"is_exigent": True, "exigent": "urgent"}, "VI.f"),
        ({"is_exigent": True, "exigent": "child taken from the school yard at noon"}, ""),
    ],
)
def test_an_inquiry_says_why(changed: dict[str, Any], clause: str) -> None:
    assert _clause(inquiries.may_run(replace(ASKED, **changed), POLICY)) == clause


@pytest.mark.parametrize("key", [inquiries.AGE, inquiries.APPROVERS])
def test_an_unfilled_blank_of_approvals_refuses_and_names_its_page(key: str) -> None:
    policy = replace(POLICY, values={name: value for name, value in VALUES.items() if name != key})
    refused = inquiries.may_run(ASKED, policy)
    assert isinstance(refused, Refused)
    assert (refused.clause.number, refused.mend) == ("VIII.b", key)


@pytest.mark.parametrize(
    "said",
    [
        "", "   ", "x", "investigation", "official business", "per sergeant", "test", "TEST TEST TEST", "test test2 test3",
        "aaaa bbbb cccc", "123 456 789", "... --- ...", "ongoing criminal investigation", "law enforcement purposes only",
        "per sgt request, see case", "asdf asdf qwerty", "suspicious vehicle check", "follow-up on open case",
        "burglary 26-101 ABC1234", "investigation of the burglary", "stolen", "see report 26-101 for info",
    ],
)  # fmt: skip
def test_a_reason_that_could_stand_before_any_search_is_refused_and_says_what_to_write(said: str) -> None:
    refused = reasons.may_justify(said, restated=("ABC1234", "burglary", "26-101"))
    assert isinstance(refused, Refused)
    assert (refused.clause.number, reasons.EXAMPLE in refused.reason) == ("VI.f", True)
    assert len(refused.reason) <= 240


@pytest.mark.parametrize(
    "said",
    [
        WHY, reasons.EXAMPLE, "seen on Canal Street", "victim followed home from work", "blue Honda hit cyclist on Main",
        "seen leaving the scene", "Suspect's truck per witness at Dollar General", "vehículo visto en la calle Séneca",
        "homicide suspect fled toward Utica",
    ],
)  # fmt: skip
def test_an_honest_reason_is_enough(said: str) -> None:
    assert isinstance(reasons.may_justify(said, restated=("ABC1234", "burglary", "26-101")), Allowed)


@given(st.text(max_size=400))
def test_whatever_is_written_is_judged(said: str) -> None:
    assert isinstance(reasons.may_justify(said), Allowed | Refused)
    assert reasons.suggestions(said) == reasons.suggestions(said)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        (WHY, []),
        ("parked at the protest on Main", ["expression"]),
        ("ICE asks, immigration hold", ["immigration"]),
        ("left the abortion clinic on Monday", ["health"]),
        ("my ex-wife drives past", ["personal"]),
        ("Friday overtime, quota is short", ["quota"]),
        ("police officer ran the race track burglary", ["trait"]),
        ("nice office with practice and notices", []),
    ],
)
def test_words_that_suggest_a_prohibited_purpose_flag_it(said: str, keys: list[str]) -> None:
    assert reasons.suggestions(said) == [f"suggests:{key}" for key in keys]


def test_every_flag_has_its_words() -> None:
    flags = [flag.value for flag in reasons.Flag] + [f"suggests:{each.key}" for each in reasons.PROHIBITED]
    assert all(reasons.flag_title(flag) != flag for flag in flags)
    assert reasons.flag_title("from a later version") == "from a later version"


def test_the_same_words_again_are_known_whatever_their_dress() -> None:
    assert reasons.is_repeated("  Gray van LEFT the burglary at 12 Canal Street! ", [WHY])
    assert not reasons.is_repeated("gray van left the robbery", [WHY])
    assert not reasons.is_repeated(WHY, [])


@pytest.mark.parametrize(
    ("age", "days", "needs"),
    [
        ("30 days", 30, False),
        ("30 days", 31, True),
        ("30 days", 400, True),
        ("never", 4000, False),
        ("1 days", 2, True),
    ],
)
def test_older_reads_need_a_second_person(age: str, days: int, needs: bool) -> None:
    policy = replace(POLICY, values={**VALUES, inquiries.AGE: age})
    assert inquiries.needs_approval(NOON - timedelta(days=days), policy, at=NOON) is needs


@pytest.mark.parametrize(
    ("who", "is_own", "grants", "remark", "clause"),
    [
        (SERGEANT, False, True, "", ""),
        (SERGEANT, False, False, "ask the detective bureau", ""),
        (SERGEANT, False, False, " ", "VIII.b"),
        (SERGEANT, True, True, "", "VIII.b"),
        (replace(SERGEANT, positions=frozenset({"Detective"})), False, True, "", "VIII.b"),
        (replace(SERGEANT, active=False), False, True, "", "IV.h"),
    ],
)
def test_who_gives_a_second_word(who: Authority, is_own: bool, grants: bool, remark: str, clause: str) -> None:
    assert _clause(inquiries.may_decide(who, POLICY, is_own=is_own, grants=grants, remark=remark)) == clause


def test_an_approval_holds_for_a_day() -> None:
    approved = NOON - timedelta(hours=24)
    assert inquiries.may_run_approved(approved, corrected_at=None, at=NOON)
    assert inquiries.may_run_approved(approved, corrected_at=approved, at=NOON)
    assert not inquiries.may_run_approved(approved, corrected_at=approved + timedelta(seconds=1), at=NOON)
    assert not inquiries.may_run_approved(approved - timedelta(seconds=1), corrected_at=None, at=NOON)


@pytest.mark.parametrize(
    ("plates", "bulk"),
    [
        ((), True), (("ABC1234",), False), (("AB?1*",), False), (("*7Q*",), True), (("?A?*",), True), (("*234*",), False),
        (("ABC1234",) * 10, False), (("ABC1234",) * 11, True), (("ABC1234", "A*"), True),
    ],
)  # fmt: skip
def test_what_is_bulk(plates: tuple[str, ...], bulk: bool) -> None:
    assert inquiries.is_bulk(tuple(parse_pattern(each) for each in plates)) is bulk


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (b"26-1\n26-2\n26-1\n", ["26-1", "26-2"]),
        (b"\xef\xbb\xbfopened;Case Number\r\n2026-01-01;26-1\r\n\r\n2026-01-02;26 2\r\n", ["26-1", "26 2"]),
        (b'number,what\n"26/0001","theft, of a van"\n', ["26/0001"]),
    ],
)
def test_a_file_of_numbers(content: bytes, numbers: list[str]) -> None:
    found = parse(content)
    assert list(found.values()) == numbers
    assert list(found) == [fold(number) for number in numbers]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no number"),
        (b"number\n", "no number"),
        (b"26-1\n\xff\xfe\n", "Line 2 is not UTF-8"),
        (b"what,number\ntheft\n", "Line 2 has no case or call number"),
        (b"26-1\n" + b"9" * 41, "Line 2 has no case or call number"),
        (b"x" * 20_000_001, "larger than"),
        (b'"' + b"x" * 200_000, "Line 1"),
    ],
)
def test_a_file_that_is_no_list_says_where(content: bytes, words: str) -> None:
    with pytest.raises(CaseNumbersError, match=words):
        parse(content)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    try:
        found = parse(content)
    except CaseNumbersError:
        return
    assert found and all(fold(number) == folded and len(number) <= 40 for folded, number in found.items())
