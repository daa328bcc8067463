"""A bundle of reads comes in on removable media: looked through, taken in as any other reads are, and receipted (V.b).

Nothing of a bundle that is not whole, not signed by a unit of this department, or not sealed to it is taken in.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.cameras import platekeeper as own_format
from platekeeper.core.formats.reads import TooManyReads, UnparsedRead, too_many_values
from platekeeper.core.formats.reads_bundle import batches_of, looked_through, receipt_for
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.uploads import responsible_for
from platekeeper.core.transfer import Bundle, TransferError, check, fingerprint
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import entry_keys
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.receive_reads import Submission, intake
from platekeeper.server.reads import changes
from platekeeper.server.reads.lookups import bundles
from platekeeper.server.reads.models import BundleReceived
from platekeeper.server.storage.field_keys import field_keys

COUNTED = ("stored", "repeated", "dead_letters", "past_ceiling")
Receive = Callable[[LPR, bytes], Mapping[str, object]]
"""Takes a batch of an LPR in and returns its receipt."""


class AlreadyReceived(Exception):
    """The bundle was taken in before; its receipt is there to be handed out again."""

    def __init__(self, received: BundleReceived) -> None:
        super().__init__(f"This bundle was received already on {received.done_at:%Y-%m-%d at %H:%M} UTC.")
        self.receipt = bytes(received.receipt)


def may_hand_in(by: Footing) -> Decision:
    """Decide who hands in bundles: whom the policy makes responsible for field uploads (V.b)."""
    return has_any_duty(by.authority, by.policy, responsible_for(in_field=True))


def hand_in(by: Footing, file: BinaryIO) -> BundleReceived:
    """Take in a bundle that somebody has in hand. Raises as `receive_bundle` does."""
    by.demand(may_hand_in(by), attempted=Action.BUNDLE_RECEIVED)
    return receive_bundle(file, receive=take_in(by.at), at=by.at, by=by.actor)


def receive_bundle(file: BinaryIO, *, receive: Receive, at: datetime, by: Actor = SYSTEM) -> BundleReceived:
    """Take in what a bundle holds, and return it with its receipt; the receipt says that all of it is on disk.

    Raises `TransferError` for one that is refused, and `AlreadyReceived`; both are logged. What breaks off in between is
    taken in whole by receiving it again.
    """
    file.seek(0)
    bundle: Bundle | None = None
    try:
        bundle = looked_through(file.read)
        lpr = _whose(bundle)
        known = _known(bundle, lpr)
        if known is not None and known.done_at is not None:
            raise AlreadyReceived(known)
    except (TransferError, AlreadyReceived) as refused:
        with transaction.atomic():
            _log(Outcome.REFUSED, bundle, at=at, by=by, reason=str(refused)[:240])
        raise
    with transaction.atomic():
        begun = changes.begin_bundle(
            uid=bundle.uid, lpr=lpr, at=at, key=bundle.key, sha256=bundle.content["sha256"], made_at=bundle.made_at,
            reads=bundle.content["reads"],
        )  # fmt: skip
        _log(Outcome.BEGUN, bundle, at=at, by=by)
    keys, counts = field_keys(settings.HOME.field_keys), Counter(dict.fromkeys(COUNTED, 0))
    file.seek(0)
    for batch in batches_of(file.read, bundle, keys.opens):
        answer = receive(lpr, batch)
        counts.update({name: int(str(answer[name])) for name in COUNTED})
    uid = secrets.token_hex(16)
    receipt = receipt_for(bundle, counts, uid=uid, at=at, public=keys.public[0], sign=keys.signs.sign)
    with transaction.atomic():
        changes.end_bundle(begun, at=at, counts=counts, receipt=receipt)
        _log(Outcome.DONE, bundle, at=at, by=by, **counts)
    return begun


def take_in(at: datetime) -> Receive:
    """Return what takes batches in with this process's own intake."""

    def receive(lpr: LPR, batch: bytes) -> Mapping[str, object]:
        if said := too_many_values(batch):
            raise TransferError(said)
        try:
            items = list(own_format.parse(batch))
        except TooManyReads as error:
            raise TransferError(str(error)) from error
        submission = Submission(
            lpr=lpr, format="platekeeper", received_at=at,
            reads=[item for item in items if not isinstance(item, UnparsedRead)],
            unparsed=[item for item in items if isinstance(item, UnparsedRead)],
        )  # fmt: skip
        return intake().receive(submission).told()

    return receive


def _whose(bundle: Bundle) -> LPR:
    """Return the LPR whose unit signed a bundle for this department. Raises `TransferError`."""
    key = entry_keys().filter(fingerprint=bundle.key).first()
    if key is None or key.lpr is None:
        raise TransferError("This is somebody else's bundle: no unit of this department has the key that signed it.")
    if key.ended_at is not None:
        raise TransferError(f"The key of {key.lpr.name} has ended. Enroll its new key, then export the bundle again.")
    check(bundle, bytes.fromhex(key.public))
    if bundle.content["unit"] != key.lpr.pk:
        raise TransferError("The bundle names another LPR than the one whose key signed it.")
    if bundle.content["to"] != fingerprint(field_keys(settings.HOME.field_keys).public[1]):
        raise TransferError("The bundle is sealed to another department's key. Enroll the unit again, then export it.")
    return key.lpr


def _known(bundle: Bundle, lpr: LPR) -> BundleReceived | None:
    """Return what is known of a bundle that came before. Raises `TransferError` where it was another unit's."""
    known = bundles().filter(uid=bundle.uid).first()
    if known is not None and known.lpr != lpr:
        raise TransferError(
            f"Another bundle of this number came already, from {known.lpr.name}. If it is not that unit's, its key is in "
            "wrong hands. Export this one again: it gets a number of its own."
        )
    return known


def _log(outcome: Outcome, bundle: Bundle | None, *, at: datetime, by: Actor, **details: object) -> None:
    said = {"uid": bundle.uid, "reads": bundle.content["reads"], "key": bundle.key} if bundle else {}
    append(
        at=at, by=by, action=Action.BUNDLE_RECEIVED, outcome=outcome, clause=Clause.V_b,
        subject=f"bundle:{bundle.uid}" if bundle else "", details={**said, **details}, policy=in_force(at=at).stamp,
    )  # fmt: skip
