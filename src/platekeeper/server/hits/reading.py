"""How well each LPR reads, counted out of the outcomes of its hits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from platekeeper.core.categories import HitAction
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.reading import LATELY, Reading, reads_well
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.lookups import standing_steps
from platekeeper.server.hits.models import HitStep

_SAYS_NOTHING = Q(outcome=HitStep.Outcome.DISMISSED) & ~Q(hit__action=HitAction.SILENT)
"""A hit that was dismissed says nothing of the reading; a look-alike that was is another plate, and was read well."""


@dataclass(frozen=True, slots=True)
class LprReading:
    """How an LPR has read ever, and lately, and what is to be said of it."""

    lpr: LPR
    ever: Reading
    lately: Reading

    @property
    def verdict(self) -> Decision:
        """Whether it reads well."""
        return reads_well(self.ever, self.lately)


def last_outcomes() -> QuerySet[HitStep]:
    """Return of each alarm its last outcome, repeats left out, and what was opened again since."""
    return standing_steps(HitStep.Kind.OUTCOME).filter(hit__repeat_of=None)


def readings(*, at: datetime) -> dict[int, LprReading]:
    """Return how every LPR reads, by its number and in the order of the inventory."""
    return _readings(LPR.objects.all(), at=at, when=Q())


def reading_of(lpr: LPR, *, at: datetime) -> LprReading:
    """Return how one LPR reads."""
    return _readings([lpr], at=at, when=Q(hit__lpr=lpr))[lpr.pk]


def reading_badly(*, at: datetime) -> int:
    """Return how many LPRs in service read badly."""
    return sum(each.lpr.in_service and not each.verdict for each in readings(at=at).values())


def _readings(lprs: Iterable[LPR], *, at: datetime, when: Q) -> dict[int, LprReading]:
    """Return what is counted by LPR: of each alarm its last outcome, repeats left out."""
    counts = {
        f"{name}_{span}": Count("pk", filter=outcome & within)
        for name, outcome in (
            ("worked", Q()), ("misread", Q(outcome=HitStep.Outcome.MISREAD)),
            ("wrong_state", Q(outcome=HitStep.Outcome.WRONG_STATE)),
        )
        for span, within in (("ever", Q()), ("lately", Q(at__gt=at - LATELY)))
    }  # fmt: skip
    worked = last_outcomes().filter(when, ~_SAYS_NOTHING)
    rows: dict[int, Any] = {row["hit__lpr"]: row for row in worked.values("hit__lpr").order_by().annotate(**counts)}

    def reading(lpr: LPR, span: str) -> Reading:
        row = rows.get(lpr.pk, {})
        return Reading(*(row.get(f"{name}_{span}", 0) for name in ("worked", "misread", "wrong_state")))

    return {lpr.pk: LprReading(lpr, reading(lpr, "ever"), reading(lpr, "lately")) for lpr in lprs}
