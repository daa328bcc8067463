"""Requests for searches in the register: what turns IV.e, V.e, VI.h and VI.l red, and what keeps them green."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platekeeper.core.clauses import Clause
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.evidence.search_requests import shared
from tests.cast import Cast
from tests.register.judging import NOW, status, until
from tests.register.making import asked, search_step

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AT = NOW - timedelta(hours=2)
Plant = Callable[[Cast], Any]


def _answered(cast: Cast, *, to: str, directed_by: str = "") -> None:
    request = asked(cast, AT)
    if directed_by:
        search_step(cast, AT, "directed", by=cast.people()[directed_by], on=request)
    search_step(cast, AT, "answered", by=cast.detective, on=request, recipients=[["Otto Outsider", to]])


def _approved(cast: Cast, *, hours: int, answered: bool = False) -> None:
    at = NOW - timedelta(hours=hours)
    request = asked(cast, at, due_at=at + timedelta(hours=4))
    search_step(cast, at, "approved", by=cast.custodian, on=request)
    if answered:
        search_step(cast, NOW, "answered", by=cast.detective, on=request)


@pytest.mark.parametrize(
    ("clause", "plant", "expected"),
    [
        (Clause.IV_e, lambda cast: search_step(cast, AT, "approved", by=cast.custodian), Status.KEPT),
        (Clause.IV_e, lambda cast: search_step(cast, AT, "refused", by=cast.chief), Status.BREACH),
        (
            Clause.IV_e,
            lambda cast: search_step(
                cast, AT, "approved", by=cast.custodian, on=asked(cast, AT, asked_by=cast.custodian)
            ),
            Status.BREACH,
        ),
        (Clause.IV_e, lambda cast: asked(cast, AT, due_at=AT + timedelta(hours=1)), Status.CAUTION),
        (Clause.IV_e, lambda cast: asked(cast, AT, due_at=NOW + timedelta(hours=1)), Status.IDLE),
        (Clause.IV_e, lambda cast: asked(cast, NOW - timedelta(hours=71)), Status.IDLE),
        (Clause.IV_e, lambda cast: asked(cast, NOW - timedelta(hours=73)), Status.CAUTION),
        (Clause.IV_e, lambda cast: _approved(cast, hours=71), Status.KEPT),
        (Clause.IV_e, lambda cast: _approved(cast, hours=73), Status.CAUTION),
        (
            Clause.IV_e,
            lambda cast: _approved(cast, hours=73, answered=True),
            Status.KEPT,
        ),
        (
            Clause.V_e,
            lambda cast: search_step(cast, AT, "approved", by=cast.sergeant, on=asked(cast, AT, mutual_aid=True)),
            Status.KEPT,
        ),
        (Clause.VI_h, lambda cast: search_step(cast, AT, "answered", by=cast.detective), Status.BREACH),
        (Clause.VI_l, lambda cast: _answered(cast, to="", directed_by="chief"), Status.KEPT),
        (Clause.VI_l, lambda cast: _answered(cast, to="", directed_by="sergeant"), Status.BREACH),
        (Clause.VI_l, lambda cast: _answered(cast, to=""), Status.BREACH),
        (Clause.VI_l, lambda cast: _answered(cast, to="Another Agency", directed_by="chief"), Status.BREACH),
    ],
)
def test_what_the_register_says(clause: Clause, plant: Plant, expected: Status, cast: Cast) -> None:
    plant(cast)
    assert status(clause) is expected


def test_more_answers_are_judged_by_as_many_questions(cast: Cast) -> None:
    asked_of_records = []
    for _ in range(2):
        for _more in range(3):
            _answered(cast, to="", directed_by="chief")
        with CaptureQueriesContext(connection) as asking:
            assert shared(until()).status is Status.KEPT
        asked_of_records.append(len(asking))
    assert asked_of_records[0] == asked_of_records[1]
