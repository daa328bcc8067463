"""How well each LPR reads, counted out of the outcomes of its hits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from platekeeper.core.categories import HitAction
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.reading import LATELY, Reading, reads_well
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import HitStep

_OUTCOMES = HitStep.objects.filter(kind=HitStep.Kind.OUTCOME)
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


def readings(*, at: datetime) -> dict[int, LprReading]:
    """Return how every LPR reads, by its number and in the order of the inventory."""
    ever, lately = _counted(Q()), _counted(Q(at__gt=at - LATELY))
    return {
        lpr.pk: LprReading(lpr, ever.get(lpr.pk, Reading()), lately.get(lpr.pk, Reading())) for lpr in LPR.objects.all()
    }


def reading_badly(*, at: datetime) -> int:
    """Return how many LPRs in service read badly."""
    return sum(each.lpr.in_service and not each.verdict for each in readings(at=at).values())


def _counted(when: Q) -> dict[int, Reading]:
    """Return the counts by LPR: of each alarm its last outcome, repeats left out."""
    later = Exists(_OUTCOMES.filter(hit=OuterRef("hit"), pk__gt=OuterRef("pk")))
    rows = (
        _OUTCOMES.filter(when, ~later, ~_SAYS_NOTHING, hit__repeat_of=None)
        .values("hit__lpr")
        .order_by()
        .annotate(
            worked=Count("pk"),
            misread=Count("pk", filter=Q(outcome=HitStep.Outcome.MISREAD)),
            wrong_state=Count("pk", filter=Q(outcome=HitStep.Outcome.WRONG_STATE)),
        )
    )
    return {row["hit__lpr"]: Reading(row["worked"], row["misread"], row["wrong_state"]) for row in rows}
