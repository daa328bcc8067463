"""A batch of reads is a tree of its own, whose root the batch's leaf in the ledger names: so any single read is provable."""

from __future__ import annotations

from collections.abc import Sequence

from platekeeper.core.ledger import node_hash, proofs


def proof_in(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion proof (RFC 6962, section 2.1.1) of one of a batch's leaf hashes. Raises ValueError."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(*below[place : place + 2]) for place in range(0, len(below) - 1, 2)])
    return proofs.inclusion(lambda level, place: levels[level][place], index=index, size=len(leaves))
