"""What a question that was written once answers for a period is what it answers when it is written of that period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from platekeeper.server.personnel.models import Person
from platekeeper.server.register.lines import register
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import TIMES, Sought, Times, asked
from platekeeper.server.register.sums import counted, grouped, makers, rows, tally
from tests.cast import Cast
from tests.register.breaches import BREACHES, MORE
from tests.register.judging import NOW, of_day, until

pytestmark = [pytest.mark.django_db, pytest.mark.records]


@pytest.fixture
def wronged(cast: Cast) -> Cast:
    """Let every breach that the tests know happen in the last weeks, half a day apart; a few exclude each other."""
    for number, plant in enumerate([*BREACHES.values(), *(each for _name, _clause, each in MORE)]):
        try:
            with transaction.atomic():
                plant(cast, NOW - timedelta(hours=1 + 12 * number))
        except (IntegrityError, LookupError):
            continue
    return cast


def _periods(chance: Random) -> Iterator[Period]:
    yield until()
    for _ in range(6):
        yield until(NOW - timedelta(hours=chance.uniform(0, 900)), days=chance.choice((1, 7, 30, 365)))
    yield of_day((NOW - timedelta(days=9)).date(), days=7)


def test_a_question_written_once_answers_as_one_written_of_the_period(wronged: Cast) -> None:
    answers: dict[Any, list[str]] = {}
    for period in _periods(Random(11)):
        register(period)
        for key, answer in period.known.items():
            if isinstance(key, tuple):
                write, *arguments = key
                anew: Sought[Any] = write(period, *arguments)
                assert _sorted(answer) == _sorted(anew.read([tuple(row) for row in anew.found])), key
                answers.setdefault(write, []).append(repr(answer))
    assert len(answers) > 60
    said_alike = [write.__qualname__ for write, said in answers.items() if len(set(said)) == 1]
    assert len(said_alike) < len(answers) / 2, said_alike  # the periods do differ in what they hold


def _sorted(answer: Any) -> Any:
    """Return an answer without the order of its rows, which few questions name."""
    return sorted(answer, key=repr) if isinstance(answer, list) else answer


def _people(of: Times) -> Sought[int]:
    return counted(Person.objects.filter(added_at__lte=of.at))


def test_a_question_is_asked_of_a_period_once(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people, period = asked(_people), until()
    with django_assert_num_queries(1):
        once, again = people(period), people(period)
    assert once == again == Person.objects.count()
    assert people(until(NOW - timedelta(days=9_000))) == 0


def _named(of: Times, names: tuple[str, ...]) -> Sought[dict[str, int]]:
    return tally(Person.objects.filter(username__in=names), all=Q(), there=Q(added_at__lte=of.at))


def test_what_else_it_depends_on_is_given_to_it(cast: Cast) -> None:
    named, period = asked(_named), until()
    assert named(period, ("officer",)) == {"all": 1, "there": 1}
    assert named(period, ("officer", "chief")) == {"all": 2, "there": 2}
    assert named(period, ()) == {"all": 0, "there": 0}  # one of none asks nothing of the database
    with pytest.raises(TypeError, match="by position"):
        named(period, names=("officer",))


def test_what_knows_a_period_is_no_question() -> None:
    period = until()

    def knows(_of: Times) -> Sought[int]:
        return counted(Person.objects.filter(added_at__lte=period.at))

    with pytest.raises(TypeError, match="knows more than it is given"):
        asked(knows)


def _days(of: Times) -> Sought[list[tuple[Any, ...]]]:
    earlier, later = of.today - timedelta(days=3), of.first_day + timedelta(days=2)
    return rows(Person.objects.order_by("pk").annotate(earlier=earlier, later=later)[:1], "earlier", "later")


def test_times_of_a_period_may_be_earlier_or_later(cast: Cast) -> None:
    period = of_day(date(2026, 3, 9), days=7)
    assert asked(_days)(period) == [(date(2026, 3, 6), date(2026, 3, 5))]
    assert (TIMES.today - timedelta(days=1)) + timedelta(days=1) == TIMES.today


def _kinds(of: Times) -> Sought[dict[str, Any]]:
    return grouped(Person.objects.filter(added_at__lte=of.at), "kind", all=Q(), named=Q(username="officer"))


def _makers(of: Times) -> Sought[Any]:
    return makers(Person.objects.filter(added_at__lte=of.at), "kind")


def test_forms_of_answers(cast: Cast) -> None:
    period = until()
    kinds = asked(_kinds)(period)
    assert kinds["all"] == asked(_makers)(period)
    assert (kinds["all"].total(), kinds["named"]) == (Person.objects.count(), {"member": 1})
