"""How the key that signs now came to sign: each key hands over to the next one in a leaf that it signs itself."""

from __future__ import annotations

from itertools import pairwise

from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.lookups import key_record
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerKey
from platekeeper.verify import is_signed_by


def key_chain() -> tuple[LedgerKey, list[tuple[LedgerEntry, LedgerCheckpoint]]]:
    """Return the key with which the unbroken chain begins, and each hand-over since: its leaf, and what the old key signed.

    A lost key handed nothing over: then the chain begins with the key after it. Raises ValueError before the first key.
    """
    keys = list(LedgerKey.objects.order_by("pk"))
    if not keys:
        raise ValueError("no key has signed yet")
    told = LedgerEntry.objects.filter(action=Action.LEDGER_KEY_CHANGED).prefetch_related("openings")
    announced = {entry.content()["details"]["public_key"]: entry for entry in told}
    first, chain = keys[0], []
    for old, new in pairwise(keys):
        entry = announced[key_record(new)["public_key"]]
        signed = LedgerCheckpoint.objects.filter(size=entry.pk + 1).first()
        if signed is not None and is_signed_by(signed.note, name=old.origin, public=bytes(old.public_key)):
            chain.append((entry, signed))
        else:
            first, chain = new, []
    return first, chain
