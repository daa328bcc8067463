"""Signing in and out, and what ends a session (IV.h): each is a ledger entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Sum

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import own_password
from platekeeper.server.personnel.lookups.guarding import is_sealed
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import version_in_force
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.draft_policy import may_govern

_ADMINISTRATOR = "IV.f.inventory"
_EVER = datetime.fromtimestamp(0, UTC)
_WEARS_OFF = timedelta(minutes=15)


def record(person: Person, action: Action, *, at: datetime, reason: str = "") -> None:
    """Log what a person did with their own account: signed in or out, changed the password, or had a session ended."""
    by = footing(person, at=at)
    with transaction.atomic():
        append(
            at=at,
            by=by.actor,
            action=action,
            clause=Clause.IV_h,
            subject=f"person:{person.pk}",
            details={"reason": reason} if reason else {},
            policy=by.policy.stamp,
        )


def may_have_new_secrets(person: Person) -> Decision:
    """Decide whether somebody else makes a person's secrets anew: not those that lie in an envelope, nor any of a server."""
    if is_sealed(person):
        return Refused(Clause.IV_h, "The secrets of the sealed account are made on its own page: seal it anew.")
    return is_somebody(person)


def is_somebody(person: Person) -> Decision:
    """Refuse the account of a partner's server: nobody signs in to it, and it holds nothing."""
    machine = Refused(Clause.IV_h, "This is the account of another department's server: nobody signs in to it.")
    return machine if hasattr(person, "partner") else Allowed()


def password_changed(person: Person, *, at: datetime) -> None:
    """Log that a person has set their own password; whatever somebody else chose for them is over."""
    with transaction.atomic():
        own_password(person)
        record(person, Action.PASSWORD_CHANGED, at=at)


def record_failure(username: str, *, at: datetime) -> None:
    """Log a failed sign-in; the name typed is sealed, since people type passwords into the wrong field."""
    with transaction.atomic():
        append(
            at=at,
            by=SYSTEM,
            action=Action.SIGN_IN_FAILED,
            outcome=Outcome.FAILED,
            clause=Clause.IV_h,
            sealed={"typed": username[:60]},
        )


def may_release(by: Footing) -> Decision:
    """Decide whether somebody releases locked accounts: the LPR Administrator (AC-7); while the policy names none, whoever
    governs."""
    named = by.policy.positions(_ADMINISTRATOR)
    return has_duty(by.authority, by.policy, _ADMINISTRATOR) if named else may_govern(by)


def release_account(by: Footing, person: Person) -> None:
    """Release an account that five failures have locked."""
    subject = f"person:{person.pk}"
    by.demand(may_release(by), attempted=Action.ACCOUNT_RELEASED, subject=subject)
    with transaction.atomic():
        unlock(person)
        append(
            at=by.at,
            by=by.actor,
            action=Action.ACCOUNT_RELEASED,
            clause=Clause.IV_h,
            subject=subject,
            policy=by.policy.stamp,
        )


def unlock(person: Person) -> None:
    """Forget the failed sign-ins of an account, inside the caller's transaction."""
    reset(username=person.username.lower())


def failures_count_since(*, at: datetime) -> datetime:
    """Return since when failed sign-ins count: ever, until somebody releases the account. Before a policy is in force there
    may be one account alone, which nobody could release: those of the last 15 minutes."""
    return _EVER if version_in_force(at=at) else at - _WEARS_OFF


def is_locked(person: Person, *, at: datetime) -> bool:
    """Say whether failed sign-ins, from wherever, have locked an account."""
    since = failures_count_since(at=at)
    attempts = AccessAttempt.objects.filter(username=person.username.lower(), attempt_time__gt=since)
    failures: int = attempts.aggregate(failures=Sum("failures_since_start", default=0))["failures"]
    return failures >= int(settings.AXES_FAILURE_LIMIT)


def has_ended(person: Person, *, at: datetime) -> bool:
    """Say whether a temporary account's last day is past."""
    return person.ends_at is not None and person.ends_at <= at


def open_sessions(person: Person) -> int:
    """Return how many sessions of a person are open."""
    keys = UserSession.objects.filter(user=person).values("session_key")
    return Session.objects.filter(session_key__in=keys).count()


def end_sessions(person: Person) -> int:
    """End every session of a person, inside the caller's transaction; return how many."""
    keys = list(UserSession.objects.filter(user=person).values_list("session_key", flat=True))
    UserSession.objects.filter(user=person).delete()
    return Session.objects.filter(session_key__in=keys).delete()[0]


def forget_sessions(*, at: datetime) -> None:
    """Forget the sessions whose time is over, which nobody ended: whoever signed in when is in the ledger."""
    Session.objects.filter(expire_date__lt=at).delete()
    UserSession.objects.filter(~Exists(Session.objects.filter(session_key=OuterRef("session_key")))).delete()
