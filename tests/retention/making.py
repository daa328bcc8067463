"""Reads that come in, and policies that change, for the tests of what ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_alert import decide_entry
from platekeeper.server.procedures.receive_reads import Intake, Receipt, Submission
from platekeeper.server.procedures.stores import read_store
from tests.cast import Cast
from tests.hotlist.making import ask

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9"


def say(cast: Cast, *, at: datetime = NOW, **values: object) -> None:
    """Let a policy be in force that says something else of the blanks of VI.k, such as `no_hit="3 minutes"`."""
    draft = policy.open_draft(at=at)
    for key, value in values.items():
        policy.fill(draft, key=f"VI.k.{key}", value=value)
    policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=at)


def come_in(
    cast: Cast,
    *plates: str,
    captured: datetime = NOW,
    at: datetime | None = None,
    image: bytes | None = None,
    unparsed: Sequence[UnparsedRead] = (),
) -> Receipt:
    """Let reads come in as one batch, when they were captured unless told otherwise."""
    reads = [(ParsedRead(raw_plate=plate, captured_at=captured), image) for plate in plates]
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        [receipt] = intake.take(
            [Submission(lpr=cast.lpr, format="t", reads=reads, unparsed=unparsed, received_at=at or captured)]
        )
    finally:
        intake.close()
    return receipt


def stored() -> list[str]:
    """Return the plates in the store."""
    return sorted(read.row.raw for read in read_store().recent(1000))


def want(
    cast: Cast, *plates: str, at: datetime = NOW - timedelta(hours=1), lasts: timedelta = timedelta(days=7)
) -> None:
    """Let plates be on the department's own hot list for a while."""
    for plate in plates:
        asked = ask(cast.officer, plate, at=at, lasts=lasts)
        decide_entry(footing(cast.custodian, at=at), asked.entry.pk, approve=True, remark="")
