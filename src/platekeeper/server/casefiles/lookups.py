"""Read case files."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from platekeeper.core.rules.cases import CaseFacts
from platekeeper.server.casefiles.models import CaseFile, Preserved


def cases() -> QuerySet[CaseFile]:
    """Return every case, the newest first, with how much it preserves."""
    return CaseFile.objects.select_related("opened_by").annotate(count=Count("preserved"))


def facts_of(case: CaseFile) -> CaseFacts:
    """Return a case as the rules judge it."""
    return CaseFacts(
        opened_on=case.opened_on,
        is_felony=case.is_felony,
        offence_class=case.offence_class,
        arrested_on=case.arrested_on,
        disposed_on=case.disposed_on,
        directed_until=case.directed_until,
    )


def preserved_of(case: CaseFile) -> QuerySet[Preserved]:
    """Return what a case preserves, the oldest first."""
    return case.preserved.select_related("preserved_by", "image")


def cases_of(key: str) -> QuerySet[CaseFile]:
    """Return the cases that preserve one thing, such as "hit:12"."""
    return CaseFile.objects.filter(preserved__key=key)
