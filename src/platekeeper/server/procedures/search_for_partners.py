"""A partner's search runs here as our own would: entered in the Query Log, cut down as the MOU says, or refused (VI.g)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import msgspec
from django.utils import timezone

from platekeeper.core.federation.words import (
    MICRO,
    MOST_READS,
    Answered,
    AskSearch,
    Found,
    NotAnswered,
    SharedRead,
    text,
)
from platekeeper.core.formats.outgoing import Row
from platekeeper.core.rules.decision import Allowed, Refused, first_refusal
from platekeeper.core.rules.partners import may_answer, may_run_for_partner
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.partners.lookups import is_connected
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures import inquire
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.grounds import Ground, ground_for, still_so
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.rows_that_leave import Cut
from platekeeper.server.procedures.search_lpr_data import SECONDS, search_terms
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.lookups import own
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.models import Dissemination
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.storage.terms import Cursor

MOST_A_MINUTE = 30
"""Searches of one partner: ours must not wait for theirs."""
AT_ONCE = 8
"""Searches of all partners together that run at the same time: each holds one of the server's threads for up to `SECONDS`."""
_MINUTE = timedelta(minutes=1)
_running = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner is told; and, where LPR data leaves with it, the fields of the record of that, or the record that is
    there already."""

    said: Answered
    leaving: Mapping[str, Any] | None = None
    recorded: Dissemination | None = None


def search_for(by: Footing, partner: Partner, asked: AskSearch) -> Answer:
    """Answer a partner's search; what ends while it runs keeps what was found here."""
    if not _running.acquire(blocking=False):
        return Answer(
            NotAnswered(reason="Too many searches of partners run here at the same time. Ask again in a while.")
        )
    try:
        return _searched(by, partner, asked)
    finally:
        _running.release()


def _searched(by: Footing, partner: Partner, asked: AskSearch) -> Answer:
    question = _question(partner, asked)
    try:
        search_terms(question.terms(), by)
    except (ValueError, KeyError, OverflowError) as error:  # of another version perhaps: ours asks nothing of the kind
        return Answer(NotAnswered(reason=f"Nobody can search for this: {error}"[:400]))
    if own(partner.account).filter(begun_at__gt=by.at - _MINUTE).count() >= MOST_A_MINUTE:
        return Answer(NotAnswered(reason=f"More than {MOST_A_MINUTE} searches in a minute. Ask again in a while."))
    ground = ground_of(by, partner, Share.SEARCHES, asked.purpose)
    shared = ground if isinstance(ground, Refused) else Allowed()
    runs = may_run_for_partner(question.inquiry(), by.policy, is_bulk=question.is_bulk, at=by.at)
    decision = first_refusal(shared, runs)
    if isinstance(ground, Refused) or isinstance(decision, Refused):
        assert isinstance(decision, Refused)  # the ground's own, then
        return refused(decision, number=inquire.enter_refused(by, question, decision).pk)
    entry, cut = inquire.enter(by, question), Cut(msgspec.structs.replace(ground.terms, images=False))
    try:
        found = inquire.answer(by, entry, lambda: _found(by, entry, cut), count=lambda it: len(it.reads))
    except SearchTooWide:
        return Answer(NotAnswered(reason="The search took too long there. Ask for less.", number=entry.pk))
    now = footing(partner.account, at=timezone.now())
    over = still_so(ground, ground_of(now, partner, Share.SEARCHES, asked.purpose))
    if isinstance(over, Refused):  # what ended while the search ran: what was found stays here
        return refused(over, number=entry.pk)
    leaving = {
        "at": now.at, "ground": ground, "what": Share.SEARCHES, "purpose": asked.purpose, "why": asked.justification,
        "source": f"query:{entry.pk}", "case_number": entry.case_number, "records": len(found.reads),
        "withheld": cut.withheld,
    }  # fmt: skip
    return Answer(found, leaving)


def ground_of(by: Footing, partner: Partner, what: Share, purpose: str) -> Ground | Refused:
    """Return what lets something leave for a partner now, or why nothing does."""
    way = "request" if what is Share.SEARCHES else "routine"
    ground = ground_for(partner.agency, what=what, purpose=purpose, at=by.at, policy=by.policy, way=way)
    if isinstance(ground, Refused):
        return ground
    stopped = may_answer(by.authority, is_connected=is_connected(partner))
    return stopped if isinstance(stopped, Refused) else ground


def refused(refusal: Refused, *, number: int = 0) -> Answer:
    """Return the answer that a partner is refused, under which clause; `number`: of our Query Log entry."""
    return Answer(NotAnswered(reason=refusal.reason[:400], clause=refusal.clause.number, number=number))


def _question(partner: Partner, asked: AskSearch) -> Question:
    """Return a partner's search as our own log has it: on behalf of its operator, and of whoever asked them (VI.g)."""
    served = f", for {asked.requestor}, {asked.requestor_agency}" if asked.requestor else ""
    return Question(
        plate=asked.plate,
        since=asked.since,
        until=asked.until,
        purpose=asked.purpose,
        offense=asked.offense,
        case_number=asked.case_number,
        justification=asked.justification,
        requestor=f"{asked.operator}{served}",
        requestor_agency=partner.agency.name,
        none_prohibited=asked.none_prohibited,
        besides=msgspec.to_builtins(asked.besides),
    )


def _found(by: Footing, entry: QueryLogEntry, cut: Cut) -> Found:
    """Search as the entry says, and keep back what the agreement keeps back: page after page until so many leave."""
    sought, store, until = search_terms(entry.terms, by), read_store(), monotonic() + SECONDS
    reads: list[SharedRead] = []
    before: Cursor | None = None
    while True:
        if (left := until - monotonic()) <= 0:
            raise SearchTooWide
        page = store.search(sought, before=before, limit=MOST_READS, seconds=left)
        leaving = cut.reads(page.reads, store=store)
        reads += [_read(row) for row in islice(leaving, MOST_READS - len(reads))]
        more = next(leaving, None) is not None  # one that is not sent, either way
        if more or page.next is None:
            break
        before = page.next
    kept_back = [*_withheld(cut.terms), *([_OLDER] if more else [])]
    return Found(number=entry.pk, reads=reads, more=more, withheld=kept_back, days=cut.terms.days)


_OLDER = f"reads older than the newest {MOST_READS}: ask for a time that ends before them"


def _withheld(terms: Terms) -> list[str]:
    said = ((terms.only_hits, "reads that raised no hit"), (not terms.misses, "hits that were misread"),
            (bool(terms.area), "reads outside an area"))  # fmt: skip
    return ["pictures", *(words for holds, words in said if holds)]


def _read(row: Row) -> SharedRead:
    return SharedRead(
        plate=text(row.plate, 40),
        state=text(row.state, 8),
        at=row.captured_at,
        place=text(row.lpr, 120),
        direction=text(row.direction, 40),
        latitude=None if row.latitude is None else round(row.latitude * MICRO),
        longitude=None if row.longitude is None else round(row.longitude * MICRO),
    )
