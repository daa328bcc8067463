"""People, their positions and authorizations (IV.a-c, VI.b, VIII.a-b)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.lookups.guarding import is_spent
from platekeeper.server.personnel.models import Agency, Grant, Person
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.keep_signers import others_sign
from platekeeper.server.procedures.passwords import Password, made
from platekeeper.server.procedures.sign_in import end_sessions, has_ended, is_somebody, may_have_new_secrets
from platekeeper.server.storage.holding import hold

GRANTORS = {
    Grant.Kind.STAFF_ACCESS: "IV.c.authorizer",
    Grant.Kind.DESIGNEE: "VI.b.designators",
    Grant.Kind.INQUIRIES: "VIII.b.grantor",
}
"""The blank that says who gives and ends an authorization."""
_LOOKING = ("IV.i.trainers", "IV.i.in_service", "IV.f.inventory", *GRANTORS.values())
"""The blanks whose positions look at the department's people, beside whoever governs."""
_CLAUSES = {
    Grant.Kind.STAFF_ACCESS: Clause.IV_c,
    Grant.Kind.DESIGNEE: Clause.VI_b,
    Grant.Kind.INQUIRIES: Clause.VIII_b,
}


def may_look(by: Footing) -> Decision:
    """Decide whether somebody looks at the department's people: those who govern, train, release accounts or give access."""
    if has_any_duty(by.authority, by.policy, *_LOOKING):
        return Allowed()
    return may_govern(by)


def add_person(
    by: Footing,
    *,
    username: str,
    name: str,
    kind: Person.Kind,
    password: Password | None = None,
    badge: str = "",
    email: str = "",
    agency: Agency | None = None,
    ends_at: datetime | None = None,
) -> Person:
    """Add an account, of this department unless another agency is named. Raises ValidationError for what cannot be."""
    by.demand(may_govern(by), attempted=Action.PERSON_ADDED)
    return take_on(
        by, username=username, name=name, kind=kind, password=password, badge=badge, email=email, agency=agency,
        ends_at=ends_at,
    )  # fmt: skip


def take_on(
    by: Footing,
    *,
    username: str,
    name: str,
    kind: Person.Kind,
    password: Password | None = None,
    badge: str = "",
    email: str = "",
    agency: Agency | None = None,
    ends_at: datetime | None = None,
) -> Person:
    """Add an account once it was decided that `by` governs: `add_person` less its demand. Raises ValidationError."""
    home = agency or department()
    if home is None:
        raise RefusedAction(Refused(Clause.III_department, "There is no department yet."))
    if (kind == Person.Kind.OUTSIDE) is home.is_department:
        raise ValidationError("People of another agency are outside people, and only they: choose their agency.")
    if ends_at is not None and ends_at <= by.at:
        raise ValidationError("The account's last day is past: choose today or a later one.")
    try:
        with transaction.atomic():
            person = changes.add_person(
                username=username, name=name, kind=kind, agency=home, at=by.at, badge=badge, email=email, ends_at=ends_at,
                stored_password=password.stored if password else "",
                must_set_password=password is not None and password.made,
            )  # fmt: skip
            _log(by, Action.PERSON_ADDED, person, Clause.IV_h, {"kind": kind.value, "agency": home.name})
    except IntegrityError as taken:
        raise ValidationError("This login name is taken.") from taken
    return person


def change_person(by: Footing, *, person: Person, name: str, badge: str, email: str) -> None:
    """Put right what somebody is called and how they are reached. What was recorded of them keeps the name it has."""
    by.demand(may_govern(by), is_somebody(person), attempted=Action.PERSON_CHANGED, subject=_subject(person))
    after = {"name": name, "badge": badge, "email": email}
    with transaction.atomic():
        hold(person)
        before = {each: getattr(person, each) for each in after}
        changed = [each for each in after if after[each] != before[each]]
        if changed:
            changes.change_person(person, **after)
            sealed = {f"{each}_{when}": said[each] for each in changed
                      for when, said in (("before", before), ("after", after))}  # fmt: skip
            _log(by, Action.PERSON_CHANGED, person, Clause.IV_h, {"changed": changed}, **sealed)


