"""Find people and say what they are at a moment, past or present."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from platekeeper.core.actor import Actor
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.server.personnel.lookups.training import overdue_of, trained_of
from platekeeper.server.personnel.models import Agency, Disabling, Grant, Holding, Person, Position


def department() -> Agency | None:
    """Return the department itself, None before `platekeeper init`."""
    return Agency.objects.filter(is_department=True).first()


def agencies() -> QuerySet[Agency]:
    """Return the other agencies."""
    return Agency.objects.filter(is_department=False).order_by("name").prefetch_related("people")


def authority_of(person: Person, *, at: datetime, today: date) -> Authority:
    """Return the facts by which rules judge a person at `at`, which is `today` in the department's calendar."""
    return authorities_of([person], at=at, today=today)[person.pk]


def authorities_of(people: Iterable[Person], *, at: datetime, today: date) -> dict[int, Authority]:
    """Return the facts about several people by account number, out of as many queries as for one."""
    found = {person.pk: person for person in people}
    numbers = list(found)
    titles: dict[int, set[str]] = {number: set() for number in numbers}
    held = Holding.objects.filter(_held(at, today), person__in=numbers)
    for number, title in held.values_list("person", "position__title"):
        titles[number].add(title)
    granted = set(Grant.objects.filter(_current(at), person__in=numbers).values_list("person", "kind"))
    disabled = set(Disabling.objects.filter(_disabled(at), person__in=numbers).values_list("person", flat=True))
    trained = trained_of(numbers, at=at, today=today)
    overdue = overdue_of({number: frozenset(titles[number]) for number in numbers}, at=at, today=today)
    return {
        number: Authority(
            standing=Standing(person.kind),
            active=number not in disabled and person.added_at <= at and (person.ends_at is None or at < person.ends_at),
            positions=frozenset(titles[number]),
            trained_on=trained.get(number),
            overdue=tuple(overdue.get(number, ())),
            staff_access=(number, Grant.Kind.STAFF_ACCESS) in granted,
            inquiries=(number, Grant.Kind.INQUIRIES) in granted,
            designee=(number, Grant.Kind.DESIGNEE) in granted,
        )
        for number, person in found.items()
    }


def actor_of(person: Person, authority: Authority) -> Actor:
    """Return a person as the ledger records them."""
    return Actor(
        person=person.pk,
        name=person.name,
        positions=tuple(sorted(authority.positions)),
        agency=person.agency.name,
    )


def holders(titles: Iterable[str], *, at: datetime, today: date) -> QuerySet[Person]:
    """Return the people whose account was active and who held any of the positions named, at a moment."""
    held = Holding.objects.filter(_held(at, today), position__title__in=list(titles))
    disabled = Disabling.objects.filter(_disabled(at), person=OuterRef("pk"))
    alive = Q(added_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))
    return Person.objects.filter(alive, ~Exists(disabled), pk__in=held.values("person"))


def staying(titles: Iterable[str]) -> QuerySet[Person]:
    """Return the people who hold any of the positions named, or will, with an end neither to it nor to their account."""
    held = Holding.objects.filter(position__title__in=list(titles), until=None, ended_at=None)
    return Person.objects.filter(is_active=True, ends_at=None, pk__in=held.values("person"))


def positions() -> QuerySet[Position]:
    """Return every position of the department."""
    return Position.objects.all()


def people() -> QuerySet[Person]:
    """Return every account with what the people page shows."""
    return Person.objects.select_related("agency").prefetch_related(
        "holdings__position", "trainings__course", "grants__granted_by"
    )


def accounts_ended_by(at: datetime) -> QuerySet[Person]:
    """Return temporary accounts whose time is over and that are active still."""
    return Person.objects.filter(is_active=True, ends_at__lte=at)


def accounts_unused_since(moment: datetime) -> QuerySet[Person]:
    """Return the active accounts that nobody has signed in to since a moment, nor were they added or enabled after it.

    A sealed account is there not to be used, and nobody signs in to that of a partner.
    """
    enabled = Disabling.objects.filter(person=OuterRef("pk"), enabled_at__gt=moment)
    used = Q(last_login=None) | Q(last_login__lte=moment)
    return Person.objects.filter(used, ~Exists(enabled), is_active=True, added_at__lte=moment, seals=None, partner=None)


def _held(at: datetime, today: date) -> Q:
    begun = Q(given_at__lte=at, since__lte=today)
    return begun & (Q(until=None) | Q(until__gte=today)) & (Q(ended_at=None) | Q(ended_at__gt=at))


def _current(at: datetime) -> Q:
    return Q(granted_at__lte=at) & (Q(ended_at=None) | Q(ended_at__gt=at))


def _disabled(at: datetime) -> Q:
    return Q(disabled_at__lte=at) & (Q(enabled_at=None) | Q(enabled_at__gt=at))
