"""A partner's hot lists are fetched: whole once, then what changed, and loaded as any delivery (IV.e, VI.l)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.federation import lists
from platekeeper.core.federation.line import Fault, MessageRefused
from platekeeper.core.federation.words import (
    PIECE,
    Answered,
    AskLists,
    AskRows,
    NotAnswered,
    Rows,
    plain,
)
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.partners import may_ask
from platekeeper.server.hotlist.lookups import deliveries_of
from platekeeper.server.hotlist.standing import standing_of
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import is_connected, subscriptions
from platekeeper.server.partners.models import Partner, Subscription
from platekeeper.server.policy.lookups import in_force as policy_in_force
from platekeeper.server.procedures.ask_partners import Came, fetched, read
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.connect_partners import line_to, subject_of
from platekeeper.server.procedures.load_hot_list import HotListRefused, load_hot_list
from platekeeper.server.sharing.lookups import in_force
from platekeeper.server.storage import snapshots
from platekeeper.server.storage.locks import held

State = Subscription.State
DUTY = "IV.e.custodian"
_EVERY, _AFTER_A_NO = timedelta(minutes=30), timedelta(days=1)
_LONGEST = 120.0
"""Seconds that all pieces of a list may take, and after which a run begins no other list: other work waits for it."""
_SAID_ANEW = timedelta(hours=6)
"""Rows that did not change are loaded again after this time: a list is of the day on which it was heard of last (V.a)."""


class _Stopped(Exception):
    """A fetch came to nothing: in which state, and why."""

    def __init__(self, state: Subscription.State, reason: str, clause: str = "") -> None:
        super().__init__(reason)
        self.state, self.reason, self.clause = state, reason, clause


def fetch_due(*, at: datetime) -> int:
    """Fetch what is due, the one tried longest ago first; what was refused is tried again a day later.

    Partners that are not reached, and what takes too long, keep other work waiting once: the rest is left to the next run.
    Return how many were tried.
    """
    begun, down, tried = monotonic(), set[int](), 0
    for subscription in subscriptions().order_by(F("tried_at").asc(nulls_first=True), "pk"):
        if monotonic() - begun > _LONGEST:
            break
        is_due = subscription.tried_at is None or abs(at - subscription.tried_at) >= _pause(subscription)
        if is_due and subscription.partner_id not in down:
            fetch(subscription, at=at)
            tried += 1
            if subscription.state == State.DOWN:
                down.add(subscription.partner_id)
    return tried


def fetch_now(by: Footing, subscription: Subscription) -> None:
    """Fetch a list because somebody who maintains hot lists says so, also one that was refused."""
    subject = subject_of(subscription.partner)
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LIST_FETCHED, subject=subject)
    fetch(subscription, at=by.at, by=by)


def fetch(subscription: Subscription, *, at: datetime, by: Footing | None = None) -> None:
    """Fetch a list and load what it came to; whatever comes of it is the subscription's state, and in the ledger."""
    partner = subscription.partner
    agreed = in_force(partner.agency, at=at, zone=policy_in_force(at=at).zone)
    decision = may_ask(is_connected=is_connected(partner), has_mou=bool(agreed))
    log_fetching(partner, Outcome.BEGUN, details_of(subscription), by=by, at=at)
    told: dict[str, Any] = {"state": State.FETCHED, "tried_at": at, "clause": "", "reason": ""}
    try:
        if isinstance(decision, Refused):
            raise _Stopped(State.REFUSED, decision.reason, decision.clause.number)
        _load(subscription, _fetched(subscription), at=at)
    except _Stopped as stopped:
        told |= {"state": stopped.state, "clause": stopped.clause, "reason": stopped.reason[:400]}
    except Exception as error:  # whatever one list comes to, the others are fetched
        told |= {"state": State.UNLOADED, "reason": f"{type(error).__name__}: {error}"[:400]}
    outcome = {State.FETCHED: Outcome.DONE, State.REFUSED: Outcome.REFUSED}.get(told["state"], Outcome.FAILED)
    with transaction.atomic():
        changes.note_fetch(subscription, **told)
        details = {**details_of(subscription), "state": told["state"].value, "clause": told["clause"]}
        _log(partner, outcome, details, by=by, at=at)


def _fetched(subscription: Subscription) -> bytes:
    """Return the rows as the partner has them, checked by their digest. Raises `_Stopped`."""
    asked = AskRows(subscription.name, subscription.purpose, known=subscription.digest)
    first = _rows(subscription, asked)
    if first.size > lists.LARGEST:
        raise _Stopped(State.INVALID, f"The list is larger than {lists.LARGEST // 1024**2} MB.")
    if first.digest == subscription.digest:
        return _known(subscription)
    try:
        if first.of_known:
            rows = lists.with_difference(_known(subscription), lists.unpacked(first.packed, most=PIECE))
        else:
            rows = _whole(subscription, first)
    except MessageRefused as fault:
        raise _Stopped(State.INVALID, str(fault)) from fault
    if hashlib.sha256(rows).hexdigest() != first.digest:
        raise _Stopped(State.INVALID, "The rows are not those that the partner's digest names.")
    return rows


