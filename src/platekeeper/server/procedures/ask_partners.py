"""Partners are asked what they read (IV.h, VI.l): with one's own query, each logged before the question leaves."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import DatabaseError, transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.federation.line import LARGEST_ANSWER, Line, MessageRefused, digest_of
from platekeeper.core.federation.words import Answered, AskSearch, Besides, Found, NotAnswered, answered_in, plain
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.partners import may_ask
from platekeeper.server.gateways import partners as gateway
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import connected, is_connected, questions_of
from platekeeper.server.partners.models import Partner, PartnerQuestion
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.connect_partners import line_to, subject_of
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import QueryResult, run_approved, search
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.lookups import in_force

State = PartnerQuestion.State
_OUTCOMES = {State.ANSWERED: Outcome.DONE, State.REFUSED: Outcome.REFUSED}
_AT_ONCE = 8
_TWO_PLACES = {"plate", "plates", "lprs", "since", "until", "partners"}
"""Terms of a query that have a place of their own in a question, or mean something here only."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a question: the answer's bytes, or the state and the reason where there was none."""

    answer: bytes = b""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Asking:
    question: PartnerQuestion
    partner: Partner
    line: Line
    request: bytes

    def fetch(self) -> Came:
        """Ask; in a thread of its own, so nothing here touches the database."""
        return fetched(self.partner.address, self.request)


def may_ask_partner(by: Footing, partner: Partner) -> Decision:
    """Decide whether anything may be asked of a partner now."""
    agreed = in_force(partner.agency, at=by.at, zone=by.policy.zone)
    return may_ask(is_connected=is_connected(partner), has_mou=bool(agreed))


def partners_to_ask(by: Footing) -> list[Partner]:
    """Return the partners that a query can be put to."""
    return [partner for partner in connected() if may_ask_partner(by, partner)]


def search_across(by: Footing, question: Question, partners: Collection[Partner]) -> QueryResult:
    """Search here as `search` does, and at partners; who is asked stands in the Query Log entry. Raises as `search`."""
    if not partners:
        return search(by, question)

    def choose(entry: QueryLogEntry) -> None:
        for partner in partners:
            changes.choose(entry, partner)

    names = [partner.agency.name for partner in partners]
    result = search(by, replace(question, besides={**question.besides, "partners": names}), linked=choose)
    if result.entry.state == QueryLogEntry.State.COMPLETED:
        ask_partners(by, result.entry)
    return result


def run_approved_across(by: Footing, entry_id: int) -> QueryResult:
    """Run one's own approved search here and at the partners that were chosen with it. Raises as `run_approved`."""
    result = run_approved(by, entry_id)
    ask_partners(by, result.entry)
    return result


def ask_partners(by: Footing, entry: QueryLogEntry) -> None:
    """Put a query that runs to the partners chosen with it, all at the same time, and enter what came of each."""
    chosen = questions_of(entry).filter(state=State.CHOSEN)
    asking = [begun for question in chosen if (begun := _begin(by, entry, question)) is not None]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        for each, came in zip(asking, threads.map(_Asking.fetch, asking), strict=True):
            try:
                _end(by, entry, each, came)
            except (DatabaseError, ValueError) as error:  # whatever one says, what the others say is entered
                _end(by, entry, each, Came(state=State.INVALID, reason=f"It could not be kept: {error}"))


def view_answers(by: Footing, entry: QueryLogEntry) -> list[PartnerQuestion]:
    """Return what partners answered to one's own query whose results are open, a look that is logged if there is any."""
    questions = list(questions_of(entry))
    shown = [each.pk for each in questions if hasattr(each, "answer")]
    if shown:
        with transaction.atomic():
            _log(
                by, entry, Action.PARTNER_VIEWED, outcome=Outcome.DONE, subject=f"query:{entry.pk}",
                details={"questions": shown},
            )  # fmt: skip
    return questions


def forget_answers(*, at: datetime) -> int:
    """Forget what partners found in queries whose results are closed; return how many answers."""
    return changes.forget_answers(before=at - PAGES_OPEN_FOR)


def fetched(address: str, request: bytes) -> Came:
    """Send a request to a partner's server; whatever becomes of it is a state and a reason."""
    try:
        return Came(gateway.ask(address, request, most=LARGEST_ANSWER))
    except gateway.Unreachable as error:
        return Came(state=State.DOWN, reason=str(error))
    except (gateway.NoAnswer, ValueError) as error:
        return Came(state=State.INVALID, reason=str(error))


