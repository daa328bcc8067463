"""People, their positions, training and authorisations (IV.a-c, IV.i, VIII.b)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Grant, Person
from platekeeper.server.procedures.adopt_policy import may_govern
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.sign_in import end_sessions


def add_person(
    by: Footing, *, username: str, name: str, kind: Person.Kind, password: str | None = None, badge: str = ""
) -> Person:
    """Add an account of this department. Raises ValidationError when the login name is taken."""
    by.demand(may_govern(by), attempted=Action.PERSON_ADDED)
    agency = department()
    if agency is None:
        raise RefusedAction(Refused(Clause.III, "There is no department yet."))
    try:
        with transaction.atomic():
            person = changes.add_person(
                username=username, name=name, kind=kind, agency=agency, at=by.at, password=password, badge=badge
            )
            _log(by, Action.PERSON_ADDED, person, Clause.IV_h, {"kind": kind.value})
    except IntegrityError as taken:
        raise ValidationError("This login name is taken.") from taken
    return person


def give_position(by: Footing, *, person: Person, title: str) -> None:
    """Let a person hold a position from today on."""
    by.demand(may_govern(by), attempted=Action.POSITION_GIVEN, subject=_subject(person))
    with _once("This position is held already."):
        changes.give_position(person, changes.ensure_position(title), since=by.today)
        _log(by, Action.POSITION_GIVEN, person, Clause.IV_b, {"position": title})


def end_position(by: Footing, *, person: Person, title: str) -> None:
    """End a position; yesterday was its last day."""
    by.demand(may_govern(by), attempted=Action.POSITION_ENDED, subject=_subject(person))
    with transaction.atomic():
        if changes.end_position(person, changes.ensure_position(title), today=by.today):
            _log(by, Action.POSITION_ENDED, person, Clause.IV_b, {"position": title})


def set_active(by: Footing, *, person: Person, active: bool) -> None:
    """Disable an account, ending its sessions at once, or enable it again."""
    own = Refused(Clause.IV_h, "Somebody else disables your account.")
    by.demand(
        may_govern(by),
        own if person.pk == by.person.pk and not active else Allowed(),
        attempted=Action.PERSON_CHANGED,
        subject=_subject(person),
    )
    with transaction.atomic():
        changes.set_active(person, active=active)
        ended = 0 if active else end_sessions(person)
        _log(by, Action.PERSON_CHANGED, person, Clause.IV_h, {"active": active, "sessions_ended": ended})


def record_training(by: Footing, *, person: Person, on: date, subject: str) -> None:
    """Record that a person took a training, given by the recorder (IV.i)."""
    future = Refused(Clause.IV_i, "A training is recorded once it was taken.")
    by.demand(
        has_duty(by.authority, by.policy, "IV.i.trainers"),
        future if on > by.today else Allowed(),
        attempted=Action.TRAINING_RECORDED,
        subject=_subject(person),
    )
    with transaction.atomic():
        changes.record_training(
            person, on=on, given_by=by.person.name, subject=subject, at=by.at, by=by.person, policy=by.policy.stamp
        )
        _log(by, Action.TRAINING_RECORDED, person, Clause.IV_i, {"on": on.isoformat(), "training": subject})


def authorise_staff(by: Footing, *, person: Person) -> None:
    """Authorise a staff person to reach LPR data (IV.c)."""
    not_staff = Refused(Clause.IV_c, "Only staff need this authorisation.")
    _grant(
        by,
        person,
        Grant.Kind.STAFF_ACCESS,
        has_duty(by.authority, by.policy, "IV.c.authoriser"),
        Allowed() if person.kind == Person.Kind.STAFF else not_staff,
    )


def grant_inquiries(by: Footing, *, person: Person) -> None:
    """Grant a person access to inquiries of stored reads (VIII.b)."""
    _grant(by, person, Grant.Kind.INQUIRIES, has_duty(by.authority, by.policy, "VIII.b.grantor"))


def end_grant(by: Footing, *, person: Person, kind: Grant.Kind) -> None:
    """End an authorisation at once."""
    duty = "IV.c.authoriser" if kind == Grant.Kind.STAFF_ACCESS else "VIII.b.grantor"
    by.demand(has_duty(by.authority, by.policy, duty), attempted=Action.ACCESS_ENDED, subject=_subject(person))
    with transaction.atomic():
        if changes.end_grant(person, kind=kind, at=by.at):
            _log(by, Action.ACCESS_ENDED, person, _clause(kind), {"grant": kind.value})


def _grant(by: Footing, person: Person, kind: Grant.Kind, *decisions: Decision) -> None:
    action = Action.STAFF_AUTHORISED if kind is Grant.Kind.STAFF_ACCESS else Action.ACCESS_GRANTED
    own = Refused(_clause(kind), "Nobody grants themselves access.")
    by.demand(
        *decisions,
        own if person.pk == by.person.pk else Allowed(),
        attempted=action,
        subject=_subject(person),
    )
    with _once("This authorisation is given already."):
        changes.grant(person, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, action, person, _clause(kind), {"grant": kind.value})


def _clause(kind: Grant.Kind) -> Clause:
    return Clause.IV_c if kind == Grant.Kind.STAFF_ACCESS else Clause.VIII_b


def _subject(person: Person) -> str:
    return f"person:{person.pk}"


def _log(by: Footing, action: Action, person: Person, clause: Clause, details: dict[str, object]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause,
        subject=_subject(person),
        details=details,
        sealed={"person": person.name},
        policy=by.policy.stamp,
    )


@contextmanager
def _once(reason: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise RefusedAction(Refused(Clause.IV_h, reason)) from error
