"""A batch of reads is a tree of its own, whose root the batch's leaf in the ledger names: so any single read is provable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from platekeeper.core.ledger import proofs, tree_root


class BatchTree:
    """The tree over a batch's leaf hashes: its nodes are hashed once, for its root and every proof out of it."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels, sha256 = [list(leaves)], hashlib.sha256
        while len(below := self._levels[-1]) > 1:
            # `node_hash`, written out: batches have thousands of leaves
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])

    @property
    def root(self) -> bytes:
        """The root over all leaves (RFC 6962, section 2.1)."""
        leaves = self._levels[0]
        return proofs.root(self._node, begin=0, end=len(leaves)) if leaves else tree_root(leaves)

    def proof(self, index: int) -> list[bytes]:
        """Return the inclusion proof (RFC 6962, section 2.1.1) of one of the leaves. Raises ValueError."""
        return proofs.inclusion(self._node, index=index, size=len(self._levels[0]))

    def _node(self, level: int, place: int) -> bytes:
        return self._levels[level][place]
