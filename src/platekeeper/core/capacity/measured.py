"""Every figure that the planner stands on, in one place, with what it was measured on.

Bytes of stored reads are of `benchmarks/weighing.py`, those of records of a few hundred batches and hits on SQLite; what is
sent is reckoned from our own format, not measured. Rates are of a short run of `benchmarks/ingest.py` on SQLite, beside other
work: acknowledged reads a second of one small machine, hot list and ledger on, every answer synced; they stand for PostgreSQL
until that has its own. They bind nobody's machine; the planner takes half of them, and asks for another machine rather than
for a faster one. `docs/scale.md` says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Engine(StrEnum):
    """What keeps the reads."""

    SQLITE = "SQLite"
    POSTGRESQL = "PostgreSQL"
    CITUS = "PostgreSQL with Citus"


@dataclass(frozen=True, slots=True)
class BytesARead:
    """What a stored read takes on disk without its image: its row, its places in the indexes and in the dictionary."""

    row: int
    indexes: int
    dictionary: int

    @property
    def whole(self) -> int:
        """All of it."""
        return self.row + self.indexes + self.dictionary


POSTGRESQL_BYTES = BytesARead(row=292, indexes=215, dictionary=110)
"""Indexes as they have grown by arrival. The dictionary is the day's distinct plates with btree and trigrams."""
BYTES: dict[Engine, BytesARead] = {
    Engine.SQLITE: BytesARead(row=261, indexes=102, dictionary=39),
    Engine.POSTGRESQL: POSTGRESQL_BYTES,
    Engine.CITUS: POSTGRESQL_BYTES,
}
WAL_A_READ = 666
"""Bytes of write-ahead log in PostgreSQL: what archiving it carries away."""

SENT_A_READ = 400
"""Bytes of a read in our own format with every field filled, headers left out: reckoned."""
SENT_A_REQUEST = 500
"""Bytes of HTTP around a request and its answer: reckoned."""
BASE64 = 4 / 3
"""What an image grows by on the way, in formats that spell it as text."""

RECORDS_A_BATCH = 1_100
"""Bytes that a batch adds to the records: its leaf in the ledger and its row. They are never disposed of."""
RECORDS_A_HIT = 2_700
"""Bytes that a hit adds to the records without the image, of which it keeps a copy."""

ACKNOWLEDGED: dict[int, int] = {1: 1_300, 10: 9_000, 100: 30_000}
"""Reads a request -> reads a second without images that one machine of two cores acknowledged, other work going on;
SQLite, WAL, synchronous=FULL for reads and records."""
IMAGE_BYTES_A_SECOND = 80e6
"""What images come to beside that, unpacked, hashed and synced, at every size of request."""
HELD_READS = 50_000_000
"""The most reads that searches were measured with on one machine, over 90 days (`benchmarks/search.py`)."""
BEYOND_MEASURED = 10
"""So many times what was measured is trusted without having been tried, no more."""