def _whole(subscription: Subscription, first: Rows) -> bytes:
    """Return all rows, piece by piece; the MOU is asked for at each of them, on the other side."""
    begun, rows = monotonic(), bytearray(lists.unpacked(first.packed, most=PIECE))
    while 0 < len(rows) < first.size:
        if monotonic() - begun > _LONGEST:
            raise _Stopped(State.DOWN, "The rows come too slowly.")
        asked = AskRows(subscription.name, subscription.purpose, digest=first.digest, after=len(rows))
        more = _rows(subscription, asked)
        piece = lists.unpacked(more.packed, most=PIECE) if more.digest == first.digest else b""
        if not piece:
            raise MessageRefused(Fault.NO_MESSAGE, "The rows end before they are whole.")
        rows += piece
    return bytes(rows)


def _rows(subscription: Subscription, asked: AskRows) -> Rows:
    match ask_for(subscription.partner, asked, at=timezone.now()):
        case Rows() as rows:
            return rows
        case NotAnswered() as no:
            raise _Stopped(State.REFUSED if no.clause else State.INVALID, no.reason, no.clause)
        case Came() as came:
            raise _Stopped(State(came.state), came.reason)
        case _:
            raise _Stopped(State.INVALID, "This is no answer to who asks for rows.")


def ask_for(partner: Partner, asked: AskLists | AskRows, *, at: datetime) -> Answered | Came:
    """Ask a partner for lists, or for rows of one; return the answer, or what came instead."""
    line = line_to(partner)
    request = line.ask(plain(asked), uid=secrets.token_hex(16), at=at)
    return read(fetched(partner.address, request), line, request, at=timezone.now())


def _load(subscription: Subscription, rows: bytes, *, at: datetime) -> None:
    """Load what makes these rows of the list in force, and note that they are; one fetch at a time. Raises `_Stopped`.

    What goes is told by what stands on the list, and nothing is noted of it while it changes: so no plate that the
    partner took off stays because a fetch was cut off, or another one was under way.
    """
    digest, name = hashlib.sha256(rows).hexdigest(), f"{subscription.partner.agency.name} {subscription.name}.csv"
    with held(settings.HOME.partner_list_lock):
        subscription.refresh_from_db(fields=["digest"])
        newest = deliveries_of(subscription.hot_list).first()
        if digest == subscription.digest and newest is not None and abs(at - newest.delivered_at) < _SAID_ANEW:
            return
        try:
            if content := lists.changes(standing_of(newest).lines(), rows):
                changes.note_fetch(subscription, digest="")
                load_hot_list(
                    None, file_name=name, content=content, at=at, hot_list=subscription.hot_list, accept_shorter=True
                )
        except (HotListFormatError, HotListRefused, RefusedAction) as refusal:
            raise _Stopped(State.UNLOADED, str(refusal)) from refusal
        changes.note_fetch(subscription, digest=snapshots.keep(settings.HOME.hot_lists, rows))


def _known(subscription: Subscription) -> bytes:
    try:
        return snapshots.read(settings.HOME.hot_lists, subscription.digest) if subscription.digest else b""
    except snapshots.SnapshotDamaged as gone:
        raise _Stopped(State.UNLOADED, f"What is on the list already cannot be read: {gone}") from gone


def _pause(subscription: Subscription) -> timedelta:
    return _AFTER_A_NO if subscription.state == State.REFUSED else _EVERY


def details_of(subscription: Subscription) -> dict[str, Any]:
    """Return what the ledger says of a subscription."""
    return {"list": subscription.name, "into": subscription.hot_list.slug, "digest": subscription.digest}


def log_fetching(
    partner: Partner,
    outcome: Outcome,
    details: dict[str, Any],
    *,
    by: Footing | None = None,
    at: datetime | None = None,
) -> None:
    """Log that something is fetched, or what came of it, in a transaction of its own."""
    with transaction.atomic():
        _log(partner, outcome, details, by=by, at=at)


def _log(
    partner: Partner,
    outcome: Outcome,
    details: dict[str, Any],
    *,
    by: Footing | None = None,
    at: datetime | None = None,
) -> None:
    moment = by.at if by else at or timezone.now()
    append(
        at=moment, by=by.actor if by else SYSTEM, action=Action.LIST_FETCHED, outcome=outcome, clause=Clause.VI_l,
        subject=subject_of(partner), details={"agency": partner.agency.name, **details},
        policy=(by.policy if by else policy_in_force(at=moment)).stamp,
    )  # fmt: skip
