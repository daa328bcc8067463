"""Read case files, and the requests for records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Substr

from platekeeper.core.rules.cases import CaseFacts
from platekeeper.core.rules.requests import RequestFacts
from platekeeper.server.casefiles.models import CaseFile, Preserved, RecordsRequest, RequestStep
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.lookups import of_subject

LATER = "later:"
"""So begins the key of a copy of what went on since the case copied it: the thing's own follows, and a part of its hash."""
ANSWERS = frozenset({"granted", "in_part", "denied", "nothing", "withdrawn"})
"""The steps that end a request, until it is taken up again."""
_SAYING = ANSWERS | {RequestStep.Kind.REOPENED.value}
"""The steps of which the last says whether a request is answered."""


def cases(*, number: str = "") -> QuerySet[CaseFile]:
    """Return the cases, the newest first, with how much each preserves; a number, or a part of one, narrows them."""
    found = CaseFile.objects.filter(number__icontains=number) if number else CaseFile.objects.all()
    count = Count("preserved", filter=Q(preserved__set_aside_at=None))
    return found.select_related("opened_by").annotate(count=count).order_by("-opened_at", "-pk")


def facts_of(case: CaseFile) -> CaseFacts:
    """Return a case as the rules judge it."""
    return CaseFacts(
        opened_on=case.opened_on,
        is_felony=case.is_felony,
        offense_class=case.offense_class,
        arrested_on=case.arrested_on,
        disposed_on=case.disposed_on,
        directed_until=case.directed_until,
        sealed=case.sealed_on is not None,
        ended=case.ended_at is not None,
        asked_for=waiting().filter(case=case).exists(),
    )


def preserved(*, at: Any = None) -> QuerySet[Preserved]:
    """Return what cases preserve, or had preserved at a moment: what was set aside is left out."""
    if at is None:
        return Preserved.objects.filter(set_aside_at=None)
    return kept_by(at).filter(preserved_at__lte=at)


def kept_by(moment: Any) -> QuerySet[Preserved]:
    """Return the copies that were not set aside by a moment; those made since are among them."""
    return Preserved.objects.filter(Q(set_aside_at=None) | Q(set_aside_at__gt=moment))


def keys_in(case: CaseFile) -> set[str]:
    """Return of what a case preserves the keys."""
    return set(preserved().filter(case=case).values_list("key", flat=True))


def copies_of(case: CaseFile, key: str) -> QuerySet[Preserved]:
    """Return every copy of one thing that a case preserves: as it was first, and as it went on since, the oldest first."""
    return preserved().filter(Q(key=key) | Q(key__startswith=f"{LATER}{key}."), case=case).order_by("pk")


def thing_of(key: str) -> str:
    """Return what a copy is of, such as "hit:12", by its key, which says of a later one that it is."""
    return key.removeprefix(LATER).rpartition(".")[0] if key.startswith(LATER) else key


def preserved_of(case: CaseFile) -> QuerySet[Preserved]:
    """Return what was copied into a case with its images, the oldest first."""
    return case.preserved.select_related("preserved_by", "image")


def listed_of(case: CaseFile) -> QuerySet[Preserved]:
    """Return it for a list: without what was copied, which a directive may make more of than a page can load."""
    return case.preserved.select_related("preserved_by", "set_aside_by").defer("content")


def cases_of(key: str) -> QuerySet[CaseFile]:
    """Return the cases that preserve one thing, such as "hit:12"; sealed ones are left out."""
    return CaseFile.objects.filter(preserved__key=key, preserved__set_aside_at=None, sealed_on=None)


def subject_of(case: CaseFile) -> str:
    """Return what the ledger calls a case."""
    return f"case:{case.pk}"


def sealed_subjects() -> set[str]:
    """Return what the ledger calls the sealed cases, and the requests for their records: for their keeper alone to read."""
    cases = CaseFile.objects.exclude(sealed_on=None).values_list("pk", flat=True)
    asked = RecordsRequest.objects.exclude(case__sealed_on=None).filter(case__isnull=False).values_list("pk", flat=True)
    return {f"case:{number}" for number in cases} | {f"request:{number}" for number in asked}


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet that was handed out: by whom, when, to whom and why, as far as that is still known."""

    person: int
    at: datetime
    to: str
    why: str


def packets_of(case: CaseFile) -> list[Sent]:
    """Return the packets of a case that may have been handed out, the newest first; the ledger knows."""
    exports = of_subject(subject_of(case)).filter(action=Action.PACKET_EXPORTED)
    failed = {entry.content()["details"]["begun"] for entry in exports.filter(outcome=Outcome.FAILED)}
    begun = exports.filter(outcome=Outcome.BEGUN).exclude(pk__in=failed).order_by("-pk")
    sealed = ((entry, {each.field: each.value for each in entry.openings.all()}) for entry in begun)
    return [Sent(entry.person, entry.at, fields.get("to", ""), fields.get("why", "")) for entry, fields in sealed]


def numbers_of(kept: QuerySet[Preserved], prefix: str) -> QuerySet[Preserved, Any]:
    """Return the numbers of what was copied under a prefix, such as "hit:": as one list, since a key alone has no index."""
    named = kept.filter(key__startswith=prefix).order_by()
    return named.annotate(number=Cast(Substr("key", len(prefix) + 1), BigIntegerField())).values("number")


def requests() -> QuerySet[RecordsRequest]:
    """Return every request for records with its steps."""
    steps = Prefetch("steps", RequestStep.objects.select_related("by"))
    return RecordsRequest.objects.select_related("case", "recorded_by").prefetch_related(steps)


def _last_step(*, at: Any = None) -> QuerySet[RequestStep]:
    """Return the steps of a request of the query around it, by `at` or by now, the last first."""
    return RequestStep.objects.filter(Q() if at is None else Q(at__lte=at), request=OuterRef("pk")).order_by("-pk")


def waiting(*, at: Any = None) -> QuerySet[RecordsRequest]:
    """Return the requests that wait for an answer, by `at` or by now, the one due first first: the last day given counts."""
    steps = _last_step(at=at)
    said = Subquery(steps.filter(kind__in=_SAYING).values("kind")[:1])
    moved = Subquery(steps.exclude(due_on=None).values("due_on")[:1])
    known = Q() if at is None else Q(recorded_at__lte=at)
    open_ones = requests().alias(said=said).filter(known, Q(said=None) | Q(said=RequestStep.Kind.REOPENED))
    return open_ones.annotate(due=Coalesce(moved, "due_on")).order_by("due", "pk")


def answered() -> QuerySet[RecordsRequest]:
    """Return the requests that are answered, the last first."""
    said = _last_step().filter(kind__in=_SAYING)
    found = requests().alias(said=Subquery(said.values("kind")[:1]), said_at=Subquery(said.values("at")[:1]))
    return found.filter(said__in=ANSWERS).order_by("-said_at", "-pk")


def overdue(*, today: Any, at: Any = None) -> QuerySet[RecordsRequest]:
    """Return those of them whose day is over."""
    return waiting(at=at).filter(Q(due__lt=today))


def request_facts(request: RecordsRequest) -> RequestFacts:
    """Return a request as the rules judge it: of what its steps say the last counts."""
    steps = list(request.steps.all())
    moved = [step.due_on for step in steps if step.due_on is not None]
    said = [step.kind for step in steps if step.kind in _SAYING]
    return RequestFacts(
        received_on=request.received_on,
        due_on=moved[-1] if moved else request.due_on,
        of_a_case=request.case_id is not None,
        handed_over=any(step.kind == RequestStep.Kind.PACKET for step in steps),
        answered=bool(said) and said[-1] in ANSWERS,
    )
