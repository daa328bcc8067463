"""The only writer of people, positions and grants. What ends keeps its row and the moment it ended."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from platekeeper.server.personnel.models import Agency, Disabling, Grant, Holding, Person, Position


def add_agency(*, name: str, ori: str = "", contact: str = "", is_department: bool = False) -> Agency:
    """Add an agency."""
    return Agency.objects.create(name=name, ori=ori, contact=contact, is_department=is_department)


def change_agency(agency: Agency, *, name: str, ori: str, contact: str) -> None:
    """Change what is known of an agency."""
    agency.name, agency.ori, agency.contact = name, ori, contact
    agency.save(update_fields=["name", "ori", "contact"])


def add_person(
    *,
    username: str,
    name: str,
    kind: Person.Kind,
    agency: Agency,
    at: datetime,
    stored_password: str = "",
    must_set_password: bool = False,
    badge: str = "",
    email: str = "",
    ends_at: datetime | None = None,
) -> Person:
    """Add an account; without a password nobody can sign in to it until one is set. Raises IntegrityError when the login
    name is taken."""
    return Person.objects.create(
        username=username,
        name=name,
        kind=kind,
        agency=agency,
        badge=badge,
        email=email,
        password=stored_password or make_password(None),
        must_set_password=must_set_password,
        added_at=at,
        ends_at=ends_at,
    )


def change_person(person: Person, *, name: str, badge: str, email: str) -> None:
    """Change what somebody is called and how they are reached."""
    person.name, person.badge, person.email = name, badge, email
    person.save(update_fields=["name", "badge", "email"])


def set_active(person: Person, *, active: bool, at: datetime) -> bool:
    """Enable or disable an account at a moment; return whether that changed anything."""
    if active:
        changed = bool(Disabling.objects.filter(person=person, enabled_at=None).update(enabled_at=at))
    else:
        changed = Disabling.objects.get_or_create(person=person, enabled_at=None, defaults={"disabled_at": at})[1]
    person.is_active = active
    person.save(update_fields=["is_active"])
    return changed


def set_end(person: Person, *, ends_at: datetime | None) -> None:
    """Say when a temporary account ends by itself, or that it does not."""
    person.ends_at = ends_at
    person.save(update_fields=["ends_at"])


def set_password(person: Person, *, stored_password: str, must_set_password: bool) -> None:
    """Set a password; every other session of the account ends with the old one."""
    person.password, person.must_set_password = stored_password, must_set_password
    person.save(update_fields=["password", "must_set_password"])


def own_password(person: Person) -> None:
    """Note that a person has set their own password."""
    person.must_set_password = False
    person.save(update_fields=["must_set_password"])


def ensure_position(title: str) -> Position:
    """Return the position of that title, adding it if the department has none."""
    return Position.objects.get_or_create(title=title)[0]


def give_position(
    person: Person, position: Position, *, since: date, at: datetime, until: date | None = None
) -> Holding:
    """Let a person hold a position from a day on, until a day (inclusive) if one is given. Raises IntegrityError when it
    is held without an end already."""
    return Holding.objects.create(person=person, position=position, since=since, until=until, given_at=at)


def end_position(person: Person, position: Position, *, at: datetime, today: date) -> int:
    """End at once whatever runs or is to begin of a person's holdings of a position; return how many."""
    running = Holding.objects.filter(person=person, position=position, ended_at=None)
    return running.filter(Q(until=None) | Q(until__gte=today)).update(ended_at=at)


def grant(person: Person, *, kind: Grant.Kind, at: datetime, by: Person, policy: tuple[int, str]) -> Grant:
    """Give an authorization."""
    return Grant.objects.create(
        person=person, kind=kind, granted_at=at, granted_by=by, policy_number=policy[0], policy_digest=policy[1]
    )


def end_grant(person: Person, *, kind: Grant.Kind, at: datetime) -> bool:
    """End an authorization; return whether there was one."""
    return bool(Grant.objects.filter(person=person, kind=kind, ended_at=None).update(ended_at=at))
