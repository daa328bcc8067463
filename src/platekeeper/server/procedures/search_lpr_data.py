"""Stored reads are searched (VI.c, f, g; VIII): decided, logged and committed, then run, then completed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical
from platekeeper.core.partial import PlatePattern, parse_pattern
from platekeeper.core.plates import fold
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.inquiries import Inquiry, may_run
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.reads import Cursor, Page, ReadStore, SearchTerms

T = TypeVar("T")
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
    tool: Mapping[str, Any] | None = None
    """What a tool asks instead of the reads of a plate (`core.investigations.terms`)."""

    def terms(self) -> dict[str, Any]:
        """Return the exact terms as the log keeps them."""
        if self.tool is not None:
            return dict(self.tool)
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
    entry = begin(by, question)
    return QueryResult(entry, answer(by, entry, _first_page(entry), count=lambda page: len(page.reads)))


def begin(by: Footing, question: Question) -> QueryLogEntry:
    """Enter an inquiry in the Query Log, committed before it runs; one that is refused is logged, and refused."""
    decision = decide(by, question)
    if isinstance(decision, Refused):
        raise refuse(by, question, decision)
    return _begin(by, question)


def decide(by: Footing, question: Question) -> Decision:
    """Decide whether somebody may inquire, with these reasons."""
    inquiry = Inquiry(
        purpose=question.purpose,
        offence=question.offence,
        case_number=question.case_number,
        justification=question.justification,
        since=question.since,
        until=question.until,
    )
    return first_refusal(may_inquire(by.authority, by.policy, by.today), may_run(inquiry))


def answer(by: Footing, entry: QueryLogEntry, work: Callable[[], T], *, count: Callable[[T], int]) -> T:
    """Do what an entry asks and complete it with how much was found; if that fails, the entry says so."""
    try:
        found = work()
    except BaseException:
        end(by, entry, found=None)
        raise
    end(by, entry, found=count(found))
    return found


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
    entry = _begin(by, question)
    return QueryResult(entry, answer(by, entry, _first_page(entry, store), count=lambda page: len(page.reads)))


def results(by: Footing, entry_id: int, *, cursor: str = "") -> QueryResult:
    """Return a page of a query's results to the person who made it; each view is logged before it is fetched.

    Raises `QueryLogEntry.DoesNotExist`, and ValueError for a cursor that makes no sense.
    """
    before = Cursor.parse(cursor) if cursor else None
    entry = look_again(by, entry_id)
    page = read_store().search(_search_terms(entry.terms), before=before, limit=PAGE)
    if before is not None:
        changes.count_page(entry, found=len(page.reads))
    return QueryResult(entry, page)


def look_again(by: Footing, entry_id: int, *, tools: Collection[str] = ("",)) -> QueryLogEntry:
    """Log another look at the results of one's own query, before they are fetched; "" is the tool of a plain search.

    Raises `QueryLogEntry.DoesNotExist`, and `RefusedAction` once the results are closed.
    """
    entry = QueryLogEntry.objects.get(pk=entry_id, by=by.person, state=QueryLogEntry.State.COMPLETED)
    if entry.terms.get("tool", "") not in tools:
        raise QueryLogEntry.DoesNotExist
    over = Refused(Clause.VI_f, "These results are closed. Ask again, with the reason of today.")
    by.demand(
        may_inquire(by.authority, by.policy, by.today) if entry.purpose != QueryLogEntry.Purpose.ALERT else Allowed(),
        over if by.at - entry.begun_at > PAGES_OPEN_FOR else Allowed(),
        attempted=Action.QUERY_PAGE_VIEWED,
        subject=f"query:{entry.pk}",
    )
    with transaction.atomic():
        log_query(by, entry, Action.QUERY_PAGE_VIEWED, Outcome.DONE)
    return entry


def refuse(by: Footing, question: Question, refusal: Refused) -> RefusedAction:
    """Log an inquiry that is refused; return what to raise."""
    with transaction.atomic():
        entry = _enter(by, question, refusal=refusal)
        log_query(by, entry, Action.QUERY_REFUSED, Outcome.REFUSED, clause=refusal.clause)
    return RefusedAction(refusal)


def _begin(by: Footing, question: Question) -> QueryLogEntry:
    with transaction.atomic():
        entry = _enter(by, question)
        log_query(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    return entry


def _first_page(entry: QueryLogEntry, store: ReadStore | None = None) -> Callable[[], Page]:
    return lambda: (store or read_store()).search(_search_terms(entry.terms), limit=PAGE)


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


def end(by: Footing, entry: QueryLogEntry, *, found: int | None) -> None:
    """Complete an entry with how much was found, or mark it failed (None)."""
    state, action, outcome = (
        (QueryLogEntry.State.FAILED, Action.QUERY_FAILED, Outcome.FAILED)
        if found is None
        else (QueryLogEntry.State.COMPLETED, Action.QUERY_COMPLETED, Outcome.DONE)
    )
    with transaction.atomic():
        changes.end(entry, state=state, at=timezone.now(), found=found)
        log_query(by, entry, action, outcome, found=found)


def log_query(
    by: Footing,
    entry: QueryLogEntry,
    action: Action,
    outcome: Outcome,
    *,
    clause: Clause = Clause.VI_c,
    found: int | None = None,
) -> None:
    """Append to the ledger what became of a query."""
    tool = {"tool": entry.terms["tool"]} if "tool" in entry.terms else {}
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
            **tool,
        },
        sealed={
            "plate": entry.terms["plate"],
            "justification": entry.justification,
            "terms": canonical(entry.terms).decode() if tool else "",
        },
        purpose=entry.purpose,
        case=entry.case_number,
        policy=by.policy.stamp,
    )


def _search_terms(terms: dict[str, Any]) -> SearchTerms:
    pattern = PlatePattern(terms["plate"])
    lprs: Sequence[int] = terms["lprs"]
    return SearchTerms(
        since=_microseconds(terms["since"]),
        until=_microseconds(terms["until"]),
        folded_exact=fold(pattern.text) if pattern.is_complete else None,
        glob=None if pattern.is_complete else pattern.glob,
        lprs=tuple(lprs),
    )


def _microseconds(text: str) -> int:
    return max(0, (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1))