def issue_password(by: Footing, *, person: Person) -> str:
    """Give a person a first password, shown once, and end their sessions; they set their own when they sign in with it."""
    by.demand(
        may_govern(by),
        may_have_new_secrets(person),
        attempted=Action.PASSWORD_ISSUED,
        subject=_subject(person),
    )
    password = made()
    with transaction.atomic():
        changes.set_password(person, stored_password=password.stored, must_set_password=True)
        ended = end_sessions(person)
        _log(by, Action.PASSWORD_ISSUED, person, Clause.IV_h, {"sessions_ended": ended})
    return password.typed


def give_position(
    by: Footing, *, person: Person, title: str, since: date | None = None, until: date | None = None
) -> None:
    """Let a person hold a position from a day on (today unless another is named), until a day if one is."""
    begins = since or by.today
    backwards = Refused(Clause.IV_b, "A position ends on or after the day it begins.")
    past = Refused(Clause.IV_b, "A position is held from today or a later day: nobody held it before it was given.")
    by.demand(
        may_govern(by),
        is_somebody(person),
        past if begins < by.today else Allowed(),
        backwards if until is not None and until < begins else Allowed(),
        attempted=Action.POSITION_GIVEN,
        subject=_subject(person),
    )
    held = Refused(Clause.IV_h, "This position is held already.")
    with by.act(Action.POSITION_GIVEN, subject=_subject(person), twice=held):
        let_hold(by, person=person, title=title, since=begins, until=until)


def let_hold(by: Footing, *, person: Person, title: str, since: date, until: date | None) -> None:
    """Let somebody hold a position once it was decided that they may, inside the caller's transaction."""
    changes.give_position(person, changes.ensure_position(title), since=since, until=until, at=by.at)
    days = {"since": since.isoformat(), "until": until.isoformat() if until else ""}
    _log(by, Action.POSITION_GIVEN, person, Clause.IV_b, {"position": title, **days})


def end_position(by: Footing, *, person: Person, title: str) -> None:
    """End a position at once, and the person's sessions with it."""
    leaves = others_sign(by, person, losing=title)
    by.demand(may_govern(by), leaves(), attempted=Action.POSITION_ENDED, subject=_subject(person))
    with by.act(Action.POSITION_ENDED, subject=_subject(person), leaves=leaves):
        if changes.end_position(person, changes.ensure_position(title), at=by.at, today=by.today):
            ended = end_sessions(person)
            _log(by, Action.POSITION_ENDED, person, Clause.IV_b, {"position": title, "sessions_ended": ended})


def set_active(by: Footing, *, person: Person, active: bool) -> None:
    """Disable an account, ending its sessions at once, or enable it again."""
    own = Refused(Clause.IV_h, "Somebody else disables your account.")
    over = Refused(Clause.IV_h, "The account's last day is past: set a later one first.")
    spent = Refused(
        Clause.IV_h, "The envelope of the sealed account was opened, and its secrets are spent: seal it anew."
    )
    by.demand(
        may_govern(by),
        own if person.pk == by.person.pk and not active else Allowed(),
        over if active and has_ended(person, at=by.at) else Allowed(),
        attempted=Action.PERSON_CHANGED,
        subject=_subject(person),
    )

    stays_signed = others_sign(by, person)

    def leaves() -> Decision:
        if active:
            return spent if is_spent(person) else Allowed()
        return stays_signed()

    with by.act(Action.PERSON_CHANGED, subject=_subject(person), leaves=leaves):
        changes.set_active(person, active=active, at=by.at)
        ended = 0 if active else end_sessions(person)
        _log(by, Action.PERSON_CHANGED, person, Clause.IV_h, {"active": active, "sessions_ended": ended})


def sign_out_everywhere(by: Footing, *, person: Person) -> None:
    """End every session of a person; they may sign in again."""
    by.demand(may_govern(by), attempted=Action.SESSION_ENDED, subject=_subject(person))
    with transaction.atomic():
        ended = end_sessions(person)
        _log(by, Action.SESSION_ENDED, person, Clause.IV_h, {"sessions_ended": ended})


