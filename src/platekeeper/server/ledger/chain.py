"""How the key that signs now came to sign: each key hands over to the next one in a leaf that it signs itself."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerKey
from platekeeper.verify import is_signed_by


def key_record(signing: LedgerKey) -> dict[str, Any]:
    """Return what is handed out of a key: the ledger's name and the public half."""
    return {"origin": signing.origin, "public_key": base64.b64encode(bytes(signing.public_key)).decode()}


def first_key() -> LedgerKey | None:
    """Return the key whose fingerprint outsiders hold: that with which the unbroken chain begins. None before the first."""
    return key_chain()[0] if LedgerKey.objects.exists() else None


def signed_since(first: LedgerKey) -> QuerySet[LedgerCheckpoint]:
    """Return the checkpoints that a key and those after it signed: one that was lost before it vouches for none of them."""
    begun = _announced().get(key_record(first)["public_key"])
    return LedgerCheckpoint.objects.filter(size__gt=begun.pk if begun else 0)


def key_chain() -> tuple[LedgerKey, list[tuple[LedgerEntry, LedgerCheckpoint]]]:
    """Return the key with which the unbroken chain begins, and each hand-over since: its leaf, and what the old key signed.

    A lost key handed nothing over: then the chain begins with the key after it. Raises ValueError before the first key.
    """
    keys = list(LedgerKey.objects.order_by("pk"))
    if not keys:
        raise ValueError("no key has signed yet")
    announced = _announced()
    first, chain = keys[0], []
    for old, new in pairwise(keys):
        entry = announced[key_record(new)["public_key"]]
        signed = LedgerCheckpoint.objects.filter(size=entry.pk + 1).first()
        if signed is not None and is_signed_by(signed.note, name=old.origin, public=bytes(old.public_key)):
            chain.append((entry, signed))
        else:
            first, chain = new, []
    return first, chain


def _announced() -> dict[str, LedgerEntry]:
    """Return the leaf that names a key, by key."""
    told = LedgerEntry.objects.filter(action=Action.LEDGER_KEY_CHANGED).prefetch_related("openings")
    return {entry.content()["details"]["public_key"]: entry for entry in told}
