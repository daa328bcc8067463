"""The hours of a day that is over become its one file (design: reads lie by time), beside the process that ingests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.lookups import settled

GRACE = timedelta(hours=2)
"""How long a day stays open after its end: by then most cars have uploaded what they saw in it."""


def seal_reads(*, at: datetime) -> dict[date, int]:
    """Seal the hours of every day that ended `GRACE` ago or more; return how many went into each day's file.

    Reads that come later for such a day begin new hour files, which the next call seals in their turn. Nothing is
    decided and nothing goes, so there is no ledger entry.
    """
    return read_store().seal(before=(at - GRACE).astimezone(UTC).date(), settled=settled)
