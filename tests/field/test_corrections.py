"""What a camera that reads by itself corrects: the later text counts on the unit as it does on the server."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from platekeeper.field.alarms import Alarms, Step
from platekeeper.field.bundle import export
from platekeeper.field.erasing import erase
from platekeeper.field.link import Link
from platekeeper.field.listening import Listener
from platekeeper.field.sources.posts import Post
from platekeeper.field.spool import ALARM, Outcome
from platekeeper.field.unit import Unit
from platekeeper.field.upload import Uploader
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.changes import move_version
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.procedures.receive_bundle import receive_bundle, take_in
from platekeeper.server.reads.models import DeadLetter
from tests.api.messages import MESSAGES, of_json
from tests.field.making import SetClock
from tests.looking import look_at

WANTED, OTHERS = "ABC1234", "ABG1234"


@pytest.fixture
def said_at() -> datetime:
    return datetime.now(UTC)


class Camera:
    """An OpenALPR camera on a unit: it says previews and a final reading of what it saw."""

    def __init__(self, unit: Unit, at: datetime) -> None:
        self._unit, self._at = unit, at

    def says(
        self, plate: str, *candidates: str, preview: bool = False, event: str = "u-1", confidence: float = 90.0,
        sender: str = "front",
    ) -> None:  # fmt: skip
        told = {
            "data_type": "alpr_group", "epoch_start": int(self._at.timestamp() * 1000), "best_plate_number": plate,
            "best_confidence": confidence, "best_region": "us-ny", "uuids": [event], "is_preview": preview,
            "candidates": [{"plate": text, "confidence": 30.0} for text in candidates],
        }  # fmt: skip
        listener = Listener("openalpr", "front", lambda: None, self._unit.hear, pytest.fail, self._unit.knows)
        body, media_type = of_json(told)
        assert listener.take(Post("/", media_type, body, sender))[0] == 200


@pytest.fixture
def camera(unit: Unit, said_at: datetime) -> Camera:
    return Camera(unit, said_at)


def _alarms(unit: Unit) -> list[tuple[str, Step | None]]:
    """Return the plate and the last step of each alarm, the first that was raised first."""
    with closing(unit.spool()) as spool:
        shown = Alarms(spool).shown(50, window=unit.window)
    return [(alarm.plate, alarm.last) for alarm in sorted(shown, key=lambda alarm: alarm.id)]


def test_an_alarm_of_a_wrong_first_text_is_recalled_and_one_that_matches_now_sounds(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED, preview=True)
    assert _alarms(unit) == [(WANTED, None)]
    camera.says(OTHERS, preview=True)
    assert _alarms(unit) == [(WANTED, Step.RECALLED)]
    camera.says(WANTED, preview=True)
    assert _alarms(unit) == [(WANTED, Step.RECALLED)], "the same message again says nothing new"
    camera.says(WANTED, preview=True, confidence=95.0)
    assert _alarms(unit) == [(WANTED, Step.RECALLED), (WANTED, None)]
    camera.says("XYZ9876")
    assert _alarms(unit) == [(WANTED, Step.RECALLED), (WANTED, Step.RECALLED), ("XYZ9876", None)]
    camera.says(WANTED, preview=True, confidence=99.0)
    assert _alarms(unit)[2:] == [("XYZ9876", None)], "a preview that comes after the final reading"


def test_a_text_that_has_the_first_one_as_a_candidate_recalls_its_alarm(unit: Unit, camera: Camera, link: Link) -> None:
    camera.says(WANTED, preview=True)
    spool = unit.spool()
    Uploader(spool, link).run()
    camera.says(OTHERS, WANTED)
    assert _alarms(unit) == [(WANTED, Step.RECALLED)]
    Uploader(spool, link).run()
    alarm, look_alike = Hit.objects.order_by("pk")
    assert alarm.steps.filter(kind=HitStep.Kind.RECALLED).exists()
    assert (look_alike.plate, look_alike.action, look_alike.closed_at) == (OTHERS, "silent", None)


def test_a_candidate_that_becomes_the_text_sounds(unit: Unit, camera: Camera, link: Link) -> None:
    camera.says(OTHERS, WANTED, preview=True)
    spool = unit.spool()
    Uploader(spool, link).run()
    camera.says(WANTED, OTHERS)
    assert _alarms(unit) == [(WANTED, None)]
    Uploader(spool, link).run()
    (alarm,) = Hit.objects.filter(closed_at=None)
    assert (alarm.plate, alarm.action) == (WANTED, "stop")


def test_a_list_whose_look_alikes_alarm_keeps_the_alarm_for_as_long_as_there_is_one(unit: Unit, camera: Camera) -> None:
    HotList.objects.update(alarms=["plate_and_state", "plate_only", "look_alike"])
    move_version(at=datetime.now(UTC))
    unit.lists.pull(unit.link(), now=unit.clock.wall())
    camera.says(WANTED, preview=True)
    camera.says(OTHERS, WANTED, preview=True)
    assert _alarms(unit) == [(WANTED, None)]
    camera.says(OTHERS)
    assert _alarms(unit) == [(WANTED, Step.RECALLED)]
    camera.says(OTHERS, WANTED, event="u-2", preview=True)
    camera.says(OTHERS, event="u-2")
    assert _alarms(unit) == [(WANTED, Step.RECALLED), (OTHERS, Step.RECALLED)]


def test_hikvision_says_what_it_read_before_it_was_corrected(unit: Unit, said_at: datetime) -> None:
    listener = Listener("hikvision", "front", lambda: None, unit.hear, pytest.fail, unit.knows)
    said, kind = MESSAGES["hikvision"](WANTED, said_at)
    original = f"<e:originalLicensePlate>{WANTED}</e:originalLicensePlate><e:licensePlate>{OTHERS}<".encode()
    for body in (said, said.replace(f"<e:licensePlate>{WANTED}<".encode(), original)):
        assert listener.take(Post("/", kind, body, "front"))[0] == 200
    assert _alarms(unit) == [(WANTED, Step.RECALLED)]


def test_a_correction_to_no_plate_at_all_recalls_the_alarm_and_is_all_that_is_kept_of_such(
    unit: Unit, camera: Camera, link: Link
) -> None:
    for number, no_plate in enumerate(("NONE", "0", " ")):
        camera.says(no_plate, event=f"n-{number}")
    camera.says(WANTED, preview=True, event="n-0")
    spool = unit.spool()
    Uploader(spool, link).run()
    camera.says("NONE", event="n-0")
    assert _alarms(unit) == [(WANTED, Step.RECALLED)]
    Uploader(spool, link).run()
    assert Hit.objects.get().steps.filter(kind=HitStep.Kind.RECALLED).exists()
    assert spool.rows("SELECT plate FROM reads ORDER BY number") == [(WANTED,), ("NONE",)]


def test_two_cameras_that_count_their_events_alike_correct_nothing_of_each_other(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED)
    camera.says(OTHERS, sender="back")
    assert _alarms(unit) == [(WANTED, None)]


def test_what_says_the_same_of_an_event_is_the_same_alarm_however_long_it_goes_on(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED, preview=True)
    with closing(unit.spool()) as spool, spool.changing() as rows:
        rows.execute("UPDATE alarms SET raised = raised - 7200000000")
    camera.says(WANTED)
    assert _alarms(unit) == [(WANTED, None)]


def test_a_vehicle_that_was_read_once_more_stays_an_alarm(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED, preview=True)
    camera.says(WANTED, event="u-2")
    camera.says(OTHERS)
    assert _alarms(unit) == [(WANTED, None)]


def test_what_was_worked_is_recalled_too_and_takes_no_step_after(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED, preview=True)
    with closing(unit.spool()) as spool:
        alarms = Alarms(spool)
        alarms.step(1, Step.IMAGE_VERIFIED, after=0, member="officer", window=unit.window)
        camera.says(OTHERS)
        (alarm,) = alarms.shown(1, window=unit.window)
        assert (alarm.last, alarm.next_steps, alarm.opposite) == (Step.RECALLED, frozenset(), None)
        with pytest.raises(ValueError, match="Verify the picture first"):
            alarms.step(1, Step.CONFIRMED, after=alarm.mark, member="officer", window=unit.window)
        assert alarms.open_count() == 0


def test_it_holds_over_a_restart_with_a_spool_of_a_version_that_knew_no_events(unit: Unit, said_at: datetime) -> None:
    with closing(unit.spool()) as spool:
        spool.rows("DROP TABLE revisions")
    Camera(Unit(unit.home, clock=SetClock()), said_at).says(WANTED, preview=True)
    again = Unit(unit.home, clock=SetClock())
    Camera(again, said_at).says(OTHERS)
    assert _alarms(again) == [(WANTED, Step.RECALLED)]


def test_the_server_makes_the_same_of_it_whatever_goes_up_first(unit: Unit, camera: Camera, link: Link) -> None:
    camera.says(WANTED, preview=True)
    spool = unit.spool()
    Uploader(spool, link).run()
    (hit,) = Hit.objects.all()
    camera.says(OTHERS)
    camera.says(OTHERS, preview=True, event="u-2")
    camera.says("XYZ9876", event="u-2")
    ranks = spool.rows("SELECT rank FROM reads ORDER BY number")
    assert [rank for (rank,) in ranks] == [ALARM, ALARM, ALARM, ALARM], "what corrects an alarm is as urgent"
    camera.says(WANTED, event="u-3")
    camera.says(OTHERS, event="u-3", preview=True)  # late, and goes up last
    Uploader(spool, link).run()
    assert hit.steps.filter(kind=HitStep.Kind.RECALLED).exists()
    standing = Hit.objects.exclude(pk=hit.pk)
    assert sorted(standing.values_list("plate", flat=True)) == [WANTED, "XYZ9876"]
    assert not HitStep.objects.filter(hit__in=standing, kind=HitStep.Kind.RECALLED).exists()
    assert not DeadLetter.objects.exists()


def test_a_bundle_carries_the_event_and_the_stage(unit: Unit, camera: Camera, tmp_path: Path) -> None:
    camera.says(OTHERS)
    camera.says(WANTED, preview=True)  # late
    with closing(unit.spool()) as spool:
        said = [read.said for read in spool.waiting(most=5, most_bytes=1 << 20)]
        assert [(each["event_id"], each.get("stage")) for each in said] == [("front u-1", None), ("front u-1", 0)]
        (written,) = export(spool, tmp_path, enrollment=unit.enrollment, key=unit.home.signing_key())
    now = datetime.now(UTC)
    with written.place.open("rb") as file:
        received = receive_bundle(file, receive=take_in(now), at=now)
    assert received.counts["stored"] == 2
    assert not Hit.objects.exists()


def test_what_was_said_of_an_event_is_erased_with_its_reads(unit: Unit, camera: Camera) -> None:
    camera.says(WANTED, preview=True)
    camera.says(OTHERS)
    with closing(unit.spool()) as spool:
        spool.confirm([1, 2], Outcome.KEPT)
        assert erase(spool, after=timedelta(0)) == 2
        assert [spool.rows(f"SELECT count(*) FROM {name}") for name in ("revisions", "alarms", "alarm_steps")] == [
            [(0,)]
        ] * 3


def test_the_page_says_that_an_alarm_was_recalled_where_it_stood(
    unit: Unit, camera: Camera, place: str, chromium: Browser
) -> None:
    page = chromium.new_page()
    camera.says(WANTED, preview=True)
    page.goto(place)
    card = page.locator("#alarm article")
    expect(card.get_by_role("button", name="The picture agrees with the vehicle")).to_be_visible()
    camera.says(OTHERS)
    expect(card.get_by_text("Recalled: the camera corrected what it read. No alarm.")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)
    expect(card).not_to_contain_text("before any stop")
    look_at(page, "unit-recalled")
    with closing(unit.spool()) as spool, spool.changing() as rows:
        rows.execute("UPDATE alarms SET raised = raised - 7200000000")
    expect(page.locator("#earlier")).to_contain_text("Recalled: the camera corrected what it read.")
    expect(card).to_have_count(0)
    page.close()
