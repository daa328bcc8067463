"""Read the Query Log."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry


def entries() -> QuerySet[QueryLogEntry]:
    """Return the whole log, newest first."""
    return QueryLogEntry.objects.select_related("by")


def own(person: Person) -> QuerySet[QueryLogEntry]:
    """Return a person's own queries, newest first."""
    return entries().filter(by=person)


def filtered(
    *,
    person: str = "",
    case_number: str = "",
    state: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[QueryLogEntry]:
    """Return the entries an auditor asks for; what is left empty does not narrow."""
    found = entries()
    if person:
        found = found.filter(by__name__icontains=person)
    if case_number:
        found = found.filter(case_number__icontains=case_number)
    if state:
        found = found.filter(state=state)
    if since:
        found = found.filter(begun_at__gte=since)
    if until:
        found = found.filter(begun_at__lt=until)
    return found
