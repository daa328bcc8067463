"""A partner asks (IV.h, VI.g, VI.l): the message is looked at, the department's own policy decides, logs and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.federation.line import REMEMBERED, NotTaken, asker_of, digest_of, said_in
from platekeeper.core.federation.words import (
    MICRO,
    MOST_READS,
    Answered,
    AskLists,
    AskRows,
    AskSearch,
    Found,
    NotAnswered,
    SharedRead,
    asked_in,
    plain,
)
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.partners import may_answer, may_run_for_partner
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hits.lookups import hit_reads, misread
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import heard_since, is_connected, partners
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures import inquire, offer_lists
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.connect_partners import line_to, subject_of
from platekeeper.server.procedures.search_lpr_data import SECONDS, search_terms
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.lookups import covering
from platekeeper.server.sharing.models import Mou
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.storage.rows import StoredRead

MOST_A_MINUTE = 240
"""Messages taken from one partner; the pieces of a long hot list need most of them."""
_MINUTE = timedelta(minutes=1)


class Unheard(Exception):
    """A message that gets no signed answer: of nobody connected, not as it was signed, or one too many (`too_many`)."""

    def __init__(self, reason: str, *, too_many: bool = False) -> None:
        super().__init__(reason)
        self.too_many = too_many


def answer_partner(message: bytes, *, at: datetime) -> bytes:
    """Return the signed answer to a partner's message. Raises `Unheard`.

    Strangers leave no trace in the ledger, which they could fill; what a partner signed does, be it answered or refused.
    """
    partner = _asker(message)
    line = line_to(partner)
    try:
        bundle = line.take_request(message, at=at)
    except NotTaken as fault:
        raise Unheard(str(fault)) from fault
    by = footing(partner.account, at=at)
    _hear(by, partner, bundle.uid)
    try:
        asked = asked_in(said_in(bundle))
    except NotTaken as fault:
        said: Answered = NotAnswered(reason=str(fault)[:400])
        return _leave(by, partner, message, line.answer(plain(said), to=message, at=at), said)
    if not is_connected(partner):
        said = refused(by, partner, may_answer(is_connected=False, shared=Allowed()))
    else:
        said = _answered(by, partner, asked)
    return _leave(by, partner, message, line.answer(plain(said), to=message, at=timezone.now()), said)


def refused(by: Footing, partner: Partner, refusal: Decision) -> NotAnswered:
    """Log that a partner is refused; return what it is told."""
    assert isinstance(refusal, Refused)
    by.log_refusal(refusal, attempted=Action.PARTNER_ANSWERED, subject=subject_of(partner))
    return NotAnswered(reason=refusal.reason[:400], clause=refusal.clause.number)


def _asker(message: bytes) -> Partner:
    try:
        partner = partners().filter(fingerprint=asker_of(message)).first()
    except NotTaken as fault:
        raise Unheard(str(fault)) from fault
    if partner is None:
        raise Unheard("This department is not connected with whoever signed that.")
    return partner


def _hear(by: Footing, partner: Partner, uid: str) -> None:
    """Take a request's number, once: a message that was caught on its way cannot be sent again."""
    if heard_since(partner, by.at - _MINUTE) >= MOST_A_MINUTE:
        raise Unheard(f"More than {MOST_A_MINUTE} messages in a minute.", too_many=True)
    try:
        with transaction.atomic():
            changes.hear(partner, uid=uid, at=by.at, forget_before=by.at - REMEMBERED - _MINUTE)
    except IntegrityError as again:
        replayed = Refused(
            Clause.IV_h, "A message of this partner came a second time: somebody repeats what they caught."
        )
        if changes.note_repeat(partner, uid=uid):  # once: whoever repeats it cannot fill the ledger with it
            by.log_refusal(replayed, attempted=Action.PARTNER_ANSWERED, subject=subject_of(partner))
        raise Unheard("This message was taken before.") from again


def _answered(by: Footing, partner: Partner, asked: AskSearch | AskLists | AskRows) -> Answered:
    if isinstance(asked, AskSearch):
        return _searched(by, partner, asked)
    decision, said = offer_lists.answered(by, partner, asked)
    return said if said is not None else refused(by, partner, decision)


