"""What the server will never take is found, put aside and said, and what waits behind it goes up all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.core import transfer
from platekeeper.core.formats.signed_entries import SignedEntry
from platekeeper.core.rules.field_entries import Ground
from platekeeper.field.cli.main import main
from platekeeper.field.entries import FieldEntries
from platekeeper.field.handing import Pace, hand_over
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.spool import ALARM, Kind, Outcome
from platekeeper.field.trouble import troubles
from platekeeper.field.unit import Unit
from platekeeper.field.upload import Uploader
from platekeeper.server.api.patience import ACTS
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from tests.field.making import SetClock, keep, now_of, sighting, spool_in

DAY = 24 * 3_600_000_000


def _said(unit: Unit) -> str:
    return " ".join(each.said for each in troubles(unit.spool(), unit.lists, unit.pulse, folder=unit.home.folder))


def test_a_read_too_large_for_the_server_holds_up_no_other(unit: Unit, link: Link, settings: Settings) -> None:
    spool, large = unit.spool(), sighting(3, at=now_of(SetClock()))
    for number in range(8):
        each = sighting(number, at=now_of(SetClock()))
        keep(spool, replace(large, picture=b"\xff\xd8" * 9_000) if number == 3 else each, rank=ALARM)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000  # as of a proxy between
    assert Uploader(spool, link).run() == 7
    assert spool.counts() == {"": 1, "kept": 7}
    assert "refuses 1 read for good and said: More than 8000 bytes." in _said(unit)
    assert Uploader(spool, link).run() == 0
    assert len(spool.waiting_numbers()) == 1, "it can go on a memory stick still"
    unit.erase(spool)
    assert spool.counts()[""] == 1

    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
    assert Uploader(spool, link).run() == 0
    with spool.changing() as rows:
        rows.execute("UPDATE aside SET at = at - ?", (2 * DAY,))
    assert Uploader(spool, link).run() == 1, "it is tried again once a day"
    assert spool.aside() == {}


def test_what_was_put_aside_is_sent_again_when_somebody_says_so(unit: Unit, settings: Settings) -> None:
    spool, at_home = unit.spool(), ("--home", str(unit.home.folder))
    keep(spool, replace(sighting(1, at=now_of(SetClock())), picture=b"\xff\xd8" * 9_000))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000
    main(["send", *at_home])
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
    main(["send", *at_home])
    assert spool.counts() == {"": 1}
    assert main(["send", *at_home, "--again"]) == 0
    assert spool.counts() == {"kept": 1}


def test_an_act_that_the_server_does_not_know_holds_up_no_other(unit: Unit, link: Link) -> None:
    spool = unit.spool()
    for plate in ("ABC1234", "XYZ9876", "LMN5555"):
        FieldEntries(spool).look_up(plate, member="officer", reason="x")
    with spool.changing() as rows:
        rows.execute("UPDATE acts SET kind = 'unheard of' WHERE plate = 'XYZ9876'")
    unit.call_home(spool, link)
    assert LedgerEntry.objects.filter(action="unit_act").count() == 2
    assert "refuses 1 act for good" in _said(unit)
    assert spool.rows("SELECT count(*) FROM acts WHERE confirmed IS NULL") == [(1,)]


def test_more_entries_than_the_server_takes_at_once_are_handed_in(
    unit: Unit, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MOST_LINES", 15)
    spool, key = unit.spool(), unit.home.signing_key()
    for number in range(40):
        entry = SignedEntry(member="officer", plate=f"LMN{number:04d}", ground=Ground.AMBER, jurisdiction="NY",
                            reason="blue van", authority="AMBER 26-1", director="")  # fmt: skip
        FieldEntries(spool).enter(entry, key=key)
    assert FieldEntries(spool).hand_in(link) == 40
    assert HotListEntry.objects.count() == 40
    assert [state for *_, state, _ in FieldEntries(spool).listed()] == ["entered"] * 20


def test_what_the_server_wants_later_waits_and_stops_nothing_else(
    unit: Unit, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ACTS, "most", 1)
    spool = unit.spool()
    FieldEntries(spool).look_up("ABC1234", member="officer", reason="x")
    unit.call_home(spool, link)
    FieldEntries(spool).look_up("XYZ9876", member="officer", reason="x")
    keep(spool, sighting(1, at=now_of(SetClock())))
    with pytest.raises(NotTaken, match="Too much within a minute") as refused:
        unit.call_home(spool, link)
    assert refused.value.status == 429 and 50 <= refused.value.wait <= 60
    assert spool.counts() == {"kept": 1}, "reads go up all the same"

    ACTS.forget()
    with pytest.raises(NotTaken, match="Too much"):
        unit.call_home(spool, link)
    assert LedgerEntry.objects.filter(action="unit_act").count() == 1, "it is not asked before"
    spool.clock = SetClock(later=61_000_000)
    unit.call_home(spool, link)
    assert LedgerEntry.objects.filter(action="unit_act").count() == 2, "and nothing is lost"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_for_good_is_found_by_halves(tmp_path: Path, status: int) -> None:
    spool, left, tries = spool_in(tmp_path), list(range(40)), []

    def send(some: Sequence[int]) -> None:
        tries.append(len(some))
        if {17, 18, 39} & set(some):
            raise NotTaken("never", status=status)
        left[:] = [each for each in left if each not in some]

    def waiting(most: int) -> list[int]:
        aside = {which for (which,) in spool.rows("SELECT which FROM aside")}
        return [each for each in left if each not in aside][:most]

    assert hand_over(spool, Kind.READ, waiting, send, which=int, pace=Pace(16)) == 37
    assert left == [17, 18, 39]
    assert spool.aside() == {Kind.READ: (3, "never")}
    assert len(tries) < 40, "fewer than one by one"


@pytest.mark.parametrize("status", [0, 401, 403, 409, 429, 500, 503])
def test_what_may_go_later_is_put_aside_never(tmp_path: Path, status: int) -> None:
    spool = spool_in(tmp_path)

    def send(some: Sequence[int]) -> None:
        raise NotTaken("not now", status=status)

    with pytest.raises(NotTaken):
        hand_over(spool, Kind.READ, lambda _: [1], send, which=int, pace=Pace(16))
    assert spool.aside() == {}


def test_a_receipt_ends_what_was_put_aside(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    number = keep(spool, sighting(1, at=now_of(SetClock())))
    spool.put_aside(Kind.READ, number, said="too large")
    spool.confirm([number], Outcome.RECEIPTED)
    assert spool.aside() == {}


def test_a_clock_that_was_ahead_keeps_nothing_aside_for_long(tmp_path: Path) -> None:
    ahead = spool_in(tmp_path, SetClock(wrong_by=9000 * DAY))
    ahead.put_aside(Kind.READ, keep(ahead, sighting(1, at=now_of(SetClock()))), said="too large")
    spool = spool_in(tmp_path)
    spool.hear(spool.clock.wall())
    assert len(spool.waiting(most=9, most_bytes=1 << 20)) == 1
