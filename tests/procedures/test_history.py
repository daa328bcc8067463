"""Who might do what at any past moment is what was decided then: grants, ends, lapses and versions in any order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platekeeper.core.rules.access import Authority, may_inquire, may_reach_lpr_data, may_use_lpr
from platekeeper.core.rules.decision import Decision
from platekeeper.server.personnel.lookups.training import bulletins_at
from platekeeper.server.personnel.models import Course, Grant, Person, Training
from platekeeper.server.procedures import manage_people, train_people
from platekeeper.server.procedures.adopt_policy import adopt
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.draft_policy import fill_blank, may_draft, put_up
from tests.cast import Cast, assemble

pytestmark = [pytest.mark.django_db, pytest.mark.records]
BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
WATCHED = ("officer", "rookie", "detective", "clerk", "temp", "custodian")
TITLES = ("Patrol Officer", "Detective", "Crime Analyst")
BLANKS = ("IV.a.users", "IV.b.access", "VI.b.access", "VIII.a.access")
Judgment = tuple[Authority, tuple[int, str], tuple[Decision, ...]]


@dataclass
class World:
    """A department, its clock, and every decision as it was given live."""

    cast: Cast
    now: datetime = BEGIN
    given: list[tuple[datetime, str, Judgment]] = field(default_factory=list)

    def judged(self, role: str, *, at: datetime) -> Judgment:
        """Return the facts about somebody, the version they are judged under, and what is decided."""
        by = footing(Person.objects.get(pk=self.cast.people()[role].pk), at=at)
        facts = (by.authority, by.policy, by.today)
        decisions = (may_use_lpr(*facts), may_reach_lpr_data(*facts), may_inquire(*facts), may_draft(by))
        return by.authority, by.policy.stamp, decisions

    def watch(self, *roles: str) -> None:
        """Keep what is decided now about these roles, and about one whom many acts touch."""
        self.given += [(self.now, role, self.judged(role, at=self.now)) for role in {*roles, "clerk"}]


Act = Callable[[World, Person, str, int], None]


def _give(world: World, who: Person, title: str, days: int) -> None:
    by = footing(world.cast.chief, at=world.now)
    until = by.today + timedelta(days=2 * days) if days % 2 else None
    manage_people.give_position(by, person=who, title=title, since=by.today + timedelta(days=days), until=until)


def _end(world: World, who: Person, title: str, days: int) -> None:
    manage_people.end_position(footing(world.cast.chief, at=world.now), person=who, title=title)


def _disable(world: World, who: Person, title: str, days: int) -> None:
    manage_people.set_active(footing(world.cast.chief, at=world.now), person=who, active=days % 2 == 0)


def _grant(world: World, who: Person, title: str, days: int) -> None:
    by = footing(world.cast.chief, at=world.now)
    act = (manage_people.grant_inquiries, manage_people.authorize_staff)[days % 2]
    act(by, person=who)


def _end_grant(world: World, who: Person, title: str, days: int) -> None:
    kind = (Grant.Kind.INQUIRIES, Grant.Kind.STAFF_ACCESS)[days % 2]
    manage_people.end_grant(footing(world.cast.chief, at=world.now), person=who, kind=kind)


def _train(world: World, who: Person, title: str, days: int) -> None:
    by, course = footing(world.cast.trainer, at=world.now), Course.objects.get()
    train_people.record_training(by, people=[who], course=course, on=by.today - timedelta(days=40 * days))


def _withdraw(world: World, who: Person, title: str, days: int) -> None:
    newest = Training.objects.filter(person=who, withdrawn_at=None).first()
    if newest is not None:
        train_people.withdraw_training(footing(world.cast.trainer, at=world.now), training=newest, why="wrong")


def _bulletin(world: World, who: Person, title: str, days: int) -> None:
    by = footing(world.cast.trainer, at=world.now)
    due = by.today + timedelta(days=days % 2)
    train_people.issue_bulletin(
        by, title=f"B{days}", text="t", cause="law", due_on=due, positions=[title] if days > 2 else []
    )


def _read(world: World, who: Person, title: str, days: int) -> None:
    for bulletin in bulletins_at(world.now):
        train_people.read_bulletin(footing(who, at=world.now), bulletin=bulletin)


def _unissue(world: World, who: Person, title: str, days: int) -> None:
    for bulletin in bulletins_at(world.now)[:1]:
        train_people.withdraw_bulletin(footing(world.cast.trainer, at=world.now), bulletin=bulletin)


def _adopt(world: World, who: Person, title: str, days: int) -> None:
    by = footing(world.cast.chief, at=world.now)
    effective = by.today + timedelta(days=days)
    fill_blank(by, key="header.effective", value=effective.isoformat())
    fill_blank(by, key="header.review", value=(effective + timedelta(days=300)).isoformat())
    fill_blank(by, key=BLANKS[days % len(BLANKS)], value=[title])
    put_up(by)
    adopt(by)


ACTS: tuple[Act, ...] = (
    _give, _end, _disable, _grant, _end_grant, _train, _withdraw, _bulletin, _read, _read, _unissue, _adopt,
)  # fmt: skip
STEPS = st.tuples(
    st.sampled_from(ACTS), st.sampled_from(WATCHED), st.sampled_from(TITLES), st.integers(0, 4), st.integers(1, 100)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_history_gives_the_decision_that_was_given_live(steps: list[tuple[Act, str, str, int, int]], db: None) -> None:
    with transaction.atomic():
        world = World(assemble(today=BEGIN.date()))
        for act, role, title, days, hours in steps:
            world.now += timedelta(hours=hours)
            world.watch(role)  # what time alone has changed: lapses, due days, a version's own day
            world.now += timedelta(minutes=1)
            with suppress(RefusedAction, ValidationError):
                act(world, world.cast.people()[role], title, days)
            world.watch(role)
        for at, role, judgment in world.given:
            assert world.judged(role, at=at) == judgment, (at, role)
        transaction.set_rollback(True)


def test_an_authority_that_moves_tomorrow_holds_today(db: None) -> None:
    world = World(assemble(today=BEGIN.date()))
    by = footing(world.cast.chief, at=BEGIN)
    tomorrow = by.today + timedelta(days=1)
    values = {
        "header.effective": tomorrow.isoformat(),
        "header.review": (tomorrow + timedelta(days=300)).isoformat(),
        "VIII.a.access": ["Crime Analyst"],
    }
    for key, value in values.items():
        fill_blank(by, key=key, value=value)
    put_up(by)
    adopt(by)
    evening = datetime(2026, 6, 2, 3, 59, tzinfo=UTC)  # a minute before midnight in New York
    for at, detective, analyst in (
        (BEGIN, True, True),
        (evening, True, True),
        (evening + timedelta(minutes=1), False, True),
    ):
        assert bool(world.judged("detective", at=at)[2][2]) is detective
        assert bool(world.judged("clerk", at=at)[2][2]) is analyst
