"""The ledger's checkpoints: signed at least every minute in which something happened, and handed to whoever keeps them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.server.casefiles.lookups import sealed_subjects
from platekeeper.server.ledger import changes, lookups, signing
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.chain import first_key
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerKey
from platekeeper.server.ledger.public import published
from platekeeper.server.personnel.lookups import department
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.storage.files import write_durably
from platekeeper.verify import fingerprint

KEEPS_KEY = "VI.e.auditors"
"""The blank that says who exports the ledger and changes its key."""


def checkpoint(*, at: datetime) -> LedgerCheckpoint:
    """Sign the ledger as it stands and lay the checkpoint where a witness fetches it; the first one begins a key.

    Raises `signing.KeyMissing`.
    """
    with transaction.atomic():
        signed = _sign_now(at=at)
    _lay_out(signed)
    return signed


def sign_now(*, at: datetime) -> None:
    """Sign after an act that outsiders may ask about. Where the key is missing the act stands, and the job says so."""
    with suppress(signing.KeyMissing):
        checkpoint(at=at)


def change_key(by: Footing) -> LedgerKey:
    """Hand signing over to a new key: the old one signs the leaf that names it, and then nothing any more.

    A lost key is replaced likewise; then no signature covers the hand-over, and outsiders need the new fingerprint.
    """
    by.demand(has_duty(by.authority, by.policy, KEEPS_KEY), attempted=Action.LEDGER_KEY_CHANGED)
    public = signing.public_of(_new_private_key())
    with transaction.atomic():
        changes.stand_in_line()  # first: nothing may be signed between the old key's last leaf and the new one
        old, handed_over = lookups.key(), None
        _announce(public, at=by.at, by=by.actor, policy=by.policy.stamp)
        if old is not None:
            with suppress(signing.KeyMissing):
                handed_over = _sign(old, at=by.at)
        key = changes.begin_key(origin=old.origin if old else _origin(), public_key=public, at=by.at)
    if handed_over is not None:
        _lay_out(handed_over)
    if old is not None:
        signing.forget(bytes(old.public_key), settings.HOME.ledger_keys)
    return key


def export(by: Footing | None, *, openings: bool, at: datetime) -> Iterator[str]:
    """Return the lines of an export, logged and covered by a checkpoint before the first one is read (VI.e).

    `by` is None for the command line, which the system acts for. Raises `signing.KeyMissing`, and nothing was exported.
    """
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, KEEPS_KEY), attempted=Action.LEDGER_EXPORTED)
    _log_export(by, {"openings": openings}, at=at)
    return lookups.exported(openings=openings, withheld=sealed_subjects())


def publish(by: Footing | None, *, since: date, until: date, at: datetime) -> Iterator[str]:
    """Return the lines of the public's log of the days from `since` up to, not with, `until`; otherwise as `export`."""
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, KEEPS_KEY), attempted=Action.LEDGER_EXPORTED)
    zone = in_force(at=at).zone
    begin, end = (datetime.combine(day, time.min, zone) for day in (since, until))
    _log_export(by, {"public": True, "since": f"{since}", "until": f"{until}"}, at=at)
    return published(since=begin, until=end)


def first_fingerprint() -> str:
    """Return the fingerprint that outsiders hold, empty before the first checkpoint; another one once a key was lost."""
    first = first_key()
    return fingerprint(bytes(first.public_key)) if first else ""


def _log_export(by: Footing | None, details: dict[str, object], *, at: datetime) -> None:
    with transaction.atomic():
        append(
            at=at, by=by.actor if by else SYSTEM, action=Action.LEDGER_EXPORTED, clause=Clause.VI_e, details=details,
            policy=in_force(at=at).stamp,
        )  # fmt: skip
        signed = _sign_now(at=at)
    _lay_out(signed)


def _sign_now(*, at: datetime) -> LedgerCheckpoint:
    changes.stand_in_line()  # first: the key must not change between being looked up and signing
    return _sign(lookups.key() or _begin(at=at), at=at)


def _sign(key: LedgerKey, *, at: datetime) -> LedgerCheckpoint:
    private = signing.load(bytes(key.public_key), settings.HOME.ledger_keys)
    return changes.sign(key, at=at, by=private.sign)


def _lay_out(signed: LedgerCheckpoint) -> None:
    """Lay a checkpoint where a witness fetches it, in place of an earlier one of its day: each day's last stays there."""
    settings.HOME.witnessed.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = _place_of(signed)
    if not place.exists():
        write_durably(place, signed.note.encode(), mode=0o644)
    before = lookups.last_checkpoint(below=signed.size)
    if before is not None and _day_of(before) == _day_of(signed):
        _place_of(before).unlink(missing_ok=True)


def _day_of(signed: LedgerCheckpoint) -> date:
    return signed.signed_at.astimezone(UTC).date()


def _place_of(signed: LedgerCheckpoint) -> Path:
    return settings.HOME.witnessed / f"{signed.size:012d}.txt"


def _begin(*, at: datetime) -> LedgerKey:
    public = signing.public_of(_new_private_key())
    key = changes.begin_key(origin=_origin(), public_key=public, at=at)
    _announce(public, at=at, by=SYSTEM, policy=in_force(at=at).stamp)
    return key


def _new_private_key() -> Ed25519PrivateKey:
    private = signing.new_key()
    signing.save(private, settings.HOME.ledger_keys)
    return private


def _announce(public: bytes, *, at: datetime, by: Actor, policy: tuple[int, str]) -> None:
    append(
        at=at,
        by=by,
        action=Action.LEDGER_KEY_CHANGED,
        clause=Clause.VI_e,
        details={"public_key": base64.b64encode(public).decode(), "fingerprint": fingerprint(public)},
        policy=policy,
    )


def _origin() -> str:
    """Return the ledger's name: it stays what it was at the first checkpoint, whatever the department is called later."""
    agency = department()
    name = re.sub(r"[^a-z0-9]+", "-", (agency.name if agency else "").lower()).strip("-")
    return f"platekeeper/{name or 'department'}"
