"""Stored reads are searched (VI.c, f, g; VIII): by plate, place and time, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from platekeeper.core.rules.alerts import prior_reads_since
from platekeeper.core.rules.retention import oldest_shown, shown_from
from platekeeper.core.search.asked import Asked
from platekeeper.server.hits.lookups import hit_reads
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.inquire import Linked, answer, begin, begin_approved, enter, look_again, open_results
from platekeeper.server.procedures.question import AHEAD, Question
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.deadline import stoppable
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.terms import Cursor, Page, SearchTerms

PAGE, OVERVIEW = 25, 500
SECONDS = 20.0
"""How long a search may take: then it ends with `SearchTooWide`, and holds nobody else up."""
_AT_ONCE = 5_000
_FIRST: Cursor | None = None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRY = _("hot list entry")


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The log entry, and the first page of reads: none yet while it waits for approval."""

    entry: QueryLogEntry
    page: Page


def search(by: Footing, question: Question, *, linked: Linked | None = None) -> QueryResult:
    """Run a query of stored reads for somebody who may inquire; one of older reads waits for approval, and finds nothing yet.

    Raises `PatternError` before anything is decided, `RefusedAction`, and `SearchTooWide` once its entry says that it failed.
    """
    question.patterns()
    entry = begin(by, _up_to_now(question, at=by.at), linked=linked)
    if entry.state == QueryLogEntry.State.WAITING:
        return QueryResult(entry, Page(reads=[], next=None))
    return _run(by, entry)


def _up_to_now(question: Question, *, at: datetime) -> Question:
    """Leave out what is still to come: looked at again, a search finds what was there when it was asked, and not what a
    stake-out would collect."""
    return replace(question, until=min(question.until, max(question.since, at + AHEAD)))


def run_approved(by: Footing, entry_id: int) -> QueryResult:
    """Run one's own search once somebody else has approved it. Raises as `begin_approved`."""
    return _run(by, begin_approved(by, entry_id))


def prior_reads(
    by: Footing, *, pattern: str, reason: str, case_number: str, until: datetime, back: timedelta | None = None
) -> QueryResult:
    """Look up prior reads of a hot list entry (VII.f.3, VII.g), for whoever was allowed to; `back`: no further than that.

    Raises `SearchTooWide` once its entry says that it failed.
    """
    since = prior_reads_since(by.policy, at=by.at)
    question = Question(
        plate=pattern,
        since=min(since if back is None else max(since, until - back), until),
        until=until,
        purpose=QueryLogEntry.Purpose.ALERT,
        offense=_ENTRY,
        case_number=case_number or _ENTRY,
        justification=reason,
    )
    return _run(by, enter(by, question))


def results(by: Footing, entry_id: int, *, cursor: str = "") -> QueryResult:
    """Return a page of a query's results to the person who made it; each view is logged before it is fetched.

    Raises `QueryLogEntry.DoesNotExist`, and ValueError for a cursor that makes no sense.
    """
    before = Cursor.parse(cursor) if cursor else None
    entry = look_again(by, entry_id)
    with stoppable(by.person.pk):
        page = read_store().search(search_terms(entry.terms, by), before=before, limit=PAGE, seconds=SECONDS)
    if before is not None:
        changes.count_page(entry, found=len(page.reads))
    return QueryResult(entry, page)


def overlook(by: Footing, entry_id: int) -> tuple[QueryLogEntry, list[StoredRead]]:
    """Return the newest `OVERVIEW` reads of one's own query at once, corrected ones left out; the look is logged first.

    Raises `QueryLogEntry.DoesNotExist`.
    """
    entry = look_again(by, entry_id)
    reads = read_store().search(search_terms(entry.terms, by), limit=OVERVIEW, seconds=SECONDS).reads
    changes.count_overview(entry, found=len(reads))
    return entry, [read for read in reads if not read.corrected]


def every_result(by: Footing, entry_id: int) -> tuple[QueryLogEntry, Iterator[StoredRead]]:
    """Return the reads of one's own query, fetched as they are taken, for them to leave; the look is logged first.

    Raises `QueryLogEntry.DoesNotExist`; whoever takes them may meet `SearchTooWide`.
    """
    entry = look_again(by, entry_id)
    return entry, every_read(search_terms(entry.terms, by), seconds=SECONDS)


def every_read(terms: SearchTerms, *, seconds: float | None = None) -> Iterator[StoredRead]:
    """Give all reads that agree with terms, newest first, some thousands in memory at once; `seconds` for each of these."""
    store, before = read_store(), _FIRST
    while True:
        page = store.search(terms, before=before, limit=_AT_ONCE, seconds=seconds)
        yield from page.reads
        if (before := page.next) is None:
            return


def picture(by: Footing, entry_id: int, read: StoredRead, *, tools: Sequence[str] = ("",)) -> bytes | None:
    """Return the image of a read in one's own results, None without one; the page that named it is logged.

    Raises `QueryLogEntry.DoesNotExist`, `ImageMissing`, `ImageDamaged`.
    """
    open_results(by, entry_id, tools=tools)
    return read_store().image(read)


def _run(by: Footing, entry: QueryLogEntry) -> QueryResult:
    page = answer(by, entry, _first_page(by, entry), count=lambda found: len(found.reads))
    return QueryResult(entry, page)


def _first_page(by: Footing, entry: QueryLogEntry) -> Callable[[], Page]:
    return lambda: read_store().search(search_terms(entry.terms, by), limit=PAGE, seconds=SECONDS)


def search_terms(terms: Mapping[str, Any], by: Footing) -> SearchTerms:
    """Return the terms of an entry as the store takes them, of no older reads than the policy shows."""
    asked, oldest = Asked.of(terms), oldest_shown(by.policy, at=by.at)
    since = shown_from(asked.since, asked.until, oldest=oldest)
    found = hit_reads(since=asked.since, until=asked.until) if asked.hits else frozenset()
    return SearchTerms(
        since=_microseconds(since),
        until=_microseconds(asked.until),
        plates=asked.plates,
        look_alikes=asked.look_alikes,
        lprs=asked.lprs,
        states=asked.states,
        directions=asked.directions,
        colors=asked.colors,
        makes=asked.makes,
        area=asked.area,
        hours=asked.hours,
        ids=found if asked.hits == "only" else None,
        other_than=found if asked.hits == "none" else frozenset(),
    )


def _microseconds(moment: datetime) -> int:
    return max(0, (moment - _EPOCH) // timedelta(microseconds=1))
