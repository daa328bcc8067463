"""Second factors (IV.h; CJIS IA-2): that one was added, taken off or lost is a ledger entry."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.sign_in import end_sessions, may_have_new_secrets, record


def factor_changed(person: Person, factor: Authenticator, action: Action, *, at: datetime) -> None:
    """Log that a person has added, renewed or taken off a second factor of their own."""
    record(person, action, at=at, reason=str(factor.type))


def has_other_factor(factor: Authenticator) -> bool:
    """Say whether its owner keeps another second factor without this one; recovery codes are none."""
    others = Authenticator.objects.filter(user_id=factor.user_id).exclude(pk=factor.pk)
    return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def reset_factors(by: Footing, *, person: Person) -> None:
    """Take off every second factor of somebody who has lost theirs, and end their sessions; they set one up anew."""
    own = Refused(Clause.IV_h, "Somebody else takes your second factors off.")
    subject = f"person:{person.pk}"
    by.demand(
        may_govern(by),
        own if person.pk == by.person.pk else Allowed(),
        may_have_new_secrets(person),
        attempted=Action.SECOND_FACTORS_RESET,
        subject=subject,
    )
    with transaction.atomic():
        removed = Authenticator.objects.filter(user=person).delete()[0]
        append(
            at=by.at,
            by=by.actor,
            action=Action.SECOND_FACTORS_RESET,
            clause=Clause.IV_h,
            subject=subject,
            details={"removed": removed, "sessions_ended": end_sessions(person)},
            sealed={"person": person.name},
            policy=by.policy.stamp,
        )
