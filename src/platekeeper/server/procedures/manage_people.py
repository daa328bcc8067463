"""People, their positions and authorisations (IV.a-c, VI.b, VIII.a-b)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.lookups import department, holders
from platekeeper.server.personnel.models import Agency, Grant, Person
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.draft_policy import AUTHORITY, may_govern
from platekeeper.server.procedures.sign_in import end_sessions

GRANTORS = {
    Grant.Kind.STAFF_ACCESS: "IV.c.authoriser",
    Grant.Kind.DESIGNEE: "VI.b.designators",
    Grant.Kind.INQUIRIES: "VIII.b.grantor",
}
"""The blank that says who gives and ends an authorisation."""
_CLAUSES = {
    Grant.Kind.STAFF_ACCESS: Clause.IV_c,
    Grant.Kind.DESIGNEE: Clause.VI_b,
    Grant.Kind.INQUIRIES: Clause.VIII_b,
}


def add_person(
    by: Footing,
    *,
    username: str,
    name: str,
    kind: Person.Kind,
    password: str | None = None,
    chosen_by_owner: bool = False,
    badge: str = "",
    email: str = "",
    agency: Agency | None = None,
    ends_at: datetime | None = None,
) -> Person:
    """Add an account, of this department unless another agency is named. Raises ValidationError for what cannot be.

    A password that its owner did not choose is replaced by them at the first sign-in.
    """
    by.demand(may_govern(by), attempted=Action.PERSON_ADDED)
    home = agency or department()
    if home is None:
        raise RefusedAction(Refused(Clause.III_department, "There is no department yet."))
    if (kind == Person.Kind.OUTSIDE) is home.is_department:
        raise ValidationError("People of another agency are outside people, and only they: choose their agency.")
    try:
        with transaction.atomic():
            person = changes.add_person(
                username=username, name=name, kind=kind, agency=home, at=by.at, password=password, badge=badge,
                email=email, ends_at=ends_at, must_set_password=password is not None and not chosen_by_owner,
            )  # fmt: skip
            _log(by, Action.PERSON_ADDED, person, Clause.IV_h, {"kind": kind.value, "agency": home.name})
    except IntegrityError as taken:
        raise ValidationError("This login name is taken.") from taken
    return person


def issue_password(by: Footing, *, person: Person) -> str:
    """Give a person a first password, shown once, and end their sessions; they set their own when they sign in with it."""
    by.demand(may_govern(by), attempted=Action.PASSWORD_ISSUED, subject=_subject(person))
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    with transaction.atomic():
        changes.set_password(person, password, must_set_password=True)
        ended = end_sessions(person)
        _log(by, Action.PASSWORD_ISSUED, person, Clause.IV_h, {"sessions_ended": ended})
    return password


def give_position(
    by: Footing, *, person: Person, title: str, since: date | None = None, until: date | None = None
) -> None:
    """Let a person hold a position from a day on (today unless another is named), until a day if one is."""
    begins = since or by.today
    backwards = Refused(Clause.IV_b, "A position ends on or after the day it begins.")
    past = Refused(Clause.IV_b, "A position is held from today or a later day: nobody held it before it was given.")
    by.demand(
        may_govern(by),
        past if begins < by.today else Allowed(),
        backwards if until is not None and until < begins else Allowed(),
        attempted=Action.POSITION_GIVEN,
        subject=_subject(person),
    )
    with _once("This position is held already."):
        changes.give_position(person, changes.ensure_position(title), since=begins, until=until, at=by.at)
        days = {"since": begins.isoformat(), "until": until.isoformat() if until else ""}
        _log(by, Action.POSITION_GIVEN, person, Clause.IV_b, {"position": title, **days})


def end_position(by: Footing, *, person: Person, title: str) -> None:
    """End a position at once, and the person's sessions with it."""
    alone = title in by.policy.positions(AUTHORITY) and not _others_hold(by, person, title)
    last = Refused(Clause.signature, "Nobody else authorises the policy: give the position to somebody else first.")
    by.demand(
        may_govern(by),
        last if alone else Allowed(),
        attempted=Action.POSITION_ENDED,
        subject=_subject(person),
    )
    with transaction.atomic():
        if changes.end_position(person, changes.ensure_position(title), at=by.at, today=by.today):
            ended = end_sessions(person)
            _log(by, Action.POSITION_ENDED, person, Clause.IV_b, {"position": title, "sessions_ended": ended})


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
        changes.set_active(person, active=active, at=by.at)
        ended = 0 if active else end_sessions(person)
        _log(by, Action.PERSON_CHANGED, person, Clause.IV_h, {"active": active, "sessions_ended": ended})


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


def name_designee(by: Footing, *, person: Person) -> None:
    """Name a designee, who may reach LPR data without holding a position of VI.b."""
    outside = Refused(Clause.VI_b, "A designee is a member or staff of this department.")
    _grant(
        by,
        person,
        Grant.Kind.DESIGNEE,
        has_duty(by.authority, by.policy, "VI.b.designators"),
        outside if person.kind == Person.Kind.OUTSIDE else Allowed(),
    )


def end_grant(by: Footing, *, person: Person, kind: Grant.Kind) -> None:
    """End an authorisation at once, and the person's sessions with it."""
    by.demand(
        has_duty(by.authority, by.policy, GRANTORS[kind]), attempted=Action.ACCESS_ENDED, subject=_subject(person)
    )
    with transaction.atomic():
        if changes.end_grant(person, kind=kind, at=by.at):
            ended = end_sessions(person)
            _log(by, Action.ACCESS_ENDED, person, _CLAUSES[kind], {"grant": kind.value, "sessions_ended": ended})


def _grant(by: Footing, person: Person, kind: Grant.Kind, *decisions: Decision) -> None:
    action = Action.STAFF_AUTHORISED if kind is Grant.Kind.STAFF_ACCESS else Action.ACCESS_GRANTED
    own = Refused(_CLAUSES[kind], "Nobody grants themselves access.")
    by.demand(
        *decisions,
        own if person.pk == by.person.pk else Allowed(),
        attempted=action,
        subject=_subject(person),
    )
    with _once("This authorisation is given already."):
        changes.grant(person, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, action, person, _CLAUSES[kind], {"grant": kind.value})


def _others_hold(by: Footing, person: Person, title: str) -> bool:
    return holders([title], at=by.at, today=by.today).exclude(pk=person.pk).exists()


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
