"""The policy's blanks are filled in a draft, and the draft is adopted by the Chief or Sheriff."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from platekeeper.core.blanks import BLANKS
from platekeeper.core.policy import NO_POLICY, Policy
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.core.rules.retention import periods_agree
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes import ensure_position
from platekeeper.server.policy import changes
from platekeeper.server.policy.lookups import as_policy, draft
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import Footing

AUTHORITY = "signature.authority"
_FIRST = ("III.name", "III.kind", "III.zone", AUTHORITY)


def may_govern(by: Footing) -> Decision:
    """Decide whether this is the authority that signs the policy; before the first adoption its draft says who."""
    return has_duty(by.authority, governing(by.policy), AUTHORITY)


def governing(policy: Policy) -> Policy:
    """Return the policy in force, or before the first adoption the draft that names who may adopt it."""
    first_draft = draft() if policy.number == 0 else None
    return as_policy(first_draft) if first_draft else policy


def fill_blank(by: Footing, *, key: str, value: Any) -> PolicyVersion:
    """Set one blank of the draft; None empties it. Raises `BlankError` when the value does not fit."""
    blank = BLANKS[key]
    by.demand(may_govern(by), attempted=Action.POLICY_DRAFTED, subject=f"blank:{key}")
    checked = None if value is None else blank.checked(value)
    with transaction.atomic():
        version = changes.open_draft(at=by.at)
        changes.fill(version, key=key, value=checked)
        for title in checked if isinstance(checked, list) else ():
            ensure_position(title)
        append(
            at=by.at,
            by=by.actor,
            action=Action.POLICY_DRAFTED,
            clause=blank.clause,
            subject=f"policy:{version.number}",
            details={"blank": key, "value": checked},
            policy=by.policy.stamp if by.policy is not NO_POLICY else None,
        )
    return version


def adopt(by: Footing) -> PolicyVersion:
    """Put the draft in force. What it leaves unfilled goes on refusing what needs it."""
    by.demand(may_govern(by), attempted=Action.POLICY_ADOPTED)
    with transaction.atomic():
        version = changes.open_draft(at=by.at)
        offered = as_policy(version)
    periods = ("VI.k.floor", "VI.k.ceiling")
    agree = periods_agree(*(offered.whole(key) for key in periods)) if offered.needs(*periods) else Allowed()
    by.demand(offered.needs(*_FIRST), agree, attempted=Action.POLICY_ADOPTED, subject=f"policy:{version.number}")
    with transaction.atomic():
        adopted = changes.adopt(version, at=by.at, by=by.person.pk, by_name=by.person.name)
        append(
            at=by.at,
            by=by.actor,
            action=Action.POLICY_ADOPTED,
            clause=BLANKS[AUTHORITY].clause,
            subject=f"policy:{adopted.number}",
            details={"number": adopted.number, "digest": adopted.digest},
            policy=(adopted.number, adopted.digest),
        )
    return adopted
