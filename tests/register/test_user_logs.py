"""Daily User Logs in the register (VII.h.3-4): found out of many hits at once, and missed log by log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.clauses import Clause
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.evidence.user_logs import retained, with_the_case
from tests.cast import Cast
from tests.register.judging import NOW, status, until
from tests.register.making import POLICY, STAMP, ended, forwarded, hit, leaf, step

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AT = NOW - timedelta(days=8)


def _arrest(cast: Cast, number: int, *hits: Hit) -> CaseFile:
    case = CaseFile.objects.create(
        number=f"26-{number}",
        title="x",
        opened_on=AT.date(),
        opened_by=cast.officer,
        opened_at=AT,
        arrested_on=AT.date(),
    )
    for each in hits:
        changes.preserve(
            case, kind=Preserved.Kind.HIT, key=f"hit:{each.pk}", title="x", content=b"{}", image=None, at=AT,
            by=cast.officer, policy=POLICY,
        )  # fmt: skip
    return case


def test_whatever_many_hits_are_in_cases_their_tours_are_asked_for_at_once(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(cast, AT, hours=2)
    seen, worked, neither = (hit(cast, AT - timedelta(hours=hours)) for hours in (1, 3, 4))
    step(cast, AT, "image_verified", on=worked)
    _arrest(cast, 1, seen, worked), _arrest(cast, 2, seen), _arrest(cast, 3, neither)
    period = until()
    with django_assert_num_queries(4):
        found = with_the_case(period)
    assert found.status is Status.BREACH
    assert "2 logs of tours with an arrest" in found.words and "2 not in the case folder" in found.words


def test_a_log_that_is_there_twice_stands_for_no_other(cast: Cast) -> None:
    kept = forwarded(cast, AT)
    assert status(Clause.VII_h_4) is Status.KEPT
    lost = {"revision": 1, "sha256": "0" * 64}
    leaf(AT, Action.USER_LOG_FORWARDED, by=cast.officer, subject=f"log:{kept.log_id + 1}", details=lost)
    kept.log.revisions.create(
        number=2, content=kept.content, sha256=kept.sha256, forwarded_at=AT - timedelta(days=40), forwarded_by=cast.officer,
        accepted=False, decided_at=AT, decided_by=cast.sergeant, **STAMP,
    )  # fmt: skip
    assert "1 no longer there" in retained(until()).words
