"""The managing position looks at payloads that were not understood, and closes them (VI.j)."""

from __future__ import annotations

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.reads import changes, lookups
from platekeeper.server.reads.models import DeadLetter

DUTY = "VI.j.manager"


def open_letter(by: Footing, letter_id: int) -> DeadLetter:
    """Return one dead letter for reading; the view is logged first, since a payload may name a plate.

    Raises `DeadLetter.DoesNotExist`.
    """
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.DEAD_LETTER_VIEWED, subject=_subject(letter_id))
    letter = lookups.dead_letters(open_only=False).get(pk=letter_id)
    with transaction.atomic():
        append(
            at=by.at,
            by=by.actor,
            action=Action.DEAD_LETTER_VIEWED,
            clause=Clause.VI_j,
            subject=_subject(letter_id),
            policy=by.policy.stamp,
        )
    return letter


def close_letter(by: Footing, letter_id: int, *, remark: str) -> None:
    """Close a dead letter with a remark that says what was done about it."""
    by.demand(
        has_duty(by.authority, by.policy, DUTY),
        _says_what(remark),
        attempted=Action.DEAD_LETTER_CLOSED,
        subject=_subject(letter_id),
    )
    with transaction.atomic():
        if not changes.close_dead_letter(letter_id, at=by.at, by=by.person.pk, remark=remark.strip()):
            return  # somebody was quicker; theirs stands
        append(
            at=by.at,
            by=by.actor,
            action=Action.DEAD_LETTER_CLOSED,
            clause=Clause.VI_j,
            subject=_subject(letter_id),
            sealed={"remark": remark.strip()},
            policy=by.policy.stamp,
        )


def _says_what(remark: str) -> Decision:
    return Allowed() if remark.strip() else Refused(Clause.VI_j, "Say what was done about this payload.")


def _subject(letter_id: int) -> str:
    return f"dead-letter:{letter_id}"