def read(came: Came, line: Line, request: bytes, *, at: datetime) -> Answered | Came:
    """Return what a partner answers, or what came instead of an answer."""
    if came.state:
        return came
    try:
        return answered_in(line.take_answer(came.answer, to=request, at=at))
    except MessageRefused as error:
        return Came(came.answer, State.INVALID, f"{error.fault}: {error}")


def _begin(by: Footing, entry: QueryLogEntry, question: PartnerQuestion) -> _Asking | None:
    partner = question.partner
    decision = may_ask_partner(by, partner)
    if isinstance(decision, Refused):
        by.log_refusal(decision, attempted=Action.PARTNER_ASKED, subject=subject_of(partner))
        changes.end(
            question, state=State.UNASKED, ended_at=by.at, clause=decision.clause.number, reason=decision.reason
        )
        return None
    line = line_to(partner)
    request = line.ask(plain(_asked(by, entry)), uid=secrets.token_hex(16), at=by.at)
    with transaction.atomic():
        if not changes.begin(question, at=by.at):
            return None
        details = {"query": entry.pk, "agency": partner.agency.name, "request": digest_of(request)}
        _log(
            by, entry, Action.PARTNER_ASKED, outcome=Outcome.BEGUN, subject=subject_of(partner), details=details,
            plate=entry.terms["plate"],
        )  # fmt: skip
    return _Asking(question, partner, line, request)


def _asked(by: Footing, entry: QueryLogEntry) -> AskSearch:
    besides = {name: value for name, value in entry.terms.items() if name not in _TWO_PLACES}
    return AskSearch(
        number=entry.pk,
        operator=by.actor.name,
        requestor=entry.requestor,
        requestor_agency=entry.requestor_agency,
        purpose=entry.purpose,
        offense=entry.offense,
        case_number=entry.case_now,
        justification=entry.justification,
        none_prohibited=entry.none_prohibited,
        plate=entry.terms["plate"],
        since=datetime.fromisoformat(entry.terms["since"]),
        until=datetime.fromisoformat(entry.terms["until"]),
        besides=msgspec.convert(besides, Besides),
    )


def _end(by: Footing, entry: QueryLogEntry, asking: _Asking, came: Came) -> None:
    now = timezone.now()
    answered = read(came, asking.line, asking.request, at=now)
    told: dict[str, Any] = {"ended_at": now, "digest": digest_of(came.answer) if came.answer else ""}
    answer: dict[str, Any] | None = None
    match answered:
        case Found():
            told |= {"state": State.ANSWERED, "number": answered.number, "found": len(answered.reads)}
            answer = plain(answered)
        case NotAnswered():
            state = State.REFUSED if answered.clause else State.FAILED
            told |= {"state": state, "number": answered.number, "clause": answered.clause, "reason": answered.reason}
        case Came():
            told |= {"state": State(answered.state), "reason": answered.reason[:400]}
        case _:
            told |= {"state": State.INVALID, "reason": "This is no answer to a search."}
    state = told["state"]
    details = {"query": entry.pk, "agency": asking.partner.agency.name, "request": digest_of(asking.request),
               "answer": told["digest"], "state": state.value, "theirs": told.get("number", 0),
               "clause": told.get("clause", ""), "found": told.get("found")}  # fmt: skip
    with transaction.atomic():
        changes.end(asking.question, answer=answer, **told)
        _log(
            by, entry, Action.PARTNER_ASKED, outcome=_OUTCOMES.get(state, Outcome.FAILED), details=details,
            subject=subject_of(asking.partner), reason=told.get("reason", ""),
        )  # fmt: skip


def _log(
    by: Footing, entry: QueryLogEntry, action: Action, *, outcome: Outcome, subject: str, details: dict[str, Any],
    **sealed: str,
) -> None:  # fmt: skip
    append(
        at=by.at, by=by.actor.serving(entry.requestor), action=action, outcome=outcome, clause=Clause.VI_l,
        subject=subject, details=details, sealed=sealed, purpose=entry.purpose, case=entry.case_now,
        policy=by.policy.stamp,
    )  # fmt: skip
