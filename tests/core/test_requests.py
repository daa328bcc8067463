"""Requests for records: by when, extended how, answered with what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from platekeeper.core.rules.requests import (
    RequestFacts,
    may_answer,
    may_correct_day,
    may_extend,
    may_reopen,
    may_step,
    usual_answer,
)

CAME, DUE = date(2026, 3, 3), date(2026, 3, 10)
OPEN, ANSWERED = RequestFacts(CAME, DUE), RequestFacts(CAME, DUE, answered=True)


@pytest.mark.parametrize(
    ("received", "usual"),
    [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-06", "2026-03-13"),
        ("2026-03-07", "2026-03-13"),
        ("2026-03-08", "2026-03-13"),
    ],
)
def test_five_business_days_are_usual(received: str, usual: str) -> None:
    assert usual_answer(date.fromisoformat(received)) == date.fromisoformat(usual)


@pytest.mark.parametrize(
    ("request_", "until", "why", "allowed"),
    [
        (OPEN, date(2026, 3, 11), "the video is long", True),
        (OPEN, date(2026, 3, 11), " ", False),
        (OPEN, DUE, "the video is long", False),
        (ANSWERED, date(2026, 3, 11), "the video is long", False),
    ],
)
def test_more_time_has_a_later_day_and_a_reason(request_: RequestFacts, until: date, why: str, allowed: bool) -> None:
    assert bool(may_extend(request_, until=until, why=why)) is allowed


@pytest.mark.parametrize(
    ("request_", "until", "why", "allowed"),
    [
        (OPEN, date(2026, 3, 5), "a slip of the pen", True),
        (OPEN, date(2026, 4, 5), "a slip of the pen", True),
        (OPEN, CAME, "a slip of the pen", True),
        (OPEN, date(2026, 3, 2), "a slip of the pen", False),
        (OPEN, date(2026, 3, 5), " ", False),
        (ANSWERED, date(2026, 3, 5), "a slip of the pen", False),
    ],
)
def test_a_wrong_day_is_put_right_forward_or_back(request_: RequestFacts, until: date, why: str, allowed: bool) -> None:
    assert bool(may_correct_day(request_, until=until, why=why)) is allowed


@pytest.mark.parametrize(
    ("request_", "why", "allowed"), [(ANSWERED, "of another", True), (ANSWERED, " ", False), (OPEN, "x", False)]
)
def test_what_was_answered_by_mistake_is_taken_up_again(request_: RequestFacts, why: str, allowed: bool) -> None:
    assert bool(may_reopen(request_, why=why)) is allowed


@pytest.mark.parametrize(
    ("facts", "answer", "allowed"),
    [
        ({}, {"grants": True, "whole": True, "words": ""}, True),
        ({"of_a_case": True}, {"grants": True, "whole": True, "words": "all"}, False),
        ({"of_a_case": True, "handed_over": True}, {"grants": True, "whole": True, "words": ""}, True),
        ({"of_a_case": True, "handed_over": True}, {"grants": True, "whole": False, "words": ""}, False),
        ({"of_a_case": True}, {"grants": False, "whole": False, "words": "sealed by order"}, True),
        ({}, {"grants": False, "whole": False, "words": " "}, False),
        ({}, {"grants": False, "whole": True, "words": ""}, True),
        ({"answered": True}, {"grants": False, "whole": True, "words": ""}, False),
    ],
)
def test_an_answer_has_its_packet_or_its_ground(facts: dict[str, Any], answer: dict[str, Any], allowed: bool) -> None:
    assert bool(may_answer(RequestFacts(CAME, DUE, **facts), **answer)) is allowed


def test_what_is_answered_is_over() -> None:
    assert may_step(OPEN)
    assert not may_step(ANSWERED)
