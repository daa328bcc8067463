"""Read the ledger."""

from __future__ import annotations

from django.db.models import QuerySet

from platekeeper.core.ledger import commitment, leaf_hash, tree_root
from platekeeper.server.ledger.models import LedgerEntry


def size() -> int:
    """Return the number of leaves."""
    return LedgerEntry.objects.count()


def root() -> bytes:
    """Return the root of the whole tree, from the stored leaf hashes (RFC 6962, section 2.1)."""
    return tree_root([bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf_hash", flat=True)])


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
