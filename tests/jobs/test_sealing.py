"""The job that seals: days that are over, not the one that is open, and no batch without its leaf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.jobs import work
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.seal_reads import GRACE, seal_reads
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.rows import Incoming
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(hours=5)


def _take(cast: Cast, intake: Intake, *moments: datetime) -> None:
    reads = [(ParsedRead(raw_plate=f"R{n}", captured_at=moment), None) for n, moment in enumerate(moments)]
    intake.take([Submission(lpr=cast.lpr, format="t", reads=reads, unparsed=[], received_at=NOW)])


@pytest.mark.records
def test_a_day_is_sealed_two_hours_after_its_end_while_reads_come_in(cast: Cast) -> None:
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    _take(cast, intake, YESTERDAY, YESTERDAY + timedelta(hours=1), TODAY)
    assert seal_reads(at=TODAY + GRACE - timedelta(seconds=1)) == {}
    assert list(seal_reads(at=TODAY + GRACE)) == [YESTERDAY.date()]
    _take(cast, intake, YESTERDAY + timedelta(seconds=1))
    intake.close()
    assert read_store().count(YESTERDAY.date()) == {cast.lpr.pk: 3}
    assert work.seal_reads() in {"0 hours sealed", "1 hours sealed"}  # the first in a day's first two hours


def test_reads_without_their_leaf_are_completed_before_they_are_sealed(cast: Cast) -> None:
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    _take(cast, intake, TODAY)
    row = read_store().recent(1)[0].row
    at = int(YESTERDAY.timestamp()) * 1_000_000
    cut_off = row._replace(id=b"i" * 16, batch=b"b" * 16, at=at)
    intake._writer.append(batch=cut_off.batch, incoming=[Incoming(cut_off)], received=at)
    assert seal_reads(at=TODAY + GRACE) == {}
    assert intake.complete_unsettled(at=NOW) == 1
    assert seal_reads(at=TODAY + GRACE) == {YESTERDAY.date(): 1}
    intake.close()
    again = Intake(read_store().writer(), id_key=b"k" * 32)
    assert again.complete_unsettled(at=NOW) == 0
    again.close()
