"""An identity of the department's own provider is linked to an account that exists; none is ever made by it (IV.h)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel import changes
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.sign_in import may_have_new_secrets, record


def person_named(field: str, value: str) -> Person | None:
    """Return the one active account whose login name or e-mail this is, in any case; None for none or several, and for
    those that no provider opens: sealed ones, and those of partners' servers."""
    if field not in {"username", "email"} or not value.strip():
        return None
    found = list(Person.objects.filter(**{f"{field}__iexact": value.strip()}, is_active=True)[:2])
    return found[0] if len(found) == 1 and may_have_new_secrets(found[0]) else None


def linked(person: Person, *, provider: str, at: datetime) -> None:
    """Log that an account was linked; a first password that somebody else made opens it no longer."""
    with transaction.atomic():
        if person.must_set_password:
            changes.set_password(person, stored_password=make_password(None), must_set_password=False)
        record(person, Action.IDENTITY_LINKED, at=at, reason=provider)
