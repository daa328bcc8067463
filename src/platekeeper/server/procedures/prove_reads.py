"""Any single read is provable: the ledger's leaf of its batch names the root over the reads of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from platekeeper.core.ledger.batches import BatchTree
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.lookups import batch_named
from platekeeper.server.storage.rows import ReadRow, content_digest, said_by
from platekeeper.verify import read_leaf

Proof = dict[str, Any]
"""Plain JSON, as `platekeeper.verify` checks it: batch and path in hexadecimal, index, size, and the text that was hashed."""


class Batch:
    """The new reads of a batch, in the order in which its leaf has them."""

    def __init__(self, name: bytes, rows: Sequence[ReadRow]) -> None:
        self.name, self._rows = name, rows

    @cached_property
    def root(self) -> bytes:
        """The RFC 6962 root that the batch's leaf in the ledger names."""
        return self._tree.root

    def proof_of(self, row: ReadRow, *, image_sha256: str | None) -> Proof | None:
        """Return the proof of one of the reads; None for one that was not new in this batch, or has another image."""
        said = said_by(row, image_sha256)
        index = self._places.get(row.salt)
        if index is None or content_digest(said) != row.digest:
            return None
        path = [step.hex() for step in self._tree.proof(index)]
        return {"batch": self.name.hex(), "index": index, "size": len(self._rows), "path": path, "said": said}

    @cached_property
    def _tree(self) -> BatchTree:
        return BatchTree([read_leaf(salt=row.salt, id=row.id, digest=row.digest) for row in self._rows])

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {row.salt: place for place, row in enumerate(self._rows)}  # a salt is of one row alone


def proof_of_stored(row: ReadRow, *, image_sha256: str | None) -> Proof | None:
    """Return the proof of a read out of the store; None once a read of its batch has been disposed of."""
    known = batch_named(row.batch)
    if known is None:
        return None
    batch = Batch(row.batch, read_store().stored_together(row, count=known.count))
    if batch.root != bytes(known.root):
        return None
    return batch.proof_of(row, image_sha256=image_sha256)
