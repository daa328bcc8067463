"""A department begins: its first person, who fills the first blanks, is named here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from platekeeper.core.actor import Actor
from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import CHIEFS, NAMES
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures.passwords import chosen


class AlreadyFounded(Exception):
    """There is a department here already."""


def first_blanks(*, name: str, kind: str, zone: str) -> dict[str, Any]:
    """Return the blanks that are filled from the beginning. Raises `BlankError`."""
    given = {"III.name": name, "III.kind": kind, "III.zone": zone}
    return {key: BLANKS[key].checked(answer) for key, answer in given.items()}


def found_department(
    *, name: str, kind: str, zone: str, first_person_name: str, username: str, password: str, at: datetime
) -> Person:
    """Found the department with its Chief or Sheriff and a policy draft that names them. Raises `BlankError`."""
    if department() is not None:
        raise AlreadyFounded("This home holds a department already.")
    first = first_blanks(name=name, kind=kind, zone=zone)
    title, own = CHIEFS[kind], chosen(password)
    with transaction.atomic():
        agency = personnel.add_agency(name=f"{first['III.name']} {NAMES[kind]}", is_department=True)
        person = personnel.add_person(
            username=username, name=first_person_name, kind=Person.Kind.MEMBER, agency=agency, at=at,
            stored_password=own.stored,
        )  # fmt: skip
        today = at.astimezone(ZoneInfo(zone)).date()
        personnel.give_position(person, personnel.ensure_position(title), since=today, at=at)
        draft = policy.open_draft(at=at)
        for key, value in (first | {"signature.authority": [title]}).items():
            policy.fill(draft, key=key, value=value)
        append(
            at=at,
            by=Actor(person=person.pk, name=person.name, positions=(title,), agency=agency.name),
            action=Action.DEPARTMENT_FOUNDED,
            clause=Clause.III,
            subject=f"person:{person.pk}",
            details={"kind": kind, "zone": zone},
        )
    return person
