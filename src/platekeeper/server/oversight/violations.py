"""Read violations. How far one is follows from its steps."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from platekeeper.core.rules.violations import Step, ViolationFacts
from platekeeper.server.oversight.lookups import stopping
from platekeeper.server.oversight.models import Violation, ViolationStep
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.requests import wished


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
    return ViolationFacts(
        is_own=is_own(violation, person),
        founded=assessed[-1] == Step.FOUNDED if assessed else None,
        measures=kinds.count(Step.MEASURE),
        closed=Step.CLOSED in kinds,
    )


def is_own(violation: Violation, person: Person) -> bool:
    """Say whether it is about somebody: who is named, who made the query that it was found in or asked for it, or who made
    the stop that was complained of."""
    query, complaint = violation.item and violation.item.entry, violation.complaint
    return bool(
        person.pk == violation.about_id
        or (query and (query.by_id == person.pk or wished(person, [query.pk])))
        or (complaint and person.pk in stopping(complaint))
    )
