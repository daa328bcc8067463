"""An identity of the department's own provider is linked to an account that exists; none is ever made by it (IV.h)."""

from __future__ import annotations

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.sign_in import end_sessions, may_have_new_secrets, record
from platekeeper.server.storage.holding import hold


def person_named(field: str, value: str) -> Person | None:
    """Return the one active account whose login name or e-mail this is, in any case; None for none or several, and for
    those that no provider opens: sealed ones, and those of partners' servers."""
    name = value.strip()
    if field not in {"username", "email"} or not name:
        return None
    found = list(Person.objects.filter(**{f"{field}__iexact": name}, is_active=True)[:2])
    # Compared once more: a database holds \u017f for an S, too.
    if len(found) != 1 or str(getattr(found[0], field)).lower() != name.lower():
        return None
    return found[0] if may_have_new_secrets(found[0]) else None


def identities_of(person: Person) -> dict[str, datetime]:
    """Return by which providers somebody is known, and since when."""
    return dict(SocialAccount.objects.filter(user=person).order_by("pk").values_list("provider", "date_joined"))


def may_link(person: Person, *, provider: str) -> Decision:
    """Decide whether an identity is linked, inside the transaction that does: of two at once the second is refused.

    A provider may give a name that somebody had to somebody else; that is another identity, and gets nobody's account.
    """
    hold(person)
    known = provider in identities_of(person)
    return Refused(Clause.IV_h, "Another identity of this provider is linked to this account.") if known else Allowed()


def linked(person: Person, *, provider: str, at: datetime) -> None:
    """Log that an account was linked; a first password that somebody else made opens it no longer."""
    with transaction.atomic():
        if person.must_set_password:
            changes.set_password(person, stored_password=make_password(None), must_set_password=False)
        record(person, Action.IDENTITY_LINKED, at=at, reason=provider)


def not_linked(person: Person, refusal: Refused, *, provider: str, at: datetime) -> None:
    """Log that an identity was refused, inside the caller's transaction: who came is nobody known."""
    append(
        at=at,
        by=SYSTEM,
        action=Action.ACTION_REFUSED,
        outcome=Outcome.REFUSED,
        clause=refusal.clause,
        subject=f"person:{person.pk}",
        details={"attempted": Action.IDENTITY_LINKED.value, "reason": refusal.reason, "provider": provider},
        policy=in_force(at=at).stamp,
    )


def unlink(by: Footing, *, person: Person) -> None:
    """Unlink somebody's identities and end their sessions; the next one that the provider names so is linked anew."""
    subject = f"person:{person.pk}"
    by.demand(may_govern(by), attempted=Action.IDENTITY_UNLINKED, subject=subject)
    with transaction.atomic():
        known = sorted(identities_of(person))
        if not known:
            return
        SocialAccount.objects.filter(user=person).delete()
        append(
            at=by.at,
            by=by.actor,
            action=Action.IDENTITY_UNLINKED,
            clause=Clause.IV_h,
            subject=subject,
            details={"providers": known, "sessions_ended": end_sessions(person)},
            sealed={"person": person.name},
            policy=by.policy.stamp,
        )
