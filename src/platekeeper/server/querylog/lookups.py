"""Read the Query Log."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Max, QuerySet

from platekeeper.core.case_numbers import fold
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import Approval, KnownCase, QueryLogEntry

REMEMBERED = 50
"""How many of a person's newest queries a reason is compared with."""


def entries() -> QuerySet[QueryLogEntry]:
    """Return the whole log, newest first."""
    return QueryLogEntry.objects.select_related("by", "approval__decided_by")


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


def earlier_reasons(person: Person, *, but: str) -> list[str]:
    """Return the reasons of a person's newest queries, those of the plate `but` left out."""
    newest = own(person).values_list("terms", "justification")[:REMEMBERED]
    return [justification for terms, justification in newest if terms.get("plate") != but]


def case_known(number: str) -> QueryLogEntry.CaseKnown:
    """Say whether a case or call number is on the department's list, or is that of a case file."""
    if CaseFile.objects.filter(number=number.strip()).exists():
        return QueryLogEntry.CaseKnown.YES
    if not KnownCase.objects.exists():
        return QueryLogEntry.CaseKnown.NO_LIST
    listed = KnownCase.objects.filter(folded=fold(number)).exists()
    return QueryLogEntry.CaseKnown.YES if listed else QueryLogEntry.CaseKnown.NO


def known_cases() -> tuple[int, datetime | None]:
    """Return how many numbers are on the list, and when it was last added to."""
    found = KnownCase.objects.aggregate(count=Count("pk"), listed_at=Max("listed_at"))
    return found["count"], found["listed_at"]


def waiting(kind: Approval.Kind) -> QuerySet[Approval]:
    """Return what waits for a second person's word, the oldest first."""
    return Approval.objects.filter(kind=kind, decided_at=None).select_related("entry__by")


def to_run(person: Person, *, since: datetime) -> QuerySet[QueryLogEntry]:
    """Return a person's own queries approved after `since` and not run yet."""
    return own(person).filter(state=QueryLogEntry.State.APPROVED, approval__decided_at__gte=since)
