"""The spool: what is kept, in which order it goes, what is said of the time, and what a full disk does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from platekeeper.core.moments import microseconds
from platekeeper.field.clock import machine_clock
from platekeeper.field.disk import SpoolFull
from platekeeper.field.spool import ALARM, OTHER, SILENT, Outcome
from tests.field.making import SetClock, keep, now_of, sighting, spool_in

NOW = datetime.now(UTC)
HOUR = 3_600_000_000


def test_the_same_sighting_again_is_one_read(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    assert keep(spool, sighting(1, at=NOW)) == keep(spool, sighting(1, at=NOW + timedelta(seconds=1)))
    assert spool.counts() == {"": 1}


def test_alarms_go_first_and_alone(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    for number, rank in enumerate((OTHER, SILENT, OTHER, ALARM, SILENT, ALARM), start=1):
        keep(spool, sighting(number, at=NOW), rank=rank)
    order = []
    while reads := spool.waiting(most=50, most_bytes=1 << 20):
        order.append([read.number for read in reads])
        spool.confirm(order[-1], Outcome.KEPT)
    assert order == [[4, 6], [2, 5], [1, 3]]


def test_a_batch_keeps_to_its_size_but_has_one_read_at_least(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    for number in range(3):
        keep(spool, sighting(number, at=NOW))
    assert len(spool.waiting(most=50, most_bytes=1)) == 1
    assert len(spool.waiting(most=2, most_bytes=1 << 20)) == 2


def test_what_was_said_of_the_time_stays_said(tmp_path: Path) -> None:
    """Though the server be heard, and the clock be found wrong, only after a bundle was written."""
    clock = SetClock(wrong_by=-5 * HOUR)
    spool = spool_in(tmp_path, clock)
    keep(spool, sighting(1, at=now_of(clock)))
    keep(spool, sighting(2, at=now_of(clock)))
    (first,) = spool.said([1])
    spool.hear(machine_clock().wall())
    assert spool.said([1]) == [first]
    assert spool.said([2])[0].told - first.told > 4 * HOUR
    assert spool.clock_error is not None
    assert abs(spool.clock_error + 5 * HOUR) < 10_000_000


def test_the_time_goes_on_from_what_was_heard_before(tmp_path: Path) -> None:
    """A clock that begins in 1970 after a power cut makes no list good for ever."""
    began = machine_clock().since()
    spool_in(tmp_path, SetClock("one")).hear(microseconds(NOW))
    after = spool_in(tmp_path, SetClock("two", wrong_by=-60 * 8760 * HOUR, began=began, later=30 * HOUR))
    assert after.now - microseconds(NOW) >= 30 * HOUR


def test_a_full_disk_loses_nothing_that_is_there(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    keep(spool, sighting(1, at=NOW))
    spool.rows("PRAGMA max_page_count = 30")
    with pytest.raises(SpoolFull):
        for number in range(2, 200):
            keep(spool, sighting(number, at=NOW))
    spool.rows("PRAGMA max_page_count = 100000")
    kept = spool.counts()[""]
    assert kept >= 1
    assert [read.number for read in spool.waiting(most=500, most_bytes=1 << 30)] == list(range(1, kept + 1))
    assert spool.rows("PRAGMA integrity_check") == [("ok",)]


def test_everything_is_written_through(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    assert spool.rows("PRAGMA synchronous") == [(2,)], "FULL"
    assert spool.rows("PRAGMA journal_mode") == [("truncate",)]
    assert spool.rows("PRAGMA secure_delete") == [(1,)]
