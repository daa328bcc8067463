"""Routine transfers are begun and ended, and a receipt that came on paper is recorded, by whom VI.i makes responsible."""

from __future__ import annotations

import base64
import binascii
from datetime import date

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.sharing import Share, is_destination, may_share
from platekeeper.core.rules.transfers import Every, may_see_to_transfers, may_send
from platekeeper.server.gateways.destinations import destination
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.send_transfers import log_step
from platekeeper.server.procedures.transfer_files import drop_files
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import facts_of, subject_of
from platekeeper.server.sharing.models import Dissemination, Mou, Routine, Transfer
from platekeeper.server.storage.holding import hold

_KEY = 32  # bytes


def begin_routine(
    by: Footing, mou: Mou, *, what: Share, purpose: str, form: Dissemination.Form, every: Every, place: str, begins_on: date,
    receiver_key: str = "",
) -> Routine:  # fmt: skip
    """Begin a routine transfer under an MOU. Raises ValueError for a place or a key that is none."""
    destination(place.strip())
    if receiver_key.strip():
        receiver_key = _checked(receiver_key.strip())
    by.demand(
        may_see_to_transfers(by.authority, by.policy),
        is_destination(by.policy, mou.agency.name, ways=("routine",)),
        may_share(facts_of(mou, at=by.at, zone=by.policy.zone), what=what, purpose=purpose, at=by.at),
        attempted=Action.ROUTINE_BEGUN,
        subject=subject_of(mou),
    )
    by.demand(may_send(what, every, by.policy), attempted=Action.ROUTINE_BEGUN, subject=subject_of(mou))
    with transaction.atomic():
        routine = changes.begin_routine(
            mou=mou, what=what, purpose=purpose, form=form, every=every, place=place.strip(), begins_on=begins_on,
            receiver_key=receiver_key, at=by.at, by=by.person, policy=by.policy.stamp,
        )  # fmt: skip
        details = {"mou": mou.pk, "agency": mou.agency.name, "what": what.value, "form": form.value, "every": every.value,
                   "place": routine.place, "begins_on": begins_on.isoformat(), "receiver_key": receiver_key}  # fmt: skip
        _log(by, Action.ROUTINE_BEGUN, routine, details)
    return routine


def end_routine(by: Footing, routine: Routine) -> None:
    """End a routine: nothing of it is sent any more, what was not sent yet included."""
    subject = subject_of(routine)
    by.demand(may_see_to_transfers(by.authority, by.policy), attempted=Action.ROUTINE_ENDED, subject=subject)
    with by.act(Action.ROUTINE_ENDED, subject=subject):
        if not changes.end_routine(routine, at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.VI_i, "It has ended already."))
        _log(by, Action.ROUTINE_ENDED, routine, {})


def confirm_receipt(by: Footing, transfer: Transfer, *, receipt: str) -> None:
    """Record that the receiver said that a transfer came whole, by letter or telephone; its files here go."""
    subject = subject_of(transfer)
    unsaid = Refused(Clause.VI_i, "Say who confirmed it, and how.")
    unsent = Refused(Clause.VI_i, "It is not sent yet, or was received already.")

    def waits() -> Decision:
        return Allowed() if transfer.sent_at and not transfer.received_at else unsent

    by.demand(
        may_see_to_transfers(by.authority, by.policy),
        Allowed() if receipt.strip() else unsaid,
        waits(),
        attempted=Action.TRANSFER_STEP,
        subject=subject,
    )
    with by.act(Action.TRANSFER_STEP, subject=subject):
        hold(transfer)
        demanded(waits())
        changes.note_transfer(
            transfer, received_at=by.at, received_by=by.person, receipt=receipt.strip()[:240], trouble=""
        )
        log_step(
            transfer, "received", at=by.at, by=by.actor, policy=by.policy, sealed={"receipt": receipt.strip()[:240]}
        )
    drop_files(transfer)


def _checked(key: str) -> str:
    try:
        if len(base64.b64decode(key, validate=True)) == _KEY:
            return key
    except binascii.Error:
        pass
    raise ValueError("A receiver's key is 32 bytes in base64, 44 characters.")


def _log(by: Footing, action: Action, routine: Routine, details: dict[str, object]) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VI_i, subject=subject_of(routine), details=details,
        purpose=routine.purpose, policy=by.policy.stamp,
    )  # fmt: skip
