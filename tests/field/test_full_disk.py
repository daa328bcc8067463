"""A full disk on the unit: nothing is acknowledged that is not kept, the page says what to do, and all goes on by itself."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from platekeeper.field import disk
from platekeeper.field import unit as unit_module
from platekeeper.field.cli.main import main
from platekeeper.field.disk import SpoolFull
from platekeeper.field.erasing import erase
from platekeeper.field.link import Link
from platekeeper.field.spool import Outcome
from platekeeper.field.trouble import troubles
from platekeeper.field.unit import Unit
from platekeeper.field.upload import Uploader
from tests.field.making import SetClock, full_disk, keep, now_of, sighting

LOOK = {"plate": "ABC1234", "member": "officer", "reason": "AMBER Alert"}
DAY = 24 * 3_600_000_000


def _ask(place: str, path: str, said: dict[str, Any] | None = None) -> tuple[int, Any]:
    headers = {"X-Platekeeper": "1", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{place}{path}", json.dumps(said).encode() if said else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


def _see(unit: Unit, number: int) -> None:
    unit.see(sighting(number, at=now_of(SetClock())))


def test_the_page_answers_says_what_to_do_and_recovers(unit: Unit, place: str) -> None:
    _see(unit, 1)
    assert _ask(place, "/look-up", LOOK)[0] == 200
    with full_disk():
        shown, (status, said) = _ask(place, "/state"), _ask(place, "/look-up", LOOK)
        unit.clock = replace(SetClock(), boot="the next start")
        started = _ask(place, "/state")
    assert shown[0] == 200, "looking at what there is takes no room"
    assert status == started[0] == 507
    assert said == started[1]
    assert said["error"].startswith("The disk is full") and "Send or export what waits" in said["error"]
    assert _ask(place, "/state")[0] == _ask(place, "/look-up", LOOK)[0] == 200
    assert unit.spool().rows("SELECT count(*) FROM acts") == [(2,)], "what was refused left no half of itself"


def test_reads_leave_room_to_be_handed_over_and_erased(
    unit: Unit, place: str, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    _see(unit, 1)
    room = disk.KEPT_FREE
    monkeypatch.setattr(disk, "KEPT_FREE", 1 << 62)  # as if the disk had less
    with pytest.raises(SpoolFull):
        _see(unit, 2)
    assert unit.spool().counts() == {"": 1}
    assert "new reads are lost" in _ask(place, "/state")[1]["troubles"][0]["said"]
    _see(unit, 1)  # is there already
    assert _ask(place, "/look-up", LOOK)[0] == 200
    spool = unit.spool()
    assert Uploader(spool, link).run() == 1
    assert erase(spool, after=timedelta(0)) == 1
    monkeypatch.setattr(disk, "KEPT_FREE", room)
    _see(unit, 2)
    assert "disk is full" not in json.dumps(_ask(place, "/state")[1]["troubles"])


def test_what_the_way_home_cannot_write_is_said_until_it_can(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_module, "_REST", 0.05)
    unit.enrollment = replace(unit.enrollment, server="http://127.0.0.1:9")
    spool = unit.spool()
    spool.confirm([keep(spool, sighting(1, at=now_of(SetClock())))], Outcome.KEPT)
    with spool.changing() as rows:
        rows.execute("UPDATE reads SET confirmed = confirmed - ?", (9 * DAY,))
    stop = threading.Event()
    calling = threading.Thread(target=unit.home_loop, args=(stop,))
    with full_disk():
        calling.start()
        told = _until(unit, said=True)
    recovered = _until(unit, said=False)
    stop.set()
    calling.join()
    assert told and recovered
    assert spool.counts() == {}


def _until(unit: Unit, *, said: bool) -> bool:
    spool = unit.spool()
    for _ in range(100):
        found = [each.said for each in troubles(spool, unit.lists, unit.pulse, folder=unit.home.folder) if each.grave]
        if any("disk is full" in each for each in found) is said:
            return True
        threading.Event().wait(0.05)
    return False


def test_a_command_says_it_too(unit: Unit, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platekeeper.field.cli.belonging.machine_clock", lambda: replace(SetClock(), boot="next"))
    with full_disk():
        status = main(["status", "--home", str(unit.home.folder)])
    assert status == 1
    assert capsys.readouterr().err.startswith("The disk is full")
