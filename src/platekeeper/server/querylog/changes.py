"""The only writer of the Query Log, and of the requests for searches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F

from platekeeper.core.rules.decision import Refused
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep


def enter(
    *,
    by: Person,
    at: datetime,
    terms: dict[str, Any],
    purpose: str,
    offence: str,
    case_number: str,
    justification: str,
    requestor: str,
    requestor_agency: str,
    policy: tuple[int, str],
    refusal: Refused | None = None,
) -> QueryLogEntry:
    """Enter a query before it runs, or one that is refused and never will."""
    return QueryLogEntry.objects.create(
        by=by,
        agency=by.agency.name,
        requestor=requestor[:120],
        requestor_agency=requestor_agency[:120],
        begun_at=at,
        ended_at=at if refusal is not None else None,
        terms=terms,
        purpose=purpose,
        offence=offence[:80],
        case_number=case_number[:40],
        justification=justification[:400],
        state=QueryLogEntry.State.REFUSED if refusal is not None else QueryLogEntry.State.BEGUN,
        clause=refusal.clause.number if refusal is not None else "",
        refusal=refusal.reason[:240] if refusal is not None else "",
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def end(entry: QueryLogEntry, *, state: QueryLogEntry.State, at: datetime, found: int | None) -> None:
    """Complete an entry, or mark it failed."""
    QueryLogEntry.objects.filter(pk=entry.pk, state=QueryLogEntry.State.BEGUN).update(
        state=state, ended_at=at, found=found, pages=1 if found is not None else 0
    )
    entry.refresh_from_db()


def count_page(entry: QueryLogEntry, *, found: int) -> None:
    """Count another page of results shown."""
    QueryLogEntry.objects.filter(pk=entry.pk).update(pages=F("pages") + 1, found=F("found") + found)


def ask(*, at: datetime, entered_by: Person, policy: tuple[int, str], **asked: Any) -> SearchRequest:
    """Record that somebody asks for a search; `asked` are the other fields of `SearchRequest`."""
    return SearchRequest.objects.create(
        asked_at=at, entered_by=entered_by, policy_number=policy[0], policy_digest=policy[1], **asked
    )


def hold(request: SearchRequest) -> None:
    """Let nobody else take a step on a request until the caller's transaction ends."""
    request.refresh_from_db(from_queryset=SearchRequest.objects.select_for_update())


def add_step(
    request: SearchRequest, *, kind: SearchStep.Kind, at: datetime, by: Person, policy: tuple[int, str], **told: Any
) -> SearchStep:
    """Add a step; `told` are the other fields of `SearchStep`. The database refuses a second end."""
    return SearchStep.objects.create(
        request=request, kind=kind, at=at, by=by, policy_number=policy[0], policy_digest=policy[1], **told
    )
