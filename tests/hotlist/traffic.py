"""Traffic for tests: reads that come in through the same intake that LPRs use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from tests.cast import Cast


def drive_past(cast: Cast, plates: Sequence[str], *, at: datetime) -> None:
    """Let the cast's LPR read plates, all at `at`."""
    reads = [
        ParsedRead(raw_plate=plate, captured_at=at, event_id=f"{plate} {at}", state="NY", confidence=0.9)
        for plate in plates
    ]
    submission = Submission(
        lpr=cast.lpr, format="test", reads=[(read, None) for read in reads], unparsed=[], received_at=at
    )
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        intake.take([submission])
    finally:
        intake.close()
