"""The only writer of people, positions, training and grants."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from platekeeper.server.personnel.models import Agency, Grant, Holding, Person, Position, Training


def add_agency(*, name: str, ori: str = "", is_department: bool = False) -> Agency:
    """Add an agency."""
    return Agency.objects.create(name=name, ori=ori, is_department=is_department)


def add_person(
    *,
    username: str,
    name: str,
    kind: Person.Kind,
    agency: Agency,
    at: datetime,
    password: str | None = None,
    badge: str = "",
    email: str = "",
    ends_at: datetime | None = None,
) -> Person:
    """Add an account; without a password nobody can sign in to it until one is set."""
    return Person.objects.create(
        username=username,
        name=name,
        kind=kind,
        agency=agency,
        badge=badge,
        email=email,
        password=make_password(password),
        added_at=at,
        ends_at=ends_at,
    )


def set_active(person: Person, *, active: bool) -> None:
    """Enable or disable an account."""
    person.is_active = active
    person.save(update_fields=["is_active"])


def set_password(person: Person, password: str) -> None:
    """Set a password; every other session of the account ends with the old one."""
    person.password = make_password(password)
    person.save(update_fields=["password"])


def ensure_position(title: str) -> Position:
    """Return the position of that title, adding it if the department has none."""
    return Position.objects.get_or_create(title=title)[0]


def give_position(person: Person, position: Position, *, since: date) -> Holding:
    """Let a person hold a position from a day on."""
    return Holding.objects.create(person=person, position=position, since=since)


def end_position(person: Person, position: Position, *, today: date) -> bool:
    """End a holding, so that `today` it is no longer held; return whether there was one."""
    held = Holding.objects.filter(person=person, position=position, until=None)
    begun_today = held.filter(since__gte=today).delete()[0]
    return bool(begun_today or held.update(until=today - timedelta(days=1)))


def record_training(
    person: Person, *, on: date, given_by: str, subject: str, at: datetime, by: Person, policy: tuple[int, str]
) -> Training:
    """Record a training taken."""
    return Training.objects.create(
        person=person,
        on=on,
        given_by=given_by,
        subject=subject,
        recorded_at=at,
        recorded_by=by,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def grant(person: Person, *, kind: Grant.Kind, at: datetime, by: Person, policy: tuple[int, str]) -> Grant:
    """Give an authorisation."""
    return Grant.objects.create(
        person=person, kind=kind, granted_at=at, granted_by=by, policy_number=policy[0], policy_digest=policy[1]
    )


def end_grant(person: Person, *, kind: Grant.Kind, at: datetime) -> bool:
    """End an authorisation; return whether there was one."""
    return bool(Grant.objects.filter(person=person, kind=kind, ended_at=None).update(ended_at=at))
