"""A hit is open until its first outcome or its recall, and from when it is opened again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection

from platekeeper.server.hits import changes, lookups
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hits.reading import last_outcomes
from platekeeper.server.procedures import rows_that_leave
from tests.cast import Cast
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def _closed(hit: Hit, kind: HitStep.Kind, *, minutes: int) -> None:
    outcome = "correct" if kind is HitStep.Kind.OUTCOME else ""
    at = NOW + timedelta(minutes=minutes)
    changes.add_step(hit, kind=kind, at=at, by=None, policy=STAMP, outcome=outcome)


def _made(cast: Cast) -> tuple[Hit, Hit, Hit]:
    still, worked, recalled = (make_hit(cast, at=NOW, steps=("image_verified",)) for _ in range(3))
    for minutes in (2, 5):
        _closed(worked, HitStep.Kind.OUTCOME, minutes=minutes)
    _closed(recalled, HitStep.Kind.RECALLED, minutes=3)
    return still, worked, recalled


def test_the_first_outcome_or_the_recall_closes_a_hit(cast: Cast) -> None:
    still, worked, recalled = _made(cast)
    closed = dict(Hit.objects.values_list("pk", "closed_at"))
    assert closed == {still.pk: None, worked.pk: NOW + timedelta(minutes=2), recalled.pk: NOW + timedelta(minutes=3)}
    assert [*lookups.board()] == [*lookups.open_alarms()] == [still]


def test_a_hit_that_is_opened_again_has_no_outcome_until_the_next(cast: Cast) -> None:
    hit = make_hit(cast, at=NOW)
    for minutes, kind in enumerate(("outcome", "reopened", "outcome", "reopened")):
        at, led = NOW + timedelta(minutes=minutes), minutes == 0
        step = HitStep.Kind(kind)
        changes.add_step(
            hit, kind=step, at=at, by=None, policy=STAMP, outcome="correct" * (minutes % 2 == 0), led_on=led
        )
        hit.refresh_from_db()
        assert hit.closed_at == (at if kind == "outcome" else None)
        assert last_outcomes().exists() is (kind == "outcome")
        assert Hit.objects.filter(lookups.led_on()).exists() is led
    led_then = [Hit.objects.filter(lookups.led_on(by=NOW + timedelta(minutes=each))).count() for each in range(4)]
    assert led_then == [1, 0, 0, 0]
    [left] = lookups.told().annotate(ended_as=rows_that_leave._OUTCOME)
    assert (left.ended_as, lookups.facts_of(hit, at=NOW).outcome) == ("", "")


@pytest.mark.parametrize(("name", "number"), [("closed_at", "0004"), ("corrected_at", "0007")])
def test_hits_of_before_are_as_their_steps_say_however_often_that_is_asked(cast: Cast, name: str, number: str) -> None:
    still, worked, _ = _made(cast)
    for hit in (still, worked):
        _closed(hit, HitStep.Kind.READ_CORRECTED, minutes=4)
    said = dict(Hit.objects.values_list("pk", name))
    assert len(set(said.values())) == {"closed_at": 3, "corrected_at": 2}[name]
    Hit.objects.update(**{name: None})
    fill: str = import_module(f"platekeeper.server.hits.migrations.{number}_{name}")._FILL
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(fill)
        assert dict(Hit.objects.values_list("pk", name)) == said