def _searched(by: Footing, partner: Partner, asked: AskSearch) -> Found | NotAnswered:
    question = _question(partner, asked)
    try:
        search_terms(question.terms(), by)
    except (ValueError, KeyError, OverflowError) as error:  # of another version perhaps: ours asks nothing of the kind
        return NotAnswered(reason=f"Nobody can search for this: {error}"[:400])
    mou, shared = _shared(by, partner, asked.purpose)
    runs = may_run_for_partner(question.inquiry(), by.policy, is_bulk=question.is_bulk, at=by.at)
    decision = first_refusal(shared, runs)
    if mou is None or isinstance(decision, Refused):
        assert isinstance(decision, Refused)
        entry = inquire.enter_refused(by, question, decision)
        return NotAnswered(reason=decision.reason[:400], clause=decision.clause.number, number=entry.pk)
    entry = inquire.enter(by, question)
    try:
        found = inquire.answer(
            by, entry, lambda: _found(by, entry, Terms.of(mou.terms)), count=lambda it: len(it.reads)
        )
    except SearchTooWide:
        return NotAnswered(reason="The search took too long there. Ask for less.", number=entry.pk)
    now = footing(partner.account, at=timezone.now())
    _, shared = _shared(now, partner, asked.purpose)
    # What ended while the search ran: what was found stays here.
    return found if shared else msgspec.structs.replace(refused(now, partner, shared), number=entry.pk)


def _shared(by: Footing, partner: Partner, purpose: str) -> tuple[Mou | None, Decision]:
    mou, shared = covering(partner.agency, what=Share.SEARCHES, purpose=purpose, at=by.at, zone=by.policy.zone)
    return mou, may_answer(is_connected=is_connected(partner), shared=shared)


def _question(partner: Partner, asked: AskSearch) -> inquire.Question:
    """Return a partner's search as our own log has it: on behalf of its operator, and of whoever asked them (VI.g)."""
    served = f", for {asked.requestor}, {asked.requestor_agency}" if asked.requestor else ""
    return inquire.Question(
        plate=asked.plate,
        since=asked.since,
        until=asked.until,
        purpose=asked.purpose,
        offence=asked.offence,
        case_number=asked.case_number,
        justification=asked.justification,
        requestor=f"{asked.operator}{served}",
        requestor_agency=partner.agency.name,
        none_prohibited=asked.none_prohibited,
        besides=msgspec.to_builtins(asked.besides),
    )


def _found(by: Footing, entry: QueryLogEntry, terms: Terms) -> Found:
    """Search as the entry says, and keep back what the agreement keeps back."""
    sought = search_terms(entry.terms, by)
    since, until = (datetime.fromisoformat(entry.terms[name]) for name in ("since", "until"))
    if terms.only_hits and sought.ids is None:
        sought = replace(sought, ids=hit_reads(since=since, until=until))
    if not terms.misses:
        sought = replace(sought, other_than=sought.other_than | misread(since=since, until=until))
    page = read_store().search(sought, limit=MOST_READS, seconds=SECONDS)
    reads = [each for each in page.reads if not each.corrected and _is_within(each, terms)]
    places = dict(lprs().values_list("pk", "name"))
    return Found(
        number=entry.pk,
        reads=[_read(each, places) for each in reads],
        more=page.next is not None,
        withheld=_withheld(terms),
        days=terms.days,
    )


def _is_within(read: StoredRead, terms: Terms) -> bool:
    row, place = read.row, terms.place
    if place is None:
        return True
    return row.latitude is not None and row.longitude is not None and place.contains(row.latitude, row.longitude)


def _withheld(terms: Terms) -> list[str]:
    said = ((terms.only_hits, "reads that raised no hit"), (not terms.misses, "hits that were misread"),
            (bool(terms.area), "reads outside an area"))  # fmt: skip
    return ["pictures", *(words for holds, words in said if holds)]


def _read(read: StoredRead, places: dict[int, str]) -> SharedRead:
    row = read.row
    return SharedRead(
        plate=(row.plate or row.raw)[:40],
        state=(row.state or "")[:8],
        at=datetime.fromtimestamp(row.at / 1e6, tz=UTC),
        place=places.get(row.lpr, "")[:120],
        direction=row.direction[:40],
        latitude=None if row.latitude is None else round(row.latitude * MICRO),
        longitude=None if row.longitude is None else round(row.longitude * MICRO),
    )


def _leave(by: Footing, partner: Partner, message: bytes, answer: bytes, said: Answered) -> bytes:
    """Log what is about to leave, down to its digest."""
    match said:
        case NotAnswered():
            outcome = Outcome.REFUSED if said.clause else Outcome.FAILED
            details: dict[str, object] = {"clause": said.clause, "query": said.number}
        case Found():
            outcome, details = Outcome.DONE, {"query": said.number, "reads": len(said.reads), "withheld": said.withheld}
        case _:
            outcome, details = Outcome.DONE, {}
    with transaction.atomic():
        append(
            at=timezone.now(), by=by.actor, action=Action.PARTNER_ANSWERED, outcome=outcome, clause=Clause.VI_l,
            subject=subject_of(partner), policy=by.policy.stamp,
            details={"agency": partner.agency.name, "request": digest_of(message), "answer": digest_of(answer), **details},
        )  # fmt: skip
    return answer
