"""Stored reads are searched (VI.c, f, g; VIII): decided, logged and committed, then run, then completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PlatePattern, parse_pattern
from platekeeper.core.plates import fold
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Allowed, Refused, first_refusal
from platekeeper.core.rules.inquiries import Inquiry, is_bulk, may_run, may_run_approved, needs_approval
from platekeeper.core.rules.reasons import Flag, is_repeated, suggestions
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog import changes, lookups
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.storage.reads import Cursor, Page, ReadStore, SearchTerms
from platekeeper.server.storage.rows import StoredRead

PAGE = 25
PAGES_OPEN_FOR = timedelta(hours=12)
"""Later pages belong to the same working day; after that the search is asked anew, with its reason."""

Linked = Callable[[QueryLogEntry], None]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = timedelta(days=3650)
"""How far back prior reads are looked up where the policy disposes of none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and why. `plate` is complete or partial, as typed; no `lprs` means all of them.

    `none_prohibited` and the rest: see `core.rules.inquiries.Inquiry`. `recipients`: who else gets the result (VIII.c).
    """

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
    recipients: str = ""
    none_prohibited: bool = False
    is_exigent: bool = False
    exigent: str = ""

    @property
    def is_bulk(self) -> bool:
        """Whether so much is asked at once that the password is asked for once more. Raises `PatternError`."""
        return is_bulk((parse_pattern(self.plate),))

    def inquiry(self) -> Inquiry:
        """Return what the rules ask about."""
        return Inquiry(
            plate=self.plate,
            purpose=self.purpose,
            offence=self.offence,
            case_number=self.case_number,
            justification=self.justification,
            since=self.since,
            until=self.until,
            none_prohibited=self.none_prohibited,
            is_exigent=self.is_exigent,
            exigent=self.exigent,
            requestor=self.requestor,
            requestor_agency=self.requestor_agency,
        )

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


def search(by: Footing, question: Question, *, linked: Linked | None = None) -> QueryResult:
    """Run a query of stored reads for somebody who may inquire; one of older reads waits for approval, and finds nothing yet.

    `linked` is told the Query Log entry within the transaction that enters it, and may stop the search by raising. Raises
    `PatternError` before anything is decided, and `RefusedAction`.
    """
    parse_pattern(question.plate)
    decision = first_refusal(may_inquire(by.authority, by.policy, by.today), may_run(question.inquiry(), by.policy))
    if isinstance(decision, Refused):
        _refuse(by, question, decision)
    if needs_approval(question.since, by.policy, at=by.at) and not question.is_exigent:
        return _ask(by, question, linked=linked)
    return _run(by, question, linked=linked)


def run_approved(by: Footing, entry_id: int) -> QueryResult:
    """Run one's own query once somebody else has approved it (VIII.b). Raises `QueryLogEntry.DoesNotExist`."""
    entry = lookups.own(by.person).get(pk=entry_id, state=QueryLogEntry.State.APPROVED)
    by.demand(
        may_inquire(by.authority, by.policy, by.today),
        may_run_approved(entry.approval.decided_at or entry.approval.asked_at, at=by.at),
        attempted=Action.QUERY_BEGUN,
        subject=f"query:{entry.pk}",
    )
    with transaction.atomic():
        if not changes.begin(entry, at=by.at, policy=by.policy.stamp):
            raise QueryLogEntry.DoesNotExist
        _log(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    return _fetch(by, entry)


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
    entry = _open(by, entry_id)
    with transaction.atomic():
        _log(by, entry, Action.QUERY_PAGE_VIEWED, Outcome.DONE)
    page = read_store().search(_search_terms(entry.terms), before=before, limit=PAGE)
    if before is not None:
        changes.count_page(entry, found=len(page.reads))
    return QueryResult(entry, page)


def picture(by: Footing, entry_id: int, read: StoredRead) -> bytes | None:
    """Return the image of a read in one's own results, None without one; the page that named it is logged.

    Raises `QueryLogEntry.DoesNotExist`, `ImageMissing`, `ImageDamaged`.
    """
    _open(by, entry_id)
    return read_store().image(read)


def _open(by: Footing, entry_id: int) -> QueryLogEntry:
    entry = QueryLogEntry.objects.get(pk=entry_id, by=by.person, state=QueryLogEntry.State.COMPLETED)
    over = Refused(Clause.VI_f, "These results are closed. Ask again, with the reason of today.")
    by.demand(
        may_inquire(by.authority, by.policy, by.today) if entry.purpose != QueryLogEntry.Purpose.ALERT else Allowed(),
        over if by.at - entry.begun_at > PAGES_OPEN_FOR else Allowed(),
        attempted=Action.QUERY_PAGE_VIEWED,
        subject=f"query:{entry.pk}",
    )
    return entry


def _refuse(by: Footing, question: Question, refusal: Refused) -> None:
    with transaction.atomic():
        entry = _enter(by, question, refusal=refusal)
        _log(by, entry, Action.QUERY_REFUSED, Outcome.REFUSED, clause=refusal.clause)
    raise RefusedAction(refusal)


def _ask(by: Footing, question: Question, *, linked: Linked | None) -> QueryResult:
    with transaction.atomic():
        entry = _enter(by, question, waits=True)
        changes.ask_for_approval(entry, kind=Approval.Kind.BEFORE, at=by.at)
        _log(by, entry, Action.QUERY_ASKED, Outcome.DONE, clause=Clause.VIII_b)
        if linked is not None:
            linked(entry)
    return QueryResult(entry, Page(reads=[], next=None))


def _run(
    by: Footing, question: Question, *, store: ReadStore | None = None, linked: Linked | None = None
) -> QueryResult:
    with transaction.atomic():
        entry = _enter(by, question)
        if question.is_exigent:
            changes.ask_for_approval(entry, kind=Approval.Kind.AFTER, at=by.at)
        _log(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
        if linked is not None:
            linked(entry)
    return _fetch(by, entry, store=store)


def _fetch(by: Footing, entry: QueryLogEntry, *, store: ReadStore | None = None) -> QueryResult:
    try:
        page = (store or read_store()).search(_search_terms(entry.terms), limit=PAGE)
    except BaseException:
        _end(by, entry, QueryLogEntry.State.FAILED, found=None)
        raise
    _end(by, entry, QueryLogEntry.State.COMPLETED, found=len(page.reads))
    return QueryResult(entry, page)


def _enter(by: Footing, question: Question, *, refusal: Refused | None = None, waits: bool = False) -> QueryLogEntry:
    terms = question.terms()
    looked_up = question.purpose != QueryLogEntry.Purpose.ALERT
    return changes.enter(
        by=by.person,
        at=by.at,
        terms=terms,
        purpose=question.purpose,
        offence=question.offence,
        case_number=question.case_number,
        justification=question.justification,
        requestor=question.requestor,
        requestor_agency=question.requestor_agency,
        recipients=question.recipients,
        case_known=lookups.case_known(question.case_number) if looked_up and question.case_number.strip() else "",
        none_prohibited=question.none_prohibited,
        exigent=question.exigent if question.is_exigent else "",
        flags=_flags(by, question, plate=terms["plate"]) if looked_up else (),
        policy=by.policy.stamp,
        refusal=refusal,
        waits=waits,
    )


def _flags(by: Footing, question: Question, *, plate: str) -> list[str]:
    earlier = lookups.earlier_reasons(by.person, but=plate)
    raised = {
        Flag.REPEATED: bool(question.justification.strip()) and is_repeated(question.justification, earlier),
        Flag.EXIGENT: question.is_exigent,
        Flag.BULK: question.is_bulk,
    }
    own = [flag.value for flag, is_raised in raised.items() if is_raised]
    return [*own, *suggestions(question.justification, question.offence, question.exigent)]


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
            "none_prohibited": entry.none_prohibited,
            "case_known": entry.case_known,
            "flags": entry.flags,
        },
        sealed={
            "plate": entry.terms["plate"],
            "justification": entry.justification,
            "requestor_agency": entry.requestor_agency,
            "recipients": entry.recipients,
            "exigent": entry.exigent,
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
