"""Reads inside a barred place are counted, and nothing of them is stored, matched or kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.bar_places import bar, let_collect
from platekeeper.server.procedures.receive_reads import Intake, Receipt, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import BarredCount
from tests.cast import Cast
from tests.procedures.test_receive_reads import _want
from tests.web.access.barred import CLINIC, barred

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
INSIDE, OUTSIDE = (43.0495, -76.1495), (43.0600, -76.1495)


def _send(
    intake: Intake,
    lpr: LPR,
    *reads: tuple[str, tuple[float | None, float | None]],
    at: datetime = NOW,
    received: datetime | None = None,
) -> Receipt:
    parsed = [
        ParsedRead(raw_plate=plate, captured_at=at, event_id=f"{plate}{at}", latitude=where[0], longitude=where[1])
        for plate, where in reads
    ]
    [receipt] = intake.take(
        [
            Submission(
                lpr=lpr, format="t", reads=[(each, None) for each in parsed], unparsed=[], received_at=received or at
            )
        ]
    )
    return receipt


def _later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_inside_it_is_counted_and_nothing_else(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    place = barred(cast, at=NOW)
    receipt = _send(intake, cast.lpr, ("ABC1234", INSIDE), ("XYZ9876", OUTSIDE), ("KLM5555", INSIDE), at=_later(1))
    assert (receipt.stored, receipt.barred, receipt.past_ceiling) == (1, 2, 0)
    assert receipt.told()["past_ceiling"] == 2  # the sender is told that they are not kept
    assert [read.row.plate for read in read_store().recent(10)] == ["XYZ9876"]
    assert not Hit.objects.exists()
    count = BarredCount.objects.get()
    assert (count.place, count.count) == (place, 2)
    leaf = LedgerEntry.objects.filter(action=Action.READS_RECEIVED).latest("pk").content()
    assert (leaf["details"]["reads"], leaf["details"]["barred"]) == (1, 2)


def test_a_batch_that_is_all_inside_has_a_leaf_and_no_reads(cast: Cast, intake: Intake) -> None:
    barred(cast, at=NOW)
    _send(intake, cast.lpr, ("ABC1234", INSIDE), at=_later(1))
    _send(intake, cast.lpr, ("ABC1234", INSIDE), at=_later(2))
    assert read_store().days() == []
    assert BarredCount.objects.get().count == 2
    assert LedgerEntry.objects.filter(action=Action.READS_RECEIVED).count() == 2


def test_an_lpr_that_stands_inside_collects_nothing(cast: Cast, intake: Intake) -> None:
    barred(cast, area=f"circle {cast.lpr.latitude},{cast.lpr.longitude} 50", at=NOW)
    assert _send(intake, cast.lpr, ("ABC1234", (None, None)), at=_later(1)).barred == 1


def test_it_is_the_capture_that_counts_not_the_arrival(cast: Cast, intake: Intake) -> None:
    place = barred(cast, at=NOW)
    let_collect(footing(cast.chief, at=_later(10)), place)
    assert _send(intake, cast.lpr, ("AAA1111", INSIDE), at=NOW - timedelta(minutes=5), received=_later(1)).stored == 1
    assert _send(intake, cast.lpr, ("BBB2222", INSIDE), at=_later(5), received=_later(20)).barred == 1
    assert _send(intake, cast.lpr, ("CCC3333", INSIDE), at=_later(15), received=_later(20)).stored == 1


def test_a_change_is_logged_and_made_by_the_authority_alone(cast: Cast) -> None:
    for role in ("auditor", "custodian", "officer"):
        with pytest.raises(RefusedAction):
            bar(footing(cast.people()[role], at=NOW), name="x", kind="school", area=CLINIC, why="x")
    place = barred(cast, at=NOW)
    let_collect(footing(cast.chief, at=_later(1)), place)
    with pytest.raises(RefusedAction, match="barred no more"):
        let_collect(footing(cast.chief, at=_later(2)), place)
    told = LedgerEntry.objects.filter(subject=f"barred:{place.pk}", outcome="done")
    assert list(told.values_list("action", "clause")) == [("place_barred", "IV.h"), ("place_opened", "IV.h")]


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (NOW - timedelta(days=1), None, "what was read before is stored"),
        (_later(10), _later(5), "before its beginning"),
    ],
)
def test_a_time_that_makes_no_sense(since: datetime, until: datetime | None, why: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction, match=why):
        barred(cast, at=NOW, since=since, until=until)
