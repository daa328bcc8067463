"""A partner asks (IV.h, VI.g, VI.l): the message is looked at, the department's own policy decides, logs and answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.federation.line import REMEMBERED, MessageRefused, asker_of, digest_of, said_in
from platekeeper.core.federation.lists import count
from platekeeper.core.federation.words import (
    Asked,
    AskLists,
    AskRows,
    AskSearch,
    NotAnswered,
    asked_in,
    plain,
)
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.partners import may_answer
from platekeeper.core.rules.sharing import Share
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import heard_since, is_connected, partners
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.connect_partners import line_to, subject_of
from platekeeper.server.procedures.grounds import record_leaving
from platekeeper.server.procedures.offer_lists import offered_to, rows_for
from platekeeper.server.procedures.search_for_partners import Answer, ground_of, refused, search_for
from platekeeper.server.sharing.lookups import disseminations
from platekeeper.server.sharing.models import Dissemination

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
    except MessageRefused as fault:
        raise Unheard(str(fault)) from fault
    by = footing(partner.account, at=at)
    _hear(by, partner, bundle.uid)
    try:
        answer = _answer(by, partner, asked_in(said_in(bundle)))
    except MessageRefused as fault:
        answer = Answer(NotAnswered(reason=str(fault)[:400]))
    signed = line.answer(plain(answer.said), to=message, at=timezone.now())
    _leave(by, partner, answer, message=message, signed=signed)
    return signed


def _asker(message: bytes) -> Partner:
    try:
        partner = partners().filter(fingerprint=asker_of(message)).first()
    except MessageRefused as fault:
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


def _answer(by: Footing, partner: Partner, asked: Asked) -> Answer:
    match asked:
        case AskSearch():
            return search_for(by, partner, asked)
        case AskLists():
            decision = may_answer(by.authority, is_connected=is_connected(partner))
            return refused(decision) if isinstance(decision, Refused) else Answer(offered_to(partner))
        case AskRows():
            return _sent(by, partner, asked)


def _sent(by: Footing, partner: Partner, asked: AskRows) -> Answer:
    """Send rows of a hot list; what is recorded as leaving is the list: with its first piece, or with whichever
    piece is the first that they ask for."""
    ground = ground_of(by, partner, Share.HOT_LISTS, asked.purpose)
    if isinstance(ground, Refused):
        return refused(ground)
    sent = rows_for(by, partner, asked)
    if isinstance(sent, Refused):
        return refused(sent)
    source = f"list:{asked.name}"
    recorded = disseminations().filter(by=partner.account, source=source, sha256=sent.said.digest).first()
    if not sent.said.packed or (asked.after and recorded is not None):
        return Answer(sent.said, recorded=recorded)
    leaving = {
        "at": by.at, "ground": ground, "what": Share.HOT_LISTS, "purpose": asked.purpose, "why": "fetched by a subscriber",
        "source": source, "content": sent.rows, "records": count(sent.rows),
    }  # fmt: skip
    return Answer(sent.said, leaving)


def _leave(by: Footing, partner: Partner, answer: Answer, *, message: bytes, signed: bytes) -> None:
    """Record and log what is about to leave, down to its digest."""
    at, said = timezone.now(), answer.said
    details: dict[str, Any] = {
        "agency": partner.agency.name,
        "request": digest_of(message),
        "answer": digest_of(signed),
    }
    outcome = Outcome.DONE
    if isinstance(said, NotAnswered):
        outcome = Outcome.REFUSED if said.clause else Outcome.FAILED
        details |= {"clause": said.clause, "query": said.number}
    with transaction.atomic():
        record = answer.recorded
        if answer.leaving is not None:
            record = record_leaving(
                **{"content": signed, **answer.leaving}, to=partner.account.name, form=Dissemination.Form.JSONL,
                by=partner.account, policy=by.policy, ended_at=at,
            )  # fmt: skip
        if record is not None:
            details |= {"record": record.pk, "what": record.what, "records": record.records, "source": record.source}
        append(
            at=at, by=by.actor, action=Action.PARTNER_ANSWERED, outcome=outcome, clause=Clause.VI_l,
            subject=subject_of(partner), details=details, sealed={"reason": getattr(said, "reason", "")},
            policy=by.policy.stamp,
        )  # fmt: skip
