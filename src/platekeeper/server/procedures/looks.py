"""Looks at LPR data are logged before it is shown; what somebody goes on watching, once in a working day (IV.h, VI.b)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import Footing

LASTS = timedelta(hours=12)
"""How long one leaf covers what is looked at again: a live list's polls, the pictures of a page."""


def is_logged(by: Footing, action: Action, *, subject: str) -> bool:
    """Say whether this person's look at something is in the ledger already, not longer ago than `LASTS`."""
    # by subject and time alone: with another indexed column the database may choose the wrong index
    leaves = LedgerEntry.objects.filter(subject=subject, at__gte=by.at - LASTS).order_by()
    return (by.person.pk, action) in leaves.values_list("person", "action").iterator()


def log_look(by: Footing, action: Action, *, subject: str, clause: Clause) -> None:
    """Log a look unless it is logged already."""
    if is_logged(by, action, subject=subject):
        return
    with transaction.atomic():
        append(at=by.at, by=by.actor, action=action, clause=clause, subject=subject, policy=by.policy.stamp)