def set_last_day(by: Footing, *, person: Person, last_day: date | None) -> None:
    """Say after which day a temporary account ends by itself; None for one that does not.

    One that has ended already stays disabled until it is enabled: the gap is kept.
    """
    own = Refused(Clause.IV_h, "Somebody else ends your account.")
    past = Refused(Clause.IV_h, "Choose today or a later day; disable the account to end it at once.")
    by.demand(
        may_govern(by),
        is_somebody(person),
        own if person.pk == by.person.pk and last_day is not None else Allowed(),
        past if last_day is not None and last_day < by.today else Allowed(),
        attempted=Action.PERSON_CHANGED,
        subject=_subject(person),
    )

    stays_signed = others_sign(by, person, some_day=True)

    def leaves() -> Decision:
        return Allowed() if last_day is None else stays_signed()

    with by.act(Action.PERSON_CHANGED, subject=_subject(person), leaves=leaves):
        if person.ends_at is not None and person.ends_at <= by.at:
            changes.set_active(person, active=False, at=person.ends_at)
        changes.set_end(person, ends_at=end_of_day(by, last_day) if last_day else None)
        details = {"last_day": last_day.isoformat() if last_day else ""}
        _log(by, Action.PERSON_CHANGED, person, Clause.IV_h, details)


def end_of_day(by: Footing, day: date) -> datetime:
    """Return the moment at which a day ends in the department's zone."""
    return datetime.combine(day + timedelta(days=1), time(), by.policy.zone)


def can_have(person: Person, kind: Grant.Kind) -> Decision:
    """Decide whether an authorization means anything for this kind of person."""
    match kind:
        case Grant.Kind.STAFF_ACCESS if person.kind != Person.Kind.STAFF:
            return Refused(Clause.IV_c, "Only staff need this authorization.")
        case Grant.Kind.DESIGNEE if person.kind == Person.Kind.OUTSIDE:
            return Refused(Clause.VI_b, "A designee is a member or staff of this department.")
        case Grant.Kind.INQUIRIES if person.kind == Person.Kind.OUTSIDE:
            return Refused(
                Clause.VIII_b, "People of another agency ask for a search (VIII.c); they make none themselves."
            )
    return Allowed()


def authorize_staff(by: Footing, *, person: Person) -> None:
    """Authorize a staff person to reach LPR data (IV.c)."""
    _grant(by, person, Grant.Kind.STAFF_ACCESS)


def grant_inquiries(by: Footing, *, person: Person) -> None:
    """Grant a person access to inquiries of stored reads (VIII.b)."""
    _grant(by, person, Grant.Kind.INQUIRIES)


def name_designee(by: Footing, *, person: Person) -> None:
    """Name a designee, who may reach LPR data without holding a position of VI.b."""
    _grant(by, person, Grant.Kind.DESIGNEE)


def end_grant(by: Footing, *, person: Person, kind: Grant.Kind) -> None:
    """End an authorization at once, and the person's sessions with it."""
    by.demand(
        has_duty(by.authority, by.policy, GRANTORS[kind]), attempted=Action.ACCESS_ENDED, subject=_subject(person)
    )
    with transaction.atomic():
        if changes.end_grant(person, kind=kind, at=by.at):
            ended = end_sessions(person)
            _log(by, Action.ACCESS_ENDED, person, _CLAUSES[kind], {"grant": kind.value, "sessions_ended": ended})


def _grant(by: Footing, person: Person, kind: Grant.Kind) -> None:
    action = Action.STAFF_AUTHORIZED if kind is Grant.Kind.STAFF_ACCESS else Action.ACCESS_GRANTED
    own = Refused(_CLAUSES[kind], "Nobody grants themselves access.")
    by.demand(
        has_duty(by.authority, by.policy, GRANTORS[kind]),
        can_have(person, kind),
        own if person.pk == by.person.pk else Allowed(),
        attempted=action,
        subject=_subject(person),
    )
    given = Refused(Clause.IV_h, "This authorization is given already.")
    with by.act(action, subject=_subject(person), twice=given):
        changes.grant(person, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, action, person, _CLAUSES[kind], {"grant": kind.value})


def _subject(person: Person) -> str:
    return f"person:{person.pk}"


def _log(
    by: Footing, action: Action, person: Person, clause: Clause, details: Mapping[str, object], **sealed: str
) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause,
        subject=_subject(person),
        details=details,
        sealed={"person": person.name, **sealed},
        policy=by.policy.stamp,
    )
