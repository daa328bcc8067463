"""Day by day: what is counted on which day, and what is not counted at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.matching import HowMatched
from platekeeper.server.equipment.models import DayCount
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.procedures.figures import figures_of
from platekeeper.server.register.days import Day, days_of
from platekeeper.server.register.period import period_of
from tests.cast import assemble
from tests.days import today
from tests.web.access.query_log import searched
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]


def test_each_day_has_what_happened_on_it() -> None:
    cast, now = assemble(), datetime.now(UTC)
    hit = make_hit(cast, steps=("shown",))
    for outcome in (HitStep.Outcome.MISREAD, HitStep.Outcome.WRONG_STATE):  # corrected later: one alarm still
        add_step(hit, kind=HitStep.Kind.OUTCOME, outcome=outcome, at=now, by=cast.officer, policy=STAMP)
    Hit.objects.filter(pk=hit.pk).update(raised_at=now - timedelta(days=2))
    mended = make_hit(cast, plate="XYZ9876")
    for outcome in (HitStep.Outcome.MISREAD, HitStep.Outcome.CORRECT):  # the last one counts
        add_step(mended, kind=HitStep.Kind.OUTCOME, outcome=outcome, at=now, by=cast.officer, policy=STAMP)
    searched(cast, purpose="stolen", at=now)
    yesterday = today() - timedelta(days=1)
    DayCount.objects.create(lpr=cast.lpr, day=yesterday, watched=True, reads=70_000, readable=60_000)
    shown = days_of(period_of(now=datetime.now(UTC), days=7))
    assert [day.day for day in shown] == [today() - timedelta(days=back) for back in range(6, -1, -1)]
    assert shown[-1] == Day(today(), None, 1, 0, 1)
    assert shown[-2] == Day(yesterday, 70_000, 0, 0, 0)
    assert shown[-3] == Day(today() - timedelta(days=2), None, 1, 1, 0)
    assert {(each.reads, each.alarms, each.misreads, each.queries) for each in shown[:4]} == {(None, 0, 0, 0)}


def test_neither_a_repeat_nor_what_raised_no_alarm_is_one() -> None:
    cast = assemble()
    first = make_hit(cast)
    Hit.objects.filter(pk=make_hit(cast, plate="XYZ9876").pk).update(repeat_of=first)
    silent, outcome = make_hit(cast, how=HowMatched.LOOK_ALIKE), HitStep.Outcome.MISREAD
    add_step(silent, kind=HitStep.Kind.OUTCOME, outcome=outcome, at=datetime.now(UTC), by=cast.custodian, policy=STAMP)
    assert days_of(period_of(now=datetime.now(UTC), days=1))[-1] == Day(today(), None, 1, 0, 0)
    numbers = figures_of(period_of(now=datetime.now(UTC), days=1)).numbers()
    assert (numbers["hits"], numbers["outcomes"], numbers["misreads"]) == (1, 1, 0)
