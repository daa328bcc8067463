"""Append to the ledger: the only writer of its tables."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from platekeeper.core.actor import Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical, commitment, entry_hash
from platekeeper.core.ledger.notes import checkpoint
from platekeeper.server.ledger import tree
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import HandOver, LedgerCheckpoint, LedgerEntry, LedgerKey, LedgerOpening, Witness
from platekeeper.verify import PUBLIC_VERSION

BODY_VERSION = PUBLIC_VERSION
_APPEND_LOCK = 0x504B_4C44  # any number that no other advisory lock of ours uses


def append(
    *,
    at: datetime,
    by: Actor,
    action: Action,
    outcome: Outcome = Outcome.DONE,
    clause: Clause | None = None,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    sealed: Mapping[str, str] | None = None,
    purpose: str = "",
    case: str = "",
    policy: tuple[int, str] | None = None,
) -> LedgerEntry:
    """Append one entry and return it.

    Must run inside the transaction of the act it records, as its last statement. `details` is plain data (canonical
    JSON: no floats); `sealed` holds what names plates or people and enters the leaf as salted commitments only.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A ledger entry belongs to the transaction of its act.")
    secret = {"name": by.name, "on_behalf_of": by.on_behalf_of, **(sealed or {})}
    salts = {field: secrets.token_bytes(16) for field, value in secret.items() if value}
    body = canonical(
        {
            "v": BODY_VERSION,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": {"person": by.person, "positions": list(by.positions), "agency": by.agency},
            "action": action.value,
            "outcome": outcome.value,
            "clause": clause.number if clause else "",
            "subject": subject,
            "details": dict(details or {}),
            "sealed": {field: commitment(salt, field, secret[field]) for field, salt in salts.items()},
            "purpose": purpose,
            "case": case,
            "policy": list(policy) if policy else None,
            "salt": secrets.token_hex(16),  # whoever sees the digest of this body alone cannot guess the body
        }
    )
    entry = LedgerEntry(
        index=_next_index(),
        at=at,
        action=action,
        outcome=outcome,
        clause=clause.number if clause else "",
        person=by.person,
        subject=subject,
        body=body,
        leaf_hash=entry_hash(body),
    )
    entry.save(force_insert=True)
    LedgerOpening.objects.bulk_create(
        LedgerOpening(entry=entry, field=field, salt=salt, value=secret[field]) for field, salt in salts.items()
    )
    return entry


def forget(subject: str, *, but: Collection[str]) -> int:
    """Delete what opens the sealed fields of everything done to a subject, those named `but` left; return how many.

    The leaves stay and verify: nobody can tell any more what they sealed.
    """
    return LedgerOpening.objects.filter(entry__subject=subject).exclude(field__in=but).delete()[0]


def begin_key(*, origin: str, public_key: bytes, at: datetime) -> LedgerKey:
    """Let a key sign from now on; the one before it has ended."""
    LedgerKey.objects.filter(ended_at=None).update(ended_at=at)
    return LedgerKey.objects.create(origin=origin, public_key=public_key, begun_at=at)


def sign(key: LedgerKey, *, at: datetime, by: Callable[[bytes], bytes]) -> LedgerCheckpoint:
    """Sign the tree as it stands, with the key that is handed in; without a new leaf the last checkpoint stands.

    Must run inside a transaction: leaves wait while it runs.
    """
    size = _next_index()
    last = LedgerCheckpoint.objects.order_by("-size").first()
    if last is not None and last.size == size:
        return last
    tree.grow(old=last.size if last else 0, new=size)
    note = checkpoint(origin=key.origin, size=size, root=tree.root(size), public=bytes(key.public_key), sign=by)
    return LedgerCheckpoint.objects.create(size=size, note=note, signed_at=at)


def add_witness(*, name: str, email: str, at: datetime) -> Witness:
    """Add a witness. Raises IntegrityError when one has the address already."""
    return Witness.objects.create(name=name, email=email, added_at=at)


def end_witness(witness: Witness, *, at: datetime) -> bool:
    """End a witness; what they hold they keep. Return whether there was one to end."""
    return bool(Witness.objects.filter(pk=witness.pk, ended_at=None).update(ended_at=at))


def hand_over(
    covering: LedgerCheckpoint,
    *,
    to: str,
    how: HandOver.How,
    at: datetime,
    outcome: Outcome,
    witness: Witness | None = None,
) -> HandOver:
    """Record that a checkpoint is handed over, or that handing it over has begun."""
    return HandOver.objects.create(checkpoint=covering, witness=witness, to=to, how=how, at=at, outcome=outcome)


def end_hand_over(begun: HandOver, *, failure: str = "") -> None:
    """Record how it ended."""
    begun.outcome, begun.failure = Outcome.FAILED if failure else Outcome.DONE, failure[:240]
    begun.save(update_fields=["outcome", "failure"])


def stand_in_line() -> None:
    """Let every other writer of the ledger wait until the caller's transaction ends."""
    # SQLite transactions begin IMMEDIATE, so writers already stand in line; PostgreSQL needs a lock held to the commit.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPEND_LOCK])


def _next_index() -> int:
    stand_in_line()
    return tree.newest_leaf()[0] + 1
