"""The only writer of MOUs, orders and what left the department."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from platekeeper.core.ledger import canonical
from platekeeper.server.personnel.models import Person
from platekeeper.server.sharing.models import Dissemination, Mou, MouStep, Order, Routine, Transfer


def draft_mou(*, document: bytes, at: datetime, by: Person, policy: tuple[int, str], **facts: Any) -> Mou:
    """Keep an MOU with its first step."""
    mou = Mou.objects.create(
        document=document, sha256=hashlib.sha256(document).hexdigest(), policy_number=policy[0], policy_digest=policy[1],
        **facts,
    )  # fmt: skip
    add_step(mou, kind=MouStep.Kind.DRAFTED, at=at, by=by, policy=policy, note="")
    return mou


def add_step(mou: Mou, *, kind: MouStep.Kind, at: datetime, by: Person, policy: tuple[int, str], note: str) -> MouStep:
    """Add a step. Raises IntegrityError for one that is taken once and was."""
    return MouStep.objects.create(
        mou=mou, kind=kind, at=at, by=by, note=note, policy_number=policy[0], policy_digest=policy[1]
    )


def record_order(*, document: bytes, at: datetime, by: Person, policy: tuple[int, str], **facts: Any) -> Order:
    """Keep an order with its document."""
    return Order.objects.create(
        document=document, sha256=hashlib.sha256(document).hexdigest(), recorded_at=at, recorded_by=by,
        policy_number=policy[0], policy_digest=policy[1], **facts,
    )  # fmt: skip


def withdraw_order(order: Order, *, at: datetime, by: Person, why: str) -> bool:
    """Record that an order obliges no longer; False when it did not any more."""
    standing = Order.objects.filter(pk=order.pk, withdrawn_at=None)
    return bool(standing.update(withdrawn_at=at, withdrawn_by=by, withdrawn_why=why))


def begin_dissemination(*, manifest: Mapping[str, Any], policy: tuple[int, str], **facts: Any) -> Dissemination:
    """Record what is about to leave. Raises IntegrityError for an agency without a ground."""
    return Dissemination.objects.create(
        manifest=canonical(dict(manifest)).decode(), policy_number=policy[0], policy_digest=policy[1], **facts
    )


def end_dissemination(
    gone: Dissemination, *, at: datetime | None, failure: str = "", measured: Mapping[str, Any] | None = None
) -> None:
    """Record that it left, or why it did not. `measured`: `sha256`, `size`, `records` and `withheld`, where its end tells."""
    gone.ended_at, gone.failure = at, failure[:240]
    for name, value in (measured or {}).items():
        setattr(gone, name, value)
    told = {"sha256": gone.sha256, "records": gone.records, "withheld": gone.withheld, "bytes": gone.size}
    gone.manifest = canonical(json.loads(gone.manifest) | told).decode()
    gone.save(update_fields=["ended_at", "failure", "manifest", *(measured or {})])


def confirm_dissemination(gone: Dissemination, *, at: datetime, receipt: str) -> bool:
    """Record that it was received; False when that was confirmed already."""
    waiting = Dissemination.objects.filter(pk=gone.pk, received_at=None).exclude(ended_at=None)
    return bool(waiting.update(received_at=at, receipt=receipt[:240]))


def forget_why(*, source: str) -> None:
    """Forget why something left of what was emptied; to whom, and the digest, stay."""
    Dissemination.objects.filter(source=source).update(why="")


def begin_routine(*, mou: Mou, at: datetime, by: Person, policy: tuple[int, str], **facts: Any) -> Routine:
    """Keep a routine."""
    return Routine.objects.create(
        mou=mou, begun_at=at, begun_by=by, policy_number=policy[0], policy_digest=policy[1], **facts
    )


def end_routine(routine: Routine, *, at: datetime, by: Person) -> bool:
    """End a routine; False when it had ended."""
    return bool(Routine.objects.filter(pk=routine.pk, ended_at=None).update(ended_at=at, ended_by=by))


def begin_transfer(
    routine: Routine, *, since: date, until: date, due_at: datetime, at: datetime, policy: tuple[int, str]
) -> Transfer:
    """Begin the transfer of a period. Raises IntegrityError for one that was begun."""
    return Transfer.objects.create(
        routine=routine, uid=secrets.token_hex(16), since=since, until=until, due_at=due_at, begun_at=at,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def note_transfer(transfer: Transfer, **what: Any) -> None:
    """Keep how far a transfer is: `tries`, `trouble`, `sent_at`, `manifest`, `received_*`, `receipt`, `given_up_at`."""
    for name, value in what.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=list(what))
