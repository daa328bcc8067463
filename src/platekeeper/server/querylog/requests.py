"""Read the requests for searches. How far one is follows from its steps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import CharField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from platekeeper.core.rules.search_requests import RUN_WITHIN, Asked, RequestFacts
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep

Kind = SearchStep.Kind
ENDS = (Kind.REFUSED, Kind.ANSWERED, Kind.WITHDRAWN)
"""The steps that close a request."""


def search_requests() -> QuerySet[SearchRequest]:
    """Return every request with its steps, the newest first."""
    steps = Prefetch("steps", SearchStep.objects.select_related("by", "query"))
    return SearchRequest.objects.select_related("asked_by", "entered_by", "agency").prefetch_related(steps)


def asked_of(person: Person) -> QuerySet[SearchRequest]:
    """Return what somebody asked, or entered for somebody else."""
    return search_requests().filter(Q(asked_by=person) | Q(entered_by=person))


def undecided(*, at: datetime) -> QuerySet[SearchRequest]:
    """Return the open requests of which no approval holds: urgent ones first, then by the time that they are needed, then
    by age."""
    return _queued(_open().filter(~_is_approved(at)))


def approved(*, at: datetime) -> QuerySet[SearchRequest]:
    """Return the open requests of which an approval holds, in the same order."""
    return _queued(_open().filter(_is_approved(at)))


def closed() -> QuerySet[SearchRequest]:
    """Return the requests that were refused, answered or withdrawn, the one closed last first."""
    at = Subquery(_steps(*ENDS).values("at")[:1])
    return search_requests().annotate(closed_at=at).filter(closed_at__isnull=False).order_by("-closed_at", "-pk")


def undirected() -> QuerySet[SearchRequest]:
    """Return the open requests of other agencies that were ever approved and whose sharing nobody has directed yet (VI.l)."""
    ever = _open().filter(Exists(_steps(Kind.APPROVED)), ~Exists(_steps(Kind.DIRECTED)))
    return _queued(ever.exclude(agency__is_department=True))


def unread_answers(person: Person) -> QuerySet[SearchRequest]:
    """Return what somebody asked or entered that was answered or refused, and that they have not looked into since."""
    ended_at = Subquery(_steps(Kind.REFUSED, Kind.ANSWERED).values("at")[:1])
    subject = Concat(Value("search:"), Cast(OuterRef("pk"), CharField()))
    seen = LedgerEntry.objects.filter(
        subject=subject, action=Action.SEARCH_REQUEST_VIEWED, person=person.pk, at__gte=OuterRef("ended_at")
    )
    return asked_of(person).annotate(ended_at=ended_at).filter(~Exists(seen), ended_at__isnull=False)


def wished(person: Person, entries: Collection[int]) -> set[int]:
    """Return which queries, by number, answer a request that a person asked or entered."""
    return set(wished_by(person).filter(query__in=entries).values_list("query", flat=True))


def wished_by(person: Person) -> QuerySet[SearchStep]:
    """Return the steps that made a query for a request that a person asked or entered."""
    own = Q(request__asked_by=person) | Q(request__entered_by=person)
    return SearchStep.objects.filter(own, query__isnull=False)


def is_concerned(entry: QueryLogEntry, person: Person) -> bool:
    """Say whether an entry is a person's own, or answers a request that they ran as well."""
    ran = SearchStep.objects.filter(kind=Kind.RUN, by=person, request__steps__query=entry)
    return entry.by_id == person.pk or ran.exists()


def facts_of(request: SearchRequest, *, person: Person) -> RequestFacts:
    """Return how far a request is, as a person before it meets it."""
    steps = list(request.steps.all())
    kinds = {step.kind for step in steps}
    approvals = [step.at for step in steps if step.kind == Kind.APPROVED]
    return RequestFacts(
        is_own=person.pk in {request.asked_by_id, request.entered_by_id},
        mutual_aid=request.mutual_aid,
        agency=request.outside,
        approved_at=approvals[-1] if approvals else None,
        directed=Kind.DIRECTED in kinds,
        ran=any(step.by_id == person.pk and _is_complete(step.query) for step in steps),
        closed=not kinds.isdisjoint(ENDS),
    )


def asked(request: SearchRequest) -> Asked:
    """Return what a request asks for, as the rules judge it."""
    return Asked(
        plate=request.plate, description=request.description, since=request.since, until=request.until,
        purpose=request.purpose, offense=request.offense, case_number=request.case_number,
        justification=request.justification, lprs=frozenset(request.lprs),
    )  # fmt: skip


def runs_of(request: SearchRequest) -> list[QueryLogEntry]:
    """Return the Query Log entries of a request's searches, the oldest first."""
    return [step.query for step in request.steps.select_related("query__by") if step.query is not None]


def _steps(*kinds: SearchStep.Kind) -> QuerySet[SearchStep]:
    return SearchStep.objects.filter(request=OuterRef("pk"), kind__in=kinds)


def _open() -> QuerySet[SearchRequest]:
    return search_requests().filter(~Exists(_steps(*ENDS)))


def _is_approved(at: datetime) -> Exists:
    return Exists(_steps(Kind.APPROVED).filter(at__gt=at - RUN_WITHIN))


def _queued(found: QuerySet[SearchRequest]) -> QuerySet[SearchRequest]:
    return found.order_by("-urgent", F("due_at").asc(nulls_last=True), "asked_at", "pk")


def _is_complete(entry: QueryLogEntry | None) -> bool:
    return entry is not None and entry.state == QueryLogEntry.State.COMPLETED
