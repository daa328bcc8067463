"""Who is asking, judged under which policy: what every procedure begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from platekeeper.core.actor import Actor
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing
from platekeeper.core.rules.decision import Decision, Refused, first_refusal
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append, stand_in_line
from platekeeper.server.personnel.lookups import actor_of, authority_of
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.sharing.lookups import shared_with


class RefusedAction(Exception):
    """An action was refused; the refusal is in the ledger already. Screens show its clause and reason."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Footing:
    """What a procedure stands on: the person, what they are today, and the policy in force."""

    person: Person
    actor: Actor
    authority: Authority
    policy: Policy
    today: date
    at: datetime

    def demand(self, *decisions: Decision, attempted: Action, subject: str = "") -> None:
        """Raise `RefusedAction` at the first refusal, having logged it: a refusal is logged though nothing happens.

        Call it before the transaction of the act begins.
        """
        for decision in decisions:
            if isinstance(decision, Refused):
                self.log_refusal(decision, attempted=attempted, subject=subject)
                raise RefusedAction(decision)

    @contextmanager
    def act(
        self, attempted: Action, *, subject: str = "", twice: Refused | None = None,
        leaves: Callable[[], Decision] | None = None,
    ) -> Iterator[None]:  # fmt: skip
        """Open the transaction of an act. A refusal inside undoes it, and is logged once it is undone.

        `twice` is the refusal where the database finds that the act was done already. `leaves` decides whether what is left
        may be so, once it is done and nobody else can act: somebody may have acted since it was demanded.
        """
        try:
            with transaction.atomic():
                yield
                if leaves is not None:
                    stand_in_line()
                    demanded(leaves())
        except RefusedAction as refused:
            self.log_refusal(refused.refusal, attempted=attempted, subject=subject)
            raise
        except IntegrityError as there:
            if twice is None:
                raise
            self.log_refusal(twice, attempted=attempted, subject=subject)
            raise RefusedAction(twice) from there

    def log_refusal(self, refusal: Refused, *, attempted: Action, subject: str = "") -> None:
        """Log a refusal in a transaction of its own."""
        with transaction.atomic():
            append(
                at=self.at,
                by=self.actor,
                action=Action.ACTION_REFUSED,
                outcome=Outcome.REFUSED,
                clause=refusal.clause,
                subject=subject,
                details={"attempted": attempted.value, "reason": refusal.reason},
                policy=self.policy.stamp,
            )


def demanded(*decisions: Decision) -> None:
    """Raise `RefusedAction` at a refusal that came up within a transaction, which undoes it."""
    decision = first_refusal(*decisions)
    if isinstance(decision, Refused):
        raise RefusedAction(decision)


def footing(person: Person, *, at: datetime, policy: Policy | None = None) -> Footing:
    """Gather what a person is, or was, at `at`, on the department's own calendar day then; `policy` is the one in force
    then, where it is known already."""
    policy = in_force(at=at) if policy is None else policy
    today = at.astimezone(policy.zone).date()
    authority = authority_of(person, at=at, today=today)
    if authority.standing is Standing.OUTSIDE:
        authority = replace(authority, shares=shared_with(person.agency, at=at, zone=policy.zone))
    return Footing(
        person=person,
        actor=actor_of(person, authority),
        authority=authority,
        policy=policy,
        today=today,
        at=at,
    )
