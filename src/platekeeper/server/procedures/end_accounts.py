"""Temporary accounts end by themselves (IV.h)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import set_active
from platekeeper.server.personnel.lookups import accounts_ended_by
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.sign_in import end_sessions


def end_accounts(*, at: datetime) -> int:
    """Disable accounts whose time is over, ending their sessions; return how many."""
    ended = list(accounts_ended_by(at))
    for person in ended:
        with transaction.atomic():
            set_active(person, active=False, at=at)
            end_sessions(person)
            append(
                at=at,
                by=SYSTEM,
                action=Action.PERSON_CHANGED,
                clause=Clause.IV_h,
                subject=f"person:{person.pk}",
                details={"active": False, "reason": "temporary account ended"},
                policy=in_force(at=at).stamp,
            )
    return len(ended)
