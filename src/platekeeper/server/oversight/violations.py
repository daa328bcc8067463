"""Read violations. How far one is follows from its steps."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from platekeeper.core.rules.violations import Step, ViolationFacts
from platekeeper.server.oversight.models import Violation, ViolationStep
from platekeeper.server.personnel.models import Person


def violations() -> QuerySet[Violation]:
    """Return every violation, the newest first, with its steps."""
    return Violation.objects.select_related("about", "item__entry").prefetch_related("steps__by")


def open_violations(*, at: datetime | None = None) -> QuerySet[Violation]:
    """Return those without an end, now or at a moment."""
    closed = ViolationStep.objects.filter(violation=OuterRef("pk"), kind=Step.CLOSED)
    found = violations() if at is None else violations().filter(opened_at__lte=at)
    return found.filter(~Exists(closed if at is None else closed.filter(at__lte=at)))


def facts_of(violation: Violation, *, person: Person) -> ViolationFacts:
    """Return how far a violation is, as a person before it meets it."""
    kinds = list(violation.steps.order_by("at", "pk").values_list("kind", flat=True))
    assessed = [kind for kind in kinds if kind in (Step.FOUNDED, Step.UNFOUNDED)]
    made = violation.item.entry.by_id if violation.item else None
    return ViolationFacts(
        is_own=person.pk in (violation.about_id, made),
        founded=assessed[-1] == Step.FOUNDED if assessed else None,
        measures=kinds.count(Step.MEASURE),
        closed=Step.CLOSED in kinds,
    )
