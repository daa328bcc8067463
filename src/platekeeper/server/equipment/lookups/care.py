"""What LPRs are worth, who has them, what is due, and what is asked about them."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from platekeeper.core.rules.inventory import is_due
from platekeeper.server.equipment.models import LPR, Camera, Care, Custody, Papers, TechnicalQuestion


def papers(*, at: datetime) -> dict[int, Papers]:
    """Return by LPR what was said last of its worth."""
    return {each.lpr_id: each for each in Papers.objects.filter(at__lte=at)}


def custody(*, at: datetime) -> dict[int, Custody]:
    """Return by LPR who has it."""
    return {each.lpr_id: each for each in Custody.objects.filter(at__lte=at).select_related("holder")}


def views() -> dict[int, list[int]]:
    """Return by LPR whither its cameras look, in degrees from north; those of a vehicle turn with it and are left out."""
    found: dict[int, list[int]] = {}
    cameras = Camera.objects.filter(removed_at=None).exclude(lpr__kind=LPR.Kind.MOBILE)
    for lpr, direction in cameras.values_list("lpr", "direction"):
        if direction is not None:
            found.setdefault(lpr, []).append(direction)
    return found


def due(*, today: date) -> list[Care]:
    """Return what was to be done again by today, and was not: of each LPR and kind the newest entry says when."""
    newest: dict[tuple[int, str], Care] = {}
    for each in Care.objects.select_related("lpr").order_by("on", "pk"):
        newest[each.lpr_id, each.kind] = each
    found = [each for each in newest.values() if each.lpr.in_service and is_due(each.next_on, today=today)]
    return sorted(found, key=lambda each: each.next_on or today)


def questions() -> QuerySet[TechnicalQuestion]:
    """Return the technical questions, the newest first."""
    return TechnicalQuestion.objects.select_related("lpr", "asked_by", "answered_by").order_by("-asked_at", "-pk")
