"""What members did on a unit in the field is in the ledger once the unit tells it: look-ups, steps on alarms.

Who did it is what was typed on the unit, so it is recorded as the unit's word, not as a member's own act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.reads import storable
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append, stand_in_line
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.lookups import in_force

CLAUSES = {"look_up": Clause.VII_g, "step": Clause.VII_e}
"""The kinds of act, and the clause of each."""


@dataclass(frozen=True, slots=True)
class UnitAct:
    """An act as the unit tells it; `uid` is its number, `at` by the unit's reckoning, `said` the reason or the step."""

    uid: str
    at: datetime
    kind: str
    member: str
    plate: str
    said: str


def record_unit_acts(lpr: LPR, acts: Sequence[UnitAct], *, at: datetime) -> None:
    """Put each act into the ledger once, however often it is told. Raises KeyError for a kind that there is not."""
    policy = in_force(at=at)
    for act in acts:
        subject = f"unit-act:{act.uid}"
        with transaction.atomic():
            stand_in_line()  # it may be told once more at this moment
            if LedgerEntry.objects.filter(action=Action.UNIT_ACT, subject=subject).exists():
                continue
            append(
                at=at, by=SYSTEM, action=Action.UNIT_ACT, clause=CLAUSES[act.kind], subject=subject,
                details={"lpr": lpr.pk, "kind": act.kind, "at": act.at.isoformat()},
                sealed={"plate": storable(act.plate), "member": storable(act.member), "said": storable(act.said)},
                policy=policy.stamp,
            )  # fmt: skip
