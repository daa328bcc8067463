"""Temporary accounts end by themselves, and so do accounts that nobody uses (IV.h; CJIS AC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import set_active
from platekeeper.server.personnel.lookups import accounts_ended_by, accounts_unused_since, holders
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.draft_policy import AUTHORITY
from platekeeper.server.procedures.sign_in import end_sessions

UNUSED = timedelta(days=90)


def end_accounts(*, at: datetime, clock_in_doubt: bool = False) -> int:
    """Disable accounts whose time is over or that nobody signs in to, ending their sessions; return how many.

    While the clock is in doubt no account counts as unused.
    """
    ended = 0
    for person in list(accounts_ended_by(at)):
        _end(person, at=at, reason="temporary account ended")
        ended += 1
    for person in () if clock_in_doubt else _unused(at):
        _end(person, at=at, reason=f"not used for {UNUSED.days} days")
        ended += 1
    return ended


def unused(*, at: datetime) -> int:
    """Return how many active accounts nobody has signed in to for as long as lets them end."""
    return accounts_unused_since(at - UNUSED).count()


def _unused(at: datetime) -> Iterator[Person]:
    """Return unused accounts, but for the last one that could enable another."""
    policy = in_force(at=at)
    today = at.astimezone(policy.zone).date()
    for person in accounts_unused_since(at - UNUSED):
        governing = holders(policy.positions(AUTHORITY), at=at, today=today)
        if governing.exclude(pk=person.pk).exists():
            yield person


def _end(person: Person, *, at: datetime, reason: str) -> None:
    with transaction.atomic():
        set_active(person, active=False, at=at)
        end_sessions(person)
        append(
            at=at,
            by=SYSTEM,
            action=Action.PERSON_CHANGED,
            clause=Clause.IV_h,
            subject=f"person:{person.pk}",
            details={"active": False, "reason": reason},
            policy=in_force(at=at).stamp,
        )
