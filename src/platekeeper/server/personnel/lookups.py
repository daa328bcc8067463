"""Find people and say what they are on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from platekeeper.core.actor import Actor
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.server.personnel.models import Agency, Grant, Holding, Person, Position, Training


def department() -> Agency | None:
    """Return the department itself, None before `platekeeper init`."""
    return Agency.objects.filter(is_department=True).first()


def titles_of(person: Person, today: date) -> frozenset[str]:
    """Return the titles of the positions that a person holds on a day."""
    held = Holding.objects.filter(_on(today), person=person)
    return frozenset(held.values_list("position__title", flat=True))


def authority_of(person: Person, today: date) -> Authority:
    """Return the facts by which rules judge a person on a day of the department's calendar."""
    grants = set(Grant.objects.filter(person=person, ended_at=None).values_list("kind", flat=True))
    trained = Training.objects.filter(person=person, on__lte=today).order_by("-on").values_list("on", flat=True).first()
    return Authority(
        standing=Standing(person.kind),
        active=person.is_active,
        positions=titles_of(person, today),
        trained_on=trained,
        staff_access=Grant.Kind.STAFF_ACCESS in grants,
        inquiries=Grant.Kind.INQUIRIES in grants,
    )


def actor_of(person: Person, today: date) -> Actor:
    """Return a person as the ledger records them."""
    return Actor(
        person=person.pk,
        name=person.name,
        positions=tuple(sorted(titles_of(person, today))),
        agency=person.agency.name,
    )


def holders(titles: Iterable[str], today: date) -> QuerySet[Person]:
    """Return the active people who hold any of the positions named on a day."""
    held = Holding.objects.filter(_on(today), position__title__in=list(titles))
    return Person.objects.filter(is_active=True, pk__in=held.values("person"))


def positions() -> QuerySet[Position]:
    """Return every position of the department."""
    return Position.objects.all()


def people() -> QuerySet[Person]:
    """Return every account with what the people page shows."""
    return Person.objects.select_related("agency").prefetch_related("holdings__position", "trainings", "grants")


def accounts_ended_by(at: datetime) -> QuerySet[Person]:
    """Return temporary accounts whose time is over and that are active still."""
    return Person.objects.filter(is_active=True, ends_at__lte=at)


def _on(today: date) -> Q:
    return Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))
