"""History says of every moment what the lookups say of it, out of a bounded number of queries."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.rules.access import is_trained, may_inquire
from platekeeper.core.rules.decision import Refused
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.changes import training
from platekeeper.server.personnel.lookups import authorities_of
from platekeeper.server.personnel.models import Course, Grant, Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.history import History, not_allowed
from platekeeper.server.register.lines import register
from tests.cast import FOUNDED, Cast, assemble
from tests.register.judging import NOW, until
from tests.register.making import query

pytestmark = [pytest.mark.django_db, pytest.mark.records]
STAMP = (1, "0" * 64)


@pytest.fixture
def eventful() -> Cast:
    """Assemble the cast and let much happen to it."""
    cast, at = assemble(today=FOUNDED.date()), FOUNDED + timedelta(days=20)
    title = personnel.ensure_position("Detective")
    personnel.give_position(cast.rookie, title, since=at.date(), until=at.date() + timedelta(days=9), at=at)
    personnel.end_position(cast.sergeant, personnel.ensure_position("Patrol Sergeant"), at=at, today=at.date())
    personnel.set_active(cast.officer, active=False, at=at)
    personnel.set_active(cast.officer, active=True, at=at + timedelta(days=3))
    Person.objects.filter(pk=cast.clerk.pk).update(ends_at=at + timedelta(days=5))
    personnel.end_grant(cast.detective, kind=Grant.Kind.INQUIRIES, at=at + timedelta(days=7))
    course = training.add_course(title="Refresher", kind=Course.Kind.REFRESHER, at=at)
    for person, on in ((cast.rookie, 1), (cast.detective, 4)):
        taken = training.record_training(
            person, course=course, on=at.date() + timedelta(days=on), given_by="T", at=at + timedelta(days=on),
            by=cast.trainer, policy=STAMP,
        )  # fmt: skip
    training.withdraw_training(taken, at=at + timedelta(days=6), why="wrong person")
    for course_asked, positions in ((None, ["Detective"]), (course, [])):
        bulletin = training.issue_bulletin(
            title="B", text="b", cause="law", course=course_asked, positions=positions, must=True, at=at,
            due_on=at.date() + timedelta(days=2), by=cast.trainer, policy=STAMP,
        )  # fmt: skip
        training.receive(bulletin, cast.detective, at=at + timedelta(days=4))
    draft = policy.open_draft(at=at)
    policy.fill(draft, key="IV.i.refresher", value=10)
    policy.fill(draft, key="III.zone", value="America/Los_Angeles")
    policy.adopt(draft, at=at, by=cast.chief.pk, by_name="C", effective_at=at + timedelta(days=8))
    return cast


def test_it_says_what_the_lookups_say(eventful: Cast) -> None:
    chance, history = Random(5), History(at=NOW)
    people = list(Person.objects.all())
    turns = sorted({turn for person in people for turn in history._turns(person.pk)})
    scattered = [FOUNDED + timedelta(hours=chance.uniform(-50, 1500)) for _ in range(60)]
    for moment in [*turns, *scattered]:
        if moment > NOW:
            continue
        today = moment.astimezone(in_force(at=moment).zone).date()
        said = {person.pk: history.authority(person.pk, moment) for person in people}
        assert said == authorities_of(people, at=moment, today=today), moment
        assert history.policy(moment) == in_force(at=moment)


def test_nothing_changes_between_two_turns(eventful: Cast) -> None:
    history, begins, ends = History(at=NOW), FOUNDED - timedelta(days=2), FOUNDED + timedelta(days=60)
    people = [person.pk for person in Person.objects.all()]
    for rule in (may_inquire, is_trained):
        spans = history.refused(rule, people, since=begins, at=ends)
        for step in range(1, 290):
            moment = begins + step * timedelta(hours=5, minutes=7)
            for person in people:
                said = isinstance(history.decide(rule, person, moment), Refused)
                assert said == any(s.person == person and s.begins <= moment < s.ends for s in spans)


def test_records_are_counted_by_whoever_was_refused_then(eventful: Cast) -> None:
    for days in range(1, 40):
        query(eventful.detective, FOUNDED + timedelta(days=days), leafless=True)
    since, at = FOUNDED, FOUNDED + timedelta(days=60)
    history = History(at=at)
    found = QueryLogEntry.objects.all()
    one_by_one = sum(isinstance(history.decide(may_inquire, entry.by_id, entry.begun_at), Refused) for entry in found)
    made = Counter(found.filter(begun_at__gt=since, begun_at__lte=at).order_by().values_list("by", flat=True))
    counted = not_allowed(
        lambda: found, may_inquire, history, by="by", moment="begun_at", since=since, at=at, made=made
    )
    assert 0 < counted == one_by_one < 39


def test_a_register_takes_no_more_queries_for_more_records(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    cast = assemble()
    with django_assert_max_num_queries(400) as few:
        register(until())
    for minutes in range(60):
        query(cast.detective, NOW - timedelta(minutes=minutes + 1))
    with django_assert_max_num_queries(len(few) + 5):
        register(until())


def test_days_are_the_departments(eventful: Cast) -> None:
    history = History(at=NOW)
    assert history.today(datetime(2026, 1, 6, 2, 0, tzinfo=UTC)) == date(2026, 1, 5)
