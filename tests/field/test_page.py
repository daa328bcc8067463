"""The alarm page on loopback: what it says of an alarm, which steps it lets take, and what it is honest about."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from platekeeper.core.categories import HitAction
from platekeeper.field.erasing import erase
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.spool import ALARM, OTHER, SILENT
from platekeeper.field.unit import Unit
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_alert import decide_entry
from tests.cast import Cast
from tests.field.making import SetClock, now_of, sighting
from tests.hotlist.making import ask, deliver, file, line

HOUR = 3_600_000_000


def _see(unit: Unit, number: int, plate: str = "", *, candidates: tuple[str, ...] = (), state: str = "NY") -> None:
    unit.see(sighting(number, at=now_of(SetClock()), plate=plate, candidates=candidates, state=state))


def _ask(place: str, path: str, said: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
    content = None if said is None else json.dumps(said).encode()
    request = urllib.request.Request(place + path, content, {"X-Platekeeper": "1", **headers})
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told


def _refused(place: str, path: str, said: dict[str, Any] | None = None, **headers: str) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _ask(place, path, said, **headers)
    with refused.value as answer:
        return answer.code, json.loads(answer.read())["error"]


def _step(place: str, alarm: int, step: str) -> None:
    """Take a step as the page does: on the alarm as it stands there."""
    (mark,) = (each["mark"] for each in _ask(place, "/state")["alarms"] if each["id"] == alarm)
    _ask(place, "/step", {"alarm": alarm, "step": step, "after": mark, "member": "officer"})


def test_an_alarm_is_told_in_words_and_its_steps_have_their_order(unit: Unit, place: str) -> None:
    _see(unit, 1)
    _see(unit, 2, "ABC1234", state="NJ")
    state = _ask(place, "/state")
    (alarm,) = state["alarms"]
    assert (alarm["plate"], alarm["category"]) == ("ABC1234", "stolen vehicle")
    assert alarm["state_warning"] == "Another state: read NJ, wanted NY."
    assert [step["step"] for step in alarm["next"]] == ["image_verified", "image_differs"]
    early = _refused(place, "/step", {"alarm": alarm["id"], "step": "confirmed", "after": 0, "member": "officer"})
    assert early == (400, "Verify the picture first, then confirm with dispatch.")
    for step in ("image_verified", "confirmed", "confirmed"):
        _step(place, alarm["id"], step)
    (done,) = _ask(place, "/state")["alarms"]
    assert (done["ended"], done["next"]) == ("Verified and confirmed.", [])


def test_the_same_vehicle_again_is_the_same_alarm_and_a_look_alike_waits_for_review(unit: Unit, place: str) -> None:
    for number in range(3):
        _see(unit, number, "ABC1234")
    _see(unit, 3, "XYZ9B76", candidates=("XYZ9876",))
    _see(unit, 4)
    assert len(_ask(place, "/state")["alarms"]) == 1
    ranks = unit.spool().rows("SELECT rank FROM reads ORDER BY number")
    assert [rank for (rank,) in ranks] == [ALARM, ALARM, ALARM, SILENT, OTHER]


def test_open_alarms_are_shown_before_those_that_ended_and_what_has_no_room_is_counted(unit: Unit, place: str) -> None:
    _see(unit, 1, "XYZ9876")
    assert unit.lists.current is not None
    at_once = msgspec.structs.replace(unit.lists.current.issued, window=0)  # each time an alarm of its own
    unit.lists.current = replace(unit.lists.current, issued=at_once)
    for number in range(2, 15):
        _see(unit, number, "ABC1234")
    state = _ask(place, "/state")
    assert ([alarm["id"] for alarm in state["alarms"]], state["more"]) == ([*range(14, 2, -1)], 2)
    for ended in range(2, 15):
        _ask(place, "/step", {"alarm": ended, "step": "image_differs", "after": 0, "member": "officer"})
    state = _ask(place, "/state")
    assert ([alarm["id"] for alarm in state["alarms"]], state["more"]) == ([1, *range(14, 3, -1)], 0)


def test_a_slip_is_taken_back_while_the_vehicle_does_not_sound_again(unit: Unit, place: str) -> None:
    _see(unit, 1, "ABC1234")
    slip = {"alarm": 1, "step": "image_differs", "after": 0, "member": "officer"}
    _ask(place, "/step", slip)
    (alarm,) = _ask(place, "/state")["alarms"]
    assert (alarm["ended"], alarm["next"]) == ("Ended: another vehicle.", [])
    assert alarm["back"] == [{"step": "image_verified", "words": "I was mistaken: it agrees"}]
    _step(place, 1, "image_verified")
    again = (400, "Another step was taken on this alarm meanwhile. Look at it again.")
    assert _refused(place, "/step", slip) == again, "a press that was sent again takes nothing back"
    for step in ("not_confirmed", "confirmed", "not_confirmed", "confirmed", "confirmed"):
        _step(place, 1, step)
    (alarm,) = _ask(place, "/state")["alarms"]
    assert (alarm["ended"], alarm["next"]) == ("Verified and confirmed.", [])
    assert alarm["steps"] == ["The picture agrees with the vehicle", "Dispatch confirms"]
    assert _refused(place, "/step", {**slip, "after": alarm["mark"]})[0] == 400, "only the last step is taken back"

    unit.clock = SetClock(later=HOUR)
    (alarm,) = _ask(place, "/state")["alarms"]
    assert alarm["back"] == []
    late = _refused(place, "/step", {**slip, "step": "not_confirmed", "after": alarm["mark"]})
    assert late == (400, "This can be taken back no longer: the vehicle seen again is an alarm of its own.")


def test_what_was_taken_back_is_told_in_the_order_in_which_it_was_done(unit: Unit, place: str, link: Link) -> None:
    _see(unit, 1, "ABC1234")
    steps = ["image_differs", "image_verified", "not_confirmed", "confirmed"]
    for number, step in enumerate(steps):
        unit.clock = SetClock(later=-number * 1_000_000)  # it is set back
        _step(place, 1, step)
    unit.call_home(unit.spool(), link)
    leaves = LedgerEntry.objects.filter(action="unit_act").order_by("index")
    assert [step for leaf in leaves for step in steps if step in {each.value for each in leaf.openings.all()}] == steps


def test_the_page_is_honest(unit: Unit, place: str) -> None:
    _see(unit, 1)
    assert _ask(place, "/state")["troubles"] == []
    unit.pulse.disk_full = True
    unit.pulse.upload = "no route to host"
    assert unit.lists.current is not None
    unit.clock = unit.pulse.clock = SetClock(later=30 * HOUR)
    said = " ".join(each["said"] for each in _ask(place, "/state")["troubles"])
    for word in ("The hot list ended", "No picture from the camera", "No GPS", "disk is full", "No way to the server"):
        assert word in said
    unit.lists.current = None
    assert "raises no alarms" in _ask(place, "/state")["troubles"][0]["said"]


def test_an_alert_is_entered_by_hand_matched_at_once_and_handed_in(
    unit: Unit, place: str, cast: Cast, link: Link
) -> None:
    _see(unit, 1, "LMN5555")
    said = {"plate": "LMN5555", "member": "officer", "reason": "blue van", "ground": "amber", "authority": "AMBER 26-1"}
    unchosen = _refused(place, "/enter", {**said, "ground": ""})
    assert unchosen == (400, "Choose on what ground it is entered.")
    found = _ask(place, "/enter", said)
    assert found["entered"] == "LMN5555, amber"
    assert [read["plate"] for read in found["reads"]] == ["LMN5555"], "it was read before (VII.g)"
    _see(unit, 2, "LMN5555")
    assert _ask(place, "/state")["alarms"][0]["category"] == "amber"

    unit.call_home(unit.spool(), link)
    assert HotListEntry.objects.get().plate == "LMN5555"
    assert _ask(place, "/state")["entries"][0][2] == "entered"
    assert unit.lists.current is not None
    assert [entry.plate for entry in unit.lists.current.issued.own] == ["LMN5555"]


def test_a_look_up_is_on_disk_with_who_and_why(unit: Unit, place: str) -> None:
    _see(unit, 1, "QRS1O11")
    found = _ask(place, "/look-up", {"plate": "qrs1?11", "member": "officer", "reason": "AMBER Alert"})
    assert [read["plate"] for read in found["reads"]] == ["QRS1O11"]
    assert _ask(place, "/look-up", {"plate": "ABC1234", "member": "officer", "reason": "x"})["wanted"]
    assert _refused(place, "/look-up", {"plate": "ABC1234", "member": "", "reason": "x"})[0] == 400
    rows = unit.spool().rows("SELECT member, plate, said FROM acts")
    assert rows == [("officer", "QRS1?11", "AMBER Alert"), ("officer", "ABC1234", "x")]


def test_a_look_up_says_nothing_of_a_silent_entry(unit: Unit, place: str, cast: Cast, link: Link) -> None:
    now = datetime.now(UTC)
    entry = ask(cast.officer, "SEC7777", at=now - timedelta(days=1), lasts=timedelta(days=9)).entry
    decide_entry(footing(cast.custodian, at=now), entry.pk, approve=True)
    asked = {"plate": "SEC7777", "member": "officer", "reason": "x"}
    unit.lists.pull(link, now=unit.clock.wall())
    assert _ask(place, "/look-up", asked)["wanted"]
    HotListEntry.objects.filter(plate="SEC7777").update(hit_action=HitAction.SILENT)
    unit.lists.pull(link, now=unit.clock.wall())
    assert _ask(place, "/look-up", asked)["wanted"] == []


def test_a_step_is_somebodys(unit: Unit, place: str) -> None:
    _see(unit, 1, "ABC1234")
    step = {"alarm": 1, "step": "image_verified", "after": 0, "member": " "}
    assert _refused(place, "/step", step) == (400, "Say who you are.")
    assert unit.spool().rows("SELECT count(*) FROM acts") == [(0,)]


def test_whatever_goes_wrong_it_calls_home_again(unit: Unit) -> None:
    assert unit.lists.current is not None
    endless = msgspec.structs.replace(unit.lists.current.issued, erased_after=1e20)  # more than a timedelta holds
    unit.lists.current = replace(unit.lists.current, issued=endless)
    stop = threading.Event()
    calling = threading.Thread(target=unit.home_loop, args=(stop,))
    calling.start()
    for _ in range(100):
        if unit.pulse.upload or not calling.is_alive():
            break
        stop.wait(0.05)
    is_alive = calling.is_alive()
    stop.set()
    calling.join()
    assert is_alive and "OverflowError" in unit.pulse.upload


def test_what_was_done_on_the_unit_is_in_the_ledger_once(unit: Unit, place: str, link: Link) -> None:
    _see(unit, 1, "ABC1234")
    _step(place, 1, "image_verified")
    _ask(place, "/look-up", {"plate": "QRS1011", "member": "officer", "reason": "AMBER Alert"})
    spool = unit.spool()
    unit.call_home(spool, link)
    with spool.changing() as rows:
        rows.execute("UPDATE acts SET confirmed = NULL")  # as after an answer that got lost
    unit.call_home(spool, link)
    leaves = LedgerEntry.objects.filter(action="unit_act").order_by("index")
    assert [leaf.content()["details"]["kind"] for leaf in leaves] == ["step", "look_up"]
    assert {opening.value for opening in leaves[1].openings.all()} >= {"QRS1011", "officer", "AMBER Alert"}
    unit.erase(spool)
    assert spool.rows("SELECT count(*) FROM acts") == [(2,)], "the policy of the cast says a day"
    assert erase(spool, after=timedelta(0)) == 1
    assert spool.rows("SELECT count(*) FROM acts") == [(0,)]


def test_another_sites_page_gets_nothing(unit: Unit, place: str) -> None:
    _see(unit, 1, "ABC1234")
    for path, said, headers in (
        ("/state", None, {"Host": "evil.example"}),
        ("/picture/1", None, {"Host": "evil.example:80"}),
        ("/step", {"alarm": 1, "step": "image_verified"}, {"X-Platekeeper": ""}),
    ):
        assert _refused(place, path, said, **headers)[0] == 403


def test_a_refused_key_is_said(unit: Unit, place: str, link: Link) -> None:
    with pytest.raises(NotTaken):
        unit.call_home(unit.spool(), Link(link.server, "lpr-nobody"))
    assert "refuses this unit's key" in " ".join(each["said"] for each in _ask(place, "/state")["troubles"])


def test_what_the_server_refuses_of_one_thing_does_not_stop_the_others(
    unit: Unit, place: str, cast: Cast, link: Link
) -> None:
    _see(unit, 1, "ABC1234")
    _ask(place, "/look-up", {"plate": "ABC1234", "member": "officer", "reason": "x"})
    spool = unit.spool()
    with spool.changing() as rows:
        rows.execute("UPDATE acts SET kind = 'unheard of'")
    deliver(file(line("NEW1234")), by=cast.custodian, at=datetime.now(UTC))
    unit.call_home(spool, link)
    assert spool.counts() == {"kept": 1}
    assert unit.lists.current is not None
    assert unit.lists.current.wanted("NEW1234", now=spool.now)
