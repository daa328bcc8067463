"""Reads move a day at a time, under their numbers; a day that was cut off is taken over anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from platekeeper.server.procedures.move_department import steps
from platekeeper.server.procedures.move_department.reads import DayDiffers, move_reads
from platekeeper.server.storage.reads import Leaving
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import LARGEST, SearchTerms
from tests.roles.making import become_owner
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, filled_files

pytestmark = [pytest.mark.django_db, pytest.mark.records]
HOUR = 3_600_000_000


class Elsewhere:
    """A store that keeps days in memory, and dies in the middle of its `fails_in`-th day."""

    def __init__(self, *, fails_in: int = 0, loses: bool = False) -> None:
        self.days: dict[date, list[Leaving]] = {}
        self._until, self._loses, self.asked = fails_in, loses, 0

    def prepare(self) -> None: ...

    def count(self, day: date) -> dict[int, int]:
        return dict(Counter(each.row.lpr for each in self.days.get(day, [])))

    def take_over(self, day: date, reads: Iterable[Leaving]) -> None:
        self.asked += 1
        taken = list(reads)
        if self.asked == self._until:
            raise KeyboardInterrupt
        self.days[day] = taken[1:] if self._loses else taken


@pytest.fixture
def left(tmp_path: Path) -> SqliteReads:
    """Fill a store with a sealed day that got late reads, and one that is open."""
    filled_files(tmp_path, {"raw": "A", "image": JPEG}, {"raw": "B", "at": MIDNIGHT + 1}).seal(
        before=date.max, settled=set
    )
    become_owner()
    steps.begin("here")
    return filled_files(
        tmp_path, {"raw": "A", "state": "PA"}, {"raw": "C", "at": NOON + HOUR}, {"raw": "D", "at": NOON + 24 * HOUR}
    )


def test_every_revision_comes_in_order_under_its_number(left: SqliteReads) -> None:
    there = Elsewhere()
    assert move_reads(left, there, tell=print) == {"2026-03-03": 4, "2026-03-04": 1}
    taken = there.days[DAY]
    assert [each.number for each in taken] == sorted(each.number for each in taken)
    stored = left.search(SearchTerms(since=0, until=LARGEST), limit=9).reads
    known = {Leaving(each.rowid, each.row, each.image) for each in stored}
    assert {each for day in there.days.values() for each in day} == known
    assert list(left.leaving(DAY + timedelta(days=9))) == []


def test_cut_off_it_goes_on_with_the_day_it_was_at(left: SqliteReads) -> None:
    there = Elsewhere(fails_in=2)
    with pytest.raises(KeyboardInterrupt):
        move_reads(left, there, tell=print)
    assert move_reads(left, there, tell=print) == {"2026-03-03": 4, "2026-03-04": 1}
    assert there.asked == 3


def test_a_day_that_differs_is_said_and_taken_over_anew(left: SqliteReads) -> None:
    with pytest.raises(DayDiffers, match="2026-03-03"):
        move_reads(left, Elsewhere(loses=True), tell=print)
    there = Elsewhere()
    move_reads(left, there, tell=print)
    assert len(there.days) == 2
