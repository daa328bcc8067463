"""Read the ledger."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from platekeeper.core.ledger import canonical, commitment, leaf_hash, proofs, tree_root
from platekeeper.server.ledger import tree
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerKey
from platekeeper.verify import is_signed_by


def size() -> int:
    """Return the number of leaves."""
    return LedgerEntry.objects.count()


def root() -> bytes:
    """Return the root of the whole tree, from the stored leaf hashes (RFC 6962, section 2.1)."""
    return tree_root([bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf_hash", flat=True)])


def key() -> LedgerKey | None:
    """Return the key that signs now, None before the first checkpoint."""
    return LedgerKey.objects.filter(ended_at=None).first()


def first_key() -> LedgerKey | None:
    """Return the key whose fingerprint outsiders hold: each later one was handed over to by the one before it."""
    return LedgerKey.objects.order_by("begun_at", "pk").first()


def last_checkpoint() -> LedgerCheckpoint | None:
    """Return the newest checkpoint."""
    return LedgerCheckpoint.objects.order_by("-size").first()


def hand_overs() -> tuple[list[tuple[LedgerEntry, LedgerCheckpoint]], LedgerKey]:
    """Return how the key that signs now came to sign: each leaf that hands over to the next key, with the checkpoint that
    the key before it signed over it, and the key with which that begins. Raises ValueError before the first checkpoint.

    A key that was lost handed nothing over: then it begins with the key after it.
    """
    keys = list(LedgerKey.objects.order_by("begun_at", "pk"))
    if not keys:
        raise ValueError("no key has signed yet")
    announced = {
        entry.content()["details"]["public_key"]: entry
        for entry in LedgerEntry.objects.filter(action=Action.LEDGER_KEY_CHANGED)
    }
    chain: list[tuple[LedgerEntry, LedgerCheckpoint]] = []
    first = keys[0]
    for old, new in pairwise(keys):
        entry = announced[key_record(new)["public_key"]]
        signed = LedgerCheckpoint.objects.filter(size=entry.pk + 1).first()
        if signed is not None and is_signed_by(signed.note, name=old.origin, public=bytes(old.public_key)):
            chain.append((entry, signed))
        else:
            chain, first = [], new
    return chain, first


def proof_of(index: int, *, under: LedgerCheckpoint | None = None) -> str:
    """Return the proof (C2SP `tlog-proof`) that a leaf stands under a checkpoint, the newest one by default.

    Raises ValueError.
    """
    covering = under or last_checkpoint()
    if covering is None or not 0 <= index < covering.size:
        raise ValueError(f"no checkpoint covers leaf {index} yet")
    path = proofs.inclusion(tree.stored, index=index, size=covering.size)
    return proofs.written(index=index, proof=path, note=covering.note)


def exported(*, openings: bool = True) -> Iterator[str]:
    """Yield the whole ledger up to the newest checkpoint as lines of canonical JSON, for `platekeeper.verify`.

    Without `openings` every sealed field is withheld; the leaves verify all the same.
    """
    first, covering = first_key(), last_checkpoint()
    if first is None or covering is None:
        return
    yield _line({"kind": "ledger", "v": 1, **key_record(first)})
    notes = dict(LedgerCheckpoint.objects.values_list("size", "note"))
    leaves = LedgerEntry.objects.filter(pk__lt=covering.size).prefetch_related("openings")
    for entry in leaves.iterator(chunk_size=1000):
        yield _line(leaf_record(entry, openings=openings))
        if entry.pk + 1 in notes:
            yield _line({"kind": "checkpoint", "note": notes[entry.pk + 1]})


def key_record(signing: LedgerKey) -> dict[str, Any]:
    """Return what is handed out of a key: the ledger's name and the public half."""
    return {"origin": signing.origin, "public_key": base64.b64encode(bytes(signing.public_key)).decode()}


def leaf_record(entry: LedgerEntry, *, openings: bool = True) -> dict[str, Any]:
    """Return what is handed out of a leaf: the very text that was hashed, and its sealed values unless they are withheld."""
    shown = {each.field: {"salt": bytes(each.salt).hex(), "value": each.value} for each in entry.openings.all()}
    body = bytes(entry.body).decode()
    return {"kind": "leaf", "index": entry.pk, "body": body, "openings": shown if openings else {}}


def _line(record: dict[str, Any]) -> str:
    return canonical(record).decode() + "\n"


def newest(*, before: int | None = None, limit: int = 50) -> QuerySet[LedgerEntry]:
    """Return entries newest first, below leaf index `before` if given."""
    entries = LedgerEntry.objects.order_by("-index").prefetch_related("openings")
    return (entries if before is None else entries.filter(index__lt=before))[:limit]


def of_subject(subject: str) -> QuerySet[LedgerEntry]:
    """Return what was done to one thing, such as "hit:12", oldest first."""
    return LedgerEntry.objects.filter(subject=subject).prefetch_related("openings")


def faults() -> list[str]:
    """Check every leaf and opening; return what is wrong, in words, with the leaf's index."""
    found: list[str] = []
    for place, entry in enumerate(LedgerEntry.objects.prefetch_related("openings").iterator(chunk_size=1000)):
        if entry.index != place:
            return [*found, f"leaf {place} is missing"]
        if leaf_hash(bytes(entry.body)) != bytes(entry.leaf_hash):
            found.append(f"leaf {place} does not hash to what is stored")
        sealed = entry.content()["sealed"]
        found += [
            f"leaf {place}: the value shown for {opening.field} is not the one recorded"
            for opening in entry.openings.all()
            if commitment(bytes(opening.salt), opening.field, opening.value) != sealed.get(opening.field)
        ]
    return found
