"""The other texts that a plate may be are matched too, as look-alikes of it, and shown as such."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.test import Client

from platekeeper.server.hits.ended import ended
from platekeeper.server.hits.lookups import board, recalled, silent
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.changes import move_version
from platekeeper.server.hotlist.models import HotList
from tests.cast import Cast
from tests.hotlist.making import deliver, file, line

NOW = datetime.now(UTC)


def _post(cast: Cast, plate: str, *candidates: tuple[str, float | None], event: str = "e1") -> None:
    read = {
        "plate": plate, "captured_at": (NOW - timedelta(minutes=1)).isoformat(), "state": "NY", "event_id": event,
        "candidates": [{"plate": text, "confidence": confidence} for text, confidence in candidates],
    }  # fmt: skip
    answer = Client().post(
        "/api/reads",
        json.dumps([read]),
        content_type="application/json",
        headers={"Authorization": f"Bearer {cast.lpr_key}"},
    )
    assert answer.status_code == 200


def test_a_wanted_candidate_is_a_hit_for_silent_review(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVX1234", ("HVX1234", 0.6), ("HVK1234", 0.3), ("HVKI234", 0.1))
    hit = Hit.objects.get()
    assert (hit.plate, hit.entry["plate"], hit.how, hit.action) == ("HVX1234", "HVK1234", "look_alike", "silent")
    assert ended([hit], at=NOW) == {}, "it stands as long as its entry does"
    deliver(file(line("ZZZ1234")), by=cast.custodian, at=NOW + timedelta(seconds=1))
    assert list(ended([hit], at=NOW)) == [hit.pk]


def test_a_candidate_of_what_is_no_plate_is_a_hit_that_stands_as_long_as_its_entry_does(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HV\N{REPLACEMENT CHARACTER}1234", ("HVK1234", 0.3))
    assert ended([Hit.objects.get()], at=NOW) == {}


def test_what_the_plate_itself_matches_stays_that(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVK1234", ("HVK1234", 0.9), ("HVKI234", 0.1))
    assert Hit.objects.get().how == "plate"


def test_a_candidate_next_to_impossible_is_not_matched(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVX1234", ("HVK1234", 0.01))
    assert not Hit.objects.exists()


def test_a_list_whose_look_alikes_alarm_alarms_by_a_candidate(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    HotList.objects.update(alarms=["plate_and_state", "plate_only", "partial", "look_alike"])
    move_version(at=NOW)
    _post(cast, "HVX1234", ("HVK1234", None))
    assert Hit.objects.get().action == "stop"


def test_a_correction_that_drops_the_candidate_recalls_its_alarm(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVX1234", ("HVK1234", 0.3))
    _post(cast, "HVX1234", ("HVX1234", 0.9))
    assert "recalled" in Hit.objects.get().steps.values_list("kind", flat=True)


def test_a_correction_that_has_the_first_text_as_a_candidate_recalls_its_alarm_and_is_reviewed_silently(
    cast: Cast,
) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVK1234")
    _post(cast, "HVX1234", ("HVX1234", 0.9), ("HVK1234", 0.3))
    alarm, look_alike = Hit.objects.order_by("pk")
    assert ([step.hit for step in recalled(at=datetime.now(UTC))], list(board()), list(silent())) == (
        [alarm],
        [],
        [look_alike],
    )
    assert (look_alike.plate, look_alike.how, look_alike.action) == ("HVX1234", "look_alike", "silent")
    _post(cast, "HVX1234", ("HVX1234", 0.9), ("HVK1234", 0.3))
    assert Hit.objects.count() == 2


def test_a_correction_to_the_candidate_alarms(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    _post(cast, "HVX1234", ("HVX1234", 0.9), ("HVK1234", 0.3))
    _post(cast, "HVK1234", ("HVK1234", 0.9), ("HVX1234", 0.3))
    look_alike, alarm = Hit.objects.order_by("pk")
    assert (list(board()), list(silent())) == ([alarm], [])
    assert (alarm.plate, alarm.how, alarm.action) == ("HVK1234", "plate", "stop")
    assert list(look_alike.steps.values_list("kind", flat=True)) == ["read_corrected", "recalled"]


def test_a_list_whose_look_alikes_alarm_keeps_the_alarm_of_a_candidate(cast: Cast) -> None:
    deliver(file(line("HVK1234")), by=cast.custodian, at=NOW)
    HotList.objects.update(alarms=["plate_and_state", "plate_only", "partial", "look_alike"])
    move_version(at=NOW)
    _post(cast, "HVK1234")
    _post(cast, "HVX1234", ("HVK1234", 0.3))
    assert list(board()) == [Hit.objects.get()]
