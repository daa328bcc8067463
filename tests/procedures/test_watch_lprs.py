"""LPRs are watched by what they read: each day counted once it is over, a defect opened by itself, once a fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from platekeeper.server.equipment.lookups.defects import open_defects
from platekeeper.server.equipment.models import DayCount, WatchFinding
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import watch_lprs as watch
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.rows import Incoming
from tests.cast import Cast, assemble
from tests.retention.making import say
from tests.storage.making import batch_id, incoming

pytestmark = [pytest.mark.django_db, pytest.mark.records]

FIRST = date(2026, 3, 2)
MINUTE = 60_000_000


@pytest.fixture
def cast(own_home: Home) -> Cast:
    return assemble(today=FIRST)


def test_a_day_is_counted_once_it_is_over_without_a_plate(cast: Cast) -> None:
    _store(cast, FIRST, [f"AB{number}C" for number in range(25)])
    _store(cast, FIRST, ["B1"], unreadable=True)
    watch.watch_lprs(at=_morning_after(FIRST, days=0))
    assert not DayCount.objects.exists()

    watch.watch_lprs(at=_morning_after(FIRST))
    count = DayCount.objects.get()
    assert (count.lpr, count.day, count.reads, count.readable, count.watched) == (cast.lpr, FIRST, 26, 25, True)
    assert (count.characters[10], sum(count.characters)) == (25, 25 * 3 + 10 + 15 * 2)
    assert count.lag == 2
    assert not LedgerEntry.objects.filter(action=Action.LPR_TROUBLE_FOUND).exists()


def test_few_plates_leave_no_characters_and_late_reads_are_counted(cast: Cast) -> None:
    _store(cast, FIRST, ["ABC1234"])
    watch.watch_lprs(at=_morning_after(FIRST))
    assert DayCount.objects.get().characters == []
    _store(cast, FIRST, ["ABC1235"])
    watch.watch_lprs(at=_morning_after(FIRST))
    assert DayCount.objects.get().reads == 2


def test_what_the_policy_keeps_no_more_is_not_taken_for_silence(cast: Cast) -> None:
    _store(cast, FIRST, ["ABC1234"])
    say(cast, at=_morning_after(FIRST), ceiling="2 hours", floor="1 hour")
    watch.watch_lprs(at=_morning_after(FIRST))
    assert not DayCount.objects.exists()


def test_a_blind_lpr_gets_one_defect_and_a_leaf(cast: Cast) -> None:
    for past in range(30):
        _counted(cast, FIRST + timedelta(past), 200)
    _store(cast, FIRST + timedelta(29), ["ABC1234"])  # so that the store has a day
    found = []
    for past in range(30, 36):
        found += watch.watch_lprs(at=_morning_after(FIRST + timedelta(past)))

    assert [(each.trouble, each.since) for each in found] == [("blind", FIRST + timedelta(30))]
    assert [(each.lpr, each.kind) for each in open_defects()] == [(cast.lpr, "blind")]
    leaf = LedgerEntry.objects.get(action=Action.LPR_TROUBLE_FOUND)
    assert (leaf.clause, leaf.content()["details"]["trouble"]) == ("IV.d", "blind")
    assert WatchFinding.objects.get().words == "Reads 0% of what is expected, since 2026-04-01."
    assert DayCount.objects.get(day=FIRST + timedelta(32)).expected == pytest.approx(200, rel=0.1)


def _morning_after(day: date, *, days: int = 1) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days)


def _store(cast: Cast, day: date, plates: Sequence[str], *, unreadable: bool = False) -> None:
    noon = start_of(day) + 720 * MINUTE
    rows: list[Incoming] = [
        incoming(plate, lpr=cast.lpr.pk, at=noon + place, received=noon + place + 2_000_000, unreadable=unreadable)
        for place, plate in enumerate(plates)
    ]
    with read_store().writer() as writer:
        batch = batch_id()
        writer.append(batch=batch, incoming=rows, received=noon + 2_000_000)
        writer.settle(batch)


def _counted(cast: Cast, day: date, reads: int) -> None:
    DayCount.objects.create(lpr=cast.lpr, day=day, watched=True, reads=reads, readable=reads)
