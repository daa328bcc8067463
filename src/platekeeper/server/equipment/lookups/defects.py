"""Find defects of LPRs."""

from __future__ import annotations

from django.db.models import QuerySet

from platekeeper.core.rules.defects import DefectStep
from platekeeper.server.equipment.models import LPR, Defect, DefectNote


def defects() -> QuerySet[Defect]:
    """Return every defect with its steps, the oldest first."""
    return Defect.objects.select_related("lpr").prefetch_related("steps__by")


def open_defects(lpr: LPR | None = None) -> QuerySet[Defect]:
    """Return what is wrong now, with one LPR or with any."""
    found = defects().filter(ended_at=None)
    return found if lpr is None else found.filter(lpr=lpr)


def away_for_repair() -> set[int]:
    """Return the numbers of the LPRs that are in repair."""
    steps = DefectNote.objects.filter(defect__ended_at=None, step=DefectStep.IN_REPAIR)
    return set(steps.values_list("defect__lpr", flat=True))


def in_service(lpr: LPR) -> bool:
    """Say whether an LPR can be used: in service, and not away for repair."""
    return lpr.in_service and lpr.pk not in away_for_repair()
