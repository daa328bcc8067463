"""Workstations that do not lock: in a patrol vehicle or a dispatch room, named and for a time (IV.h; CJIS AC-11)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import guarding
from platekeeper.server.personnel.lookups.guarding import workstation_of
from platekeeper.server.personnel.models import Workstation
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern

LONGEST = timedelta(days=365)


def name_workstation(by: Footing, *, name: str, why: str, days: int) -> tuple[Workstation, str]:
    """Name the workstation that somebody sits at; return it and what its browser keeps, which is stored nowhere else.

    Its sessions still end twelve hours after the sign-in, and every sign-in asks for a second factor: CJIS exempts a
    secure place from the lock alone.
    """
    unsaid = Refused(Clause.IV_h, "Say which workstation it is, where it stands, and why nobody else gets at it.")
    long = Refused(Clause.IV_h, f"A workstation is named for at most {LONGEST.days} days.")
    by.demand(
        may_govern(by),
        Allowed() if name.strip() and why.strip() else unsaid,
        Allowed() if timedelta(0) < timedelta(days=days) <= LONGEST else long,
        attempted=Action.WORKSTATION_NAMED,
    )
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        named = guarding.name_workstation(
            name=name.strip(), why=why.strip(), token_hash=_hash(token), until=by.at + timedelta(days=days),
            at=by.at, by=by.person,
        )  # fmt: skip
        _log(by, Action.WORKSTATION_NAMED, named)
    return named, token


def end_workstation(by: Footing, workstation: Workstation) -> None:
    """Let a workstation lock again."""
    by.demand(may_govern(by), attempted=Action.WORKSTATION_ENDED, subject=f"workstation:{workstation.pk}")
    with transaction.atomic():
        if guarding.end_workstation(workstation, at=by.at):
            _log(by, Action.WORKSTATION_ENDED, workstation)


def is_exempt(token: str, *, at: datetime) -> bool:
    """Say whether the workstation whose browser keeps this does not lock."""
    return workstation_of(_hash(token), at=at) is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _log(by: Footing, action: Action, workstation: Workstation) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.IV_h,
        subject=f"workstation:{workstation.pk}",
        details={"name": workstation.name, "why": workstation.why, "until": workstation.until.isoformat()},
        policy=by.policy.stamp,
    )
