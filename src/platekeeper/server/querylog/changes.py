"""The only writer of the Query Log, and of the requests for searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from platekeeper.core.rules.decision import Refused
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import (
    Approval,
    CaseCorrection,
    KnownCase,
    QueryLogEntry,
    SearchRequest,
    SearchStep,
)

_AT_ONCE = 500
"""Rows that one statement writes."""


def enter(
    *,
    by: Person,
    at: datetime,
    terms: dict[str, Any],
    purpose: str,
    offense: str,
    case_number: str,
    justification: str,
    requestor: str,
    requestor_agency: str,
    policy: tuple[int, str],
    refusal: Refused | None = None,
    waits: bool = False,
    recipients: str = "",
    case_known: str = "",
    none_prohibited: bool = False,
    exigent: str = "",
    flags: Sequence[str] = (),
) -> QueryLogEntry:
    """Enter a query before it runs, one that waits for approval, or one that is refused and never will."""
    runs = QueryLogEntry.State.WAITING if waits else QueryLogEntry.State.BEGUN
    return QueryLogEntry.objects.create(
        by=by,
        agency=by.agency.name,
        requestor=requestor[:120],
        requestor_agency=requestor_agency[:120],
        begun_at=at,
        ended_at=at if refusal is not None else None,
        terms=terms,
        purpose=purpose,
        offense=offense[:80],
        case_number=case_number[:40],
        justification=justification[:400],
        recipients=recipients[:240],
        case_known=case_known,
        none_prohibited=none_prohibited,
        exigent=exigent[:240],
        flags=list(flags),
        earliest=datetime.fromisoformat(terms["since"]) if "since" in terms else None,
        state=QueryLogEntry.State.REFUSED if refusal is not None else runs,
        clause=refusal.clause.number if refusal is not None else "",
        refusal=refusal.reason[:240] if refusal is not None else "",
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def correct_case(
    entry: QueryLogEntry, *, number: str, known: str, why: str, at: datetime, by: Person
) -> CaseCorrection:
    """Say under which case or call number a query belongs, beside the one that it was made under."""
    return CaseCorrection.objects.create(entry=entry, number=number, known=known, why=why, at=at, by=by)


def begin(entry: QueryLogEntry, *, at: datetime, policy: tuple[int, str]) -> bool:
    """Begin an approved query; say whether it was still to begin."""
    begun = QueryLogEntry.objects.filter(pk=entry.pk, state=QueryLogEntry.State.APPROVED).update(
        state=QueryLogEntry.State.BEGUN, begun_at=at, policy_number=policy[0], policy_digest=policy[1]
    )
    entry.refresh_from_db()
    return bool(begun)


def ask_for_approval(entry: QueryLogEntry, *, kind: Approval.Kind, at: datetime) -> Approval:
    """Put a query before a second person."""
    return Approval.objects.create(entry=entry, kind=kind, asked_at=at)


def decide(approval: Approval, *, granted: bool, remark: str, at: datetime, by: Person) -> bool:
    """Enter a second person's word; say whether nobody else was first. A query that waited is approved or denied."""
    first = Approval.objects.filter(pk=approval.pk, decided_at=None).update(
        granted=granted, remark=remark[:240], decided_at=at, decided_by=by
    )
    if first and approval.kind == Approval.Kind.BEFORE:
        state = QueryLogEntry.State.APPROVED if granted else QueryLogEntry.State.DENIED
        QueryLogEntry.objects.filter(pk=approval.entry_id, state=QueryLogEntry.State.WAITING).update(state=state)
    approval.refresh_from_db()
    return bool(first)


def list_cases(numbers: Mapping[str, str], *, replace: bool, at: datetime) -> None:
    """Enter numbers by how they are compared, in place of all others or besides them."""
    if replace:
        KnownCase.objects.all().delete()
    KnownCase.objects.bulk_create(
        (KnownCase(folded=folded, number=number, listed_at=at) for folded, number in numbers.items()),
        batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["folded"], update_fields=["number", "listed_at"],
    )  # fmt: skip


def end(entry: QueryLogEntry, *, state: QueryLogEntry.State, at: datetime, found: int | None) -> None:
    """Complete an entry, or mark it failed."""
    QueryLogEntry.objects.filter(pk=entry.pk, state=QueryLogEntry.State.BEGUN).update(
        state=state, ended_at=at, found=found, pages=1 if found is not None else 0
    )
    entry.refresh_from_db()


def count_page(entry: QueryLogEntry, *, found: int) -> None:
    """Count another page of results shown."""
    QueryLogEntry.objects.filter(pk=entry.pk).update(pages=F("pages") + 1, found=F("found") + found)


def count_overview(entry: QueryLogEntry, *, found: int) -> None:
    """Count a look at the first `found` results together, those of pages before among them."""
    QueryLogEntry.objects.filter(pk=entry.pk).update(pages=F("pages") + 1, found=Greatest("found", found))


def ask(*, at: datetime, entered_by: Person, policy: tuple[int, str], **asked: Any) -> SearchRequest:
    """Record that somebody asks for a search; `asked` are the other fields of `SearchRequest`."""
    return SearchRequest.objects.create(
        asked_at=at, entered_by=entered_by, policy_number=policy[0], policy_digest=policy[1], **asked
    )


def add_step(
    request: SearchRequest, *, kind: SearchStep.Kind, at: datetime, by: Person, policy: tuple[int, str], **told: Any
) -> SearchStep:
    """Add a step; `told` are the other fields of `SearchStep`. The database refuses a second end."""
    return SearchStep.objects.create(
        request=request, kind=kind, at=at, by=by, policy_number=policy[0], policy_digest=policy[1], **told
    )
