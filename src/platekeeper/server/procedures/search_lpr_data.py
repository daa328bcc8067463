"""Stored reads are searched (VI.c, f, g; VIII): decided, logged and committed, then run, then completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.partial import parse_pattern
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Allowed, Refused, first_refusal
from platekeeper.core.rules.inquiries import Inquiry, may_run
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.reads import Cursor, Page, ReadStore, SearchTerms

PAGE = 25
PAGES_OPEN_FOR = timedelta(hours=12)
"""Later pages belong to the same working day; after that the search is asked anew, with its reason."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = timedelta(days=3650)
"""How far back prior reads are looked up where the policy disposes of none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and why. `plate` is complete or partial, as typed; no `lprs` means all of them."""

    plate: str
    since: datetime
    until: datetime
    purpose: str
    offence: str
    case_number: str
    justification: str
    lprs: tuple[int, ...] = ()
    requestor: str = ""
    requestor_agency: str = ""

    def terms(self) -> dict[str, Any]:
        """Return the exact terms as the log keeps them."""
        return {
            "plate": parse_pattern(self.plate).text,
            "lprs": list(self.lprs),
            "since": self.since.astimezone(UTC).isoformat(),
            "until": self.until.astimezone(UTC).isoformat(),
        }


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The log entry, and the first page of reads."""

    entry: QueryLogEntry
    page: Page


def search(by: Footing, question: Question) -> QueryResult:
    """Run a query of stored reads for somebody who may inquire. Raises `PatternError` before anything is decided."""
    parse_pattern(question.plate)
    inquiry = Inquiry(
        purpose=question.purpose,
        offence=question.offence,
        case_number=question.case_number,
        justification=question.justification,
        since=question.since,
        until=question.until,
    )
    decision = first_refusal(may_inquire(by.authority, by.policy, by.today), may_run(inquiry))
    if isinstance(decision, Refused):
        _refuse(by, question, decision)
    return _run(by, question)


def prior_reads(
    by: Footing, *, pattern: str, reason: str, case_number: str, at: datetime, store: ReadStore | None = None
) -> QueryResult:
    """Look up prior reads of a new hot list entry (VII.f.3, VII.g), for whoever was allowed to enter it."""
    ceiling = by.policy.period("VI.k.ceiling") if by.policy.needs("VI.k.ceiling") else timedelta(days=1)
    question = Question(
        plate=pattern,
        since=at - (ceiling or _EVER),
        until=at + timedelta(minutes=5),
        purpose=QueryLogEntry.Purpose.ALERT,
        offence="hot list entry",
        case_number=case_number or "hot list entry",
        justification=reason,
    )
    return _run(by, question, store=store)


def results(by: Footing, entry_id: int, *, cursor: str = "") -> QueryResult:
    """Return a page of a query's results to the person who made it; each view is logged before it is fetched.

    Raises `QueryLogEntry.DoesNotExist`, and ValueError for a cursor that makes no sense.
    """
    before = Cursor.parse(cursor) if cursor else None
    entry = QueryLogEntry.objects.get(pk=entry_id, by=by.person, state=QueryLogEntry.State.COMPLETED)
    over = Refused(Clause.VI_f, "These results are closed. Ask again, with the reason of today.")
    by.demand(
        may_inquire(by.authority, by.policy, by.today) if entry.purpose != QueryLogEntry.Purpose.ALERT else Allowed(),
        over if by.at - entry.begun_at > PAGES_OPEN_FOR else Allowed(),
        attempted=Action.QUERY_PAGE_VIEWED,
        subject=f"query:{entry.pk}",
    )
    with transaction.atomic():
        _log(by, entry, Action.QUERY_PAGE_VIEWED, Outcome.DONE)
    page = read_store().search(_search_terms(entry.terms), before=before, limit=PAGE)
    if before is not None:
        changes.count_page(entry, found=len(page.reads))
    return QueryResult(entry, page)


def _refuse(by: Footing, question: Question, refusal: Refused) -> None:
    with transaction.atomic():
        entry = _enter(by, question, refusal=refusal)
        _log(by, entry, Action.QUERY_REFUSED, Outcome.REFUSED, clause=refusal.clause)
    raise RefusedAction(refusal)


def _run(by: Footing, question: Question, *, store: ReadStore | None = None) -> QueryResult:
    with transaction.atomic():
        entry = _enter(by, question)
        _log(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    try:
        page = (store or read_store()).search(_search_terms(entry.terms), limit=PAGE)
    except BaseException:
        _end(by, entry, QueryLogEntry.State.FAILED, found=None)
        raise
    _end(by, entry, QueryLogEntry.State.COMPLETED, found=len(page.reads))
    return QueryResult(entry, page)


def _enter(by: Footing, question: Question, *, refusal: Refused | None = None) -> QueryLogEntry:
    return changes.enter(
        by=by.person,
        at=by.at,
        terms=question.terms(),
        purpose=question.purpose,
        offence=question.offence,
        case_number=question.case_number,
        justification=question.justification,
        requestor=question.requestor,
        requestor_agency=question.requestor_agency,
        policy=by.policy.stamp,
        refusal=refusal,
    )


def _end(by: Footing, entry: QueryLogEntry, state: QueryLogEntry.State, *, found: int | None) -> None:
    failed = state is QueryLogEntry.State.FAILED
    with transaction.atomic():
        changes.end(entry, state=state, at=timezone.now(), found=found)
        _log(
            by,
            entry,
            Action.QUERY_FAILED if failed else Action.QUERY_COMPLETED,
            Outcome.FAILED if failed else Outcome.DONE,
            found=found,
        )


def _log(
    by: Footing,
    entry: QueryLogEntry,
    action: Action,
    outcome: Outcome,
    *,
    clause: Clause = Clause.VI_c,
    found: int | None = None,
) -> None:
    append(
        at=by.at,
        by=by.actor.serving(entry.requestor),
        action=action,
        outcome=outcome,
        clause=clause,
        subject=f"query:{entry.pk}",
        details={
            "lprs": entry.terms["lprs"],
            "since": entry.terms["since"],
            "until": entry.terms["until"],
            "found": found,
        },
        sealed={"plate": entry.terms["plate"], "justification": entry.justification},
        purpose=entry.purpose,
        case=entry.case_number,
        policy=by.policy.stamp,
    )


def _search_terms(terms: dict[str, Any]) -> SearchTerms:
    lprs: Sequence[int] = terms["lprs"]
    return SearchTerms(
        since=_microseconds(terms["since"]),
        until=_microseconds(terms["until"]),
        plates=(terms["plate"],),
        lprs=tuple(lprs),
    )


def _microseconds(text: str) -> int:
    return max(0, (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1))
