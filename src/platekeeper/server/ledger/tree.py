"""The ledger's tree as it is stored: leaves in the ledger, whole subtrees above them in nodes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from platekeeper.core.ledger import node_hash, proofs
from platekeeper.server.ledger.models import LedgerEntry, LedgerNode

_AT_ONCE, _TOGETHER = 5_000, 100_000
_NEWEST = f'SELECT "index", leaf_hash FROM {LedgerEntry._meta.db_table} ORDER BY "index" DESC LIMIT 1'


def newest_leaf() -> tuple[int, bytes]:
    """Return the number and the hash of the newest leaf; -1 and nothing before the first.

    Asked with every batch of reads, so it is written out: Django would take longer to put it into words than to ask it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        found = cursor.fetchone()
    return (-1, b"") if found is None else (int(found[0]), bytes(found[1]))


def stored(level: int, index: int) -> bytes:
    """Return the hash of a subtree that the last checkpoint covers. Raises DoesNotExist for one that it does not."""
    if level == 0:
        return bytes(LedgerEntry.objects.values_list("leaf_hash", flat=True).get(pk=index))
    return bytes(LedgerNode.objects.values_list("hash", flat=True).get(level=level, index=index))


def root(size: int) -> bytes:
    """Return the root over the first `size` leaves, out of a logarithm of nodes."""
    return proofs.root(stored, begin=0, end=size)


def grow(*, old: int, new: int) -> None:
    """Store the nodes that the leaves from `old` up to `new` complete, inside the caller's transaction."""
    for begin in range(old, new, _TOGETHER):
        _grow(begin, min(new, begin + _TOGETHER))


def _grow(old: int, new: int) -> None:
    fresh: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return fresh[level, index] if (level, index) in fresh else stored(level, index)

    for index, leaf in _leaves(old, new):
        fresh[0, index] = leaf
        for level, place in proofs.finished(index + 1):
            fresh[level, place] = node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1))
    above = (LedgerNode(level=level, index=index, hash=hash) for (level, index), hash in fresh.items() if level)
    LedgerNode.objects.bulk_create(above, batch_size=_AT_ONCE)


def _leaves(old: int, new: int) -> Iterator[tuple[int, bytes]]:
    found = LedgerEntry.objects.filter(pk__gte=old, pk__lt=new).values_list("pk", "leaf_hash")
    return ((index, bytes(leaf)) for index, leaf in found.iterator(chunk_size=_AT_ONCE))
