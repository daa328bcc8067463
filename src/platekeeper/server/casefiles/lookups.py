"""Read case files, and the requests for records."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from platekeeper.core.rules.cases import CaseFacts
from platekeeper.core.rules.requests import RequestFacts
from platekeeper.server.casefiles.models import CaseFile, Preserved, RecordsRequest, RequestStep

ANSWERS = frozenset({"granted", "in_part", "denied", "nothing", "withdrawn"})
"""The steps that end a request."""


def cases(*, number: str = "") -> QuerySet[CaseFile]:
    """Return the cases, the newest first, with how much each preserves; a number, or a part of one, narrows them."""
    found = CaseFile.objects.filter(number__icontains=number) if number else CaseFile.objects.all()
    return found.select_related("opened_by").annotate(count=Count("preserved")).order_by("-opened_at", "-pk")


def facts_of(case: CaseFile) -> CaseFacts:
    """Return a case as the rules judge it."""
    return CaseFacts(
        opened_on=case.opened_on,
        is_felony=case.is_felony,
        offence_class=case.offence_class,
        arrested_on=case.arrested_on,
        disposed_on=case.disposed_on,
        directed_until=case.directed_until,
        sealed=case.sealed_on is not None,
        ended=case.ended_at is not None,
        asked_for=waiting().filter(case=case).exists(),
    )


def preserved_of(case: CaseFile) -> QuerySet[Preserved]:
    """Return what a case preserves, the oldest first."""
    return case.preserved.select_related("preserved_by", "image")


def cases_of(key: str) -> QuerySet[CaseFile]:
    """Return the cases that preserve one thing, such as "hit:12"."""
    return CaseFile.objects.filter(preserved__key=key)


def requests() -> QuerySet[RecordsRequest]:
    """Return every request for records with its steps, the one due first first."""
    steps = Prefetch("steps", RequestStep.objects.select_related("by"))
    return RecordsRequest.objects.select_related("case", "recorded_by").prefetch_related(steps)


def waiting() -> QuerySet[RecordsRequest]:
    """Return the requests that wait for an answer."""
    answer = RequestStep.objects.filter(request=OuterRef("pk"), kind__in=ANSWERS)
    return requests().filter(~Exists(answer))


def request_facts(request: RecordsRequest) -> RequestFacts:
    """Return a request as the rules judge it: the last extension counts."""
    steps = list(request.steps.all())
    extended = [step.due_on for step in steps if step.due_on is not None]
    return RequestFacts(
        due_on=extended[-1] if extended else request.due_on,
        of_a_case=request.case_id is not None,
        handed_over=any(step.kind == RequestStep.Kind.PACKET for step in steps),
        answered=any(step.kind in ANSWERS for step in steps),
    )
