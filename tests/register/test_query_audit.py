"""VI.e judges the review of the Query Log: gray without queries, red once it is overdue, or made by the wrong person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from platekeeper.core.rules.audits import Step
from platekeeper.server.oversight import changes
from platekeeper.server.oversight.models import AuditItem
from platekeeper.server.procedures.audit_queries import draw_when_due
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.evidence.audits import log_kept_and_audited, reviewed
from tests.cast import Cast
from tests.register.judging import NOW, until
from tests.register.making import query
from tests.web.access.query_log import under_review

pytestmark = [pytest.mark.django_db, pytest.mark.records]
Plant = Callable[[Cast, datetime], object]


def _undrawn(cast: Cast, at: datetime) -> None:
    query(cast.detective, at - timedelta(days=14))


def _unseen(cast: Cast, at: datetime) -> None:
    under_review(cast, entry=query(cast.detective, at - timedelta(days=15)), at=at - timedelta(days=14))


def _by_the_wrong_person(cast: Cast, at: datetime) -> None:
    item = under_review(cast, entry=query(cast.detective, at))
    changes.take_audit_step(item, kind=Step.FINE, words="", at=at, by=cast.custodian, policy=(1, "0" * 64))


def _own(cast: Cast, at: datetime) -> None:
    item = under_review(cast, entry=query(cast.auditor, at))
    changes.take_audit_step(item, kind=Step.FINE, words="", at=at, by=cast.auditor, policy=(1, "0" * 64))


@pytest.mark.parametrize("plant", [_undrawn, _unseen, _by_the_wrong_person, _own])
def test_a_planted_breach_is_red_from_its_moment_on(plant: Plant, cast: Cast) -> None:
    at = NOW - timedelta(days=2)
    plant(cast, at)
    assert reviewed(until(at + timedelta(hours=1))).status is Status.BREACH
    assert reviewed(until(at - timedelta(hours=1))).status is not Status.BREACH
    assert log_kept_and_audited(until(at + timedelta(hours=1))).status is Status.BREACH


@pytest.mark.parametrize("state", QueryLogEntry.NEVER_RAN)
def test_what_never_ran_is_not_drawn_from(state: str, cast: Cast) -> None:
    query(cast.detective, NOW - timedelta(days=20), leafless=True, state=state)
    assert not draw_when_due(at=NOW)
    assert reviewed(until()).status is Status.IDLE


def test_without_queries_it_is_gray_and_once_reviewed_green(cast: Cast) -> None:
    assert reviewed(until()).status is Status.IDLE
    query(cast.detective, NOW - timedelta(days=15))
    assert draw_when_due(at=NOW - timedelta(days=7, hours=1))
    assert "waiting for a review" in reviewed(until()).words
    assert reviewed(until()).status is Status.CAUTION
    item = AuditItem.objects.get()
    changes.take_audit_step(item, kind=Step.FINE, words="", at=NOW, by=cast.auditor, policy=(1, "0" * 64))
    found = log_kept_and_audited(until())
    assert found.status is Status.KEPT and "1 query reviewed" in found.words


def test_misuse_without_an_end_is_something_to_see_to(cast: Cast) -> None:
    under_review(cast, Step.MISUSE, entry=query(cast.detective, NOW - timedelta(days=32)), at=NOW - timedelta(days=31))
    assert "without an end" in reviewed(until()).words
    assert reviewed(until()).status is Status.CAUTION
    item = AuditItem.objects.get()
    changes.take_audit_step(item, kind=Step.UNFOUNDED, words="no", at=NOW, by=cast.chief, policy=(1, "0" * 64))
    assert "without an end" not in reviewed(until()).words
