"""OpenALPR and Rekor Scout: what is understood, and what is kept as not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from platekeeper.core.formats.cameras import openalpr
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import AT, CROP, GROUP, JPEG, RESULTS, changed, image_of, read_of, refusal, sent


def test_openalpr_results_are_a_read_each() -> None:
    first, second = openalpr.parse(sent(RESULTS))
    assert first == (
        ParsedRead(
            raw_plate="ABC1234",
            captured_at=AT,
            event_id="cam-1-0",
            confidence=0.915,
            state="NY",
            state_confidence=0.8,
            candidates=(("ABC1234", 0.915), ("A8C1234", 0.8)),
        ),
        CROP,
    )
    assert second == (
        ParsedRead(raw_plate="XYZ99", captured_at=AT, event_id="cam-1-1", confidence=0.6, state_confidence=0.0),
        None,
    )


def test_openalpr_group_is_one_read() -> None:
    ((read, image),) = openalpr.parse(sent(GROUP))  # type: ignore[misc]
    assert image == JPEG
    assert read == ParsedRead(
        raw_plate="ABC1234",
        captured_at=AT,
        event_id="u-1",
        confidence=0.95,
        state="NY",
        candidates=(("ABC1234", 0.95),),
        direction="NE",
        vehicle={
            "type": "sedan-compact", "make": "honda", "model": "honda_civic", "color": "blue", "year": "2010-2014",
        },
        latitude=41.03,
        longitude=-73.76,
    )  # fmt: skip


def test_openalpr_preview_and_final_group_are_the_same_read() -> None:
    preview = changed(GROUP, best_uuid="u-1", uuids=["u-1"], is_preview=True, best_plate_number="A8C1234")
    assert read_of(openalpr.parse(sent(preview))).event_id == read_of(openalpr.parse(sent(GROUP))).event_id == "u-1"
    assert read_of(openalpr.parse(sent(preview))).stage < read_of(openalpr.parse(sent(GROUP))).stage


@pytest.mark.parametrize(("uuids", "event_id"), [([], "u-2"), (None, "u-2"), (..., "u-2"), ([None, "u-9"], "u-9")])
def test_openalpr_group_without_uuids_is_known_by_its_best(uuids: Any, event_id: str) -> None:
    assert read_of(openalpr.parse(sent(changed(GROUP, uuids=uuids)))).event_id == event_id


@pytest.mark.parametrize(
    "alert",
    [
        {"data_type": "alpr_alert", "list": "stolen", "group": GROUP},
        {**GROUP, "data_type": "alpr_alert", "list": "stolen"},
        {**GROUP, "data_type": "alpr_alert", "group": None},
    ],
)
def test_openalpr_alert_holds_its_group_nested_or_inline(alert: dict[str, Any]) -> None:
    assert openalpr.parse(sent(alert)) == openalpr.parse(sent(GROUP))


def test_openalpr_heartbeat_holds_no_read() -> None:
    assert openalpr.parse(sent({"data_type": "heartbeat", "agent_uid": "a", "video_streams": []})) == []


@pytest.mark.parametrize(
    ("region", "state"),
    [
        ("us-ny", "NY"), ("US-NY", "NY"), ("mo", "MO"), ("ca-on", "ON"), ("us", None), ("", None), (None, None),
        ("eu-de", None), ("eu-al", None), ("mx-nl", "MX"), ("us-zz", None),
    ],
)  # fmt: skip
def test_region_of_another_country_is_no_state(region: Any, state: str | None) -> None:
    assert read_of(openalpr.parse(sent(changed(GROUP, best_region=region)))).state == state


@pytest.mark.parametrize(
    ("degrees", "direction"),
    [(0, "N"), (359.9, "N"), (360, "N"), ("90", "E"), (180, "S"), (225, "SW"), (315, "NW"), (-1, ""), (None, ""), ("", "")],
)  # fmt: skip
def test_openalpr_travel_direction_is_told_as_on_a_compass(degrees: Any, direction: str) -> None:
    assert read_of(openalpr.parse(sent(changed(GROUP, travel_direction=degrees)))).direction == direction


@pytest.mark.parametrize(("north", "east"), [(-1, -1), ("0.0", "0.0"), (None, -73.7), (41.0, ...), (..., ...)])
def test_openalpr_agent_without_gps_is_nowhere_rather_than_half_somewhere(north: Any, east: Any) -> None:
    read = read_of(openalpr.parse(sent(changed(GROUP, gps_latitude=north, gps_longitude=east))))
    assert (read.latitude, read.longitude) == (None, None)


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ({"vehicle_crop_jpeg": ...}, CROP), ({"vehicle_crop_jpeg": ""}, CROP), ({"vehicle_crop_jpeg": None}, CROP),
        ({"vehicle_crop_jpeg": ..., "best_plate": ...}, None), ({"vehicle_crop_jpeg": "", "best_plate": None}, None),
    ],
)  # fmt: skip
def test_openalpr_plate_crop_stands_in_for_a_missing_vehicle_crop(fields: dict[str, Any], image: bytes | None) -> None:
    assert image_of(openalpr.parse(sent(changed(GROUP, **fields)))) == image


def test_openalpr_bad_result_does_not_cost_the_others() -> None:
    bad = {"plate": "ABC1", "confidence": "high"}
    first, second, third = openalpr.parse(sent({**RESULTS, "results": [RESULTS["results"][0], bad, {"plate": "B2"}]}))
    assert isinstance(first, tuple)
    assert isinstance(second, UnparsedRead)
    assert "confidence" in second.reason
    assert json.loads(second.payload) == bad
    assert isinstance(third, tuple)
    assert third[0].event_id == "cam-1-2"


@pytest.mark.parametrize("crop", ["%%", "R0lGODlh", 5, {"a": 1}, "\ud800"])
def test_openalpr_bad_picture_does_not_cost_its_read(crop: Any) -> None:
    read, unparsed = openalpr.parse(sent(changed(GROUP, vehicle_crop_jpeg=crop)))
    assert isinstance(read, tuple)
    assert isinstance(unparsed, UnparsedRead)
    assert "image" in unparsed.reason


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"data_type": "alpr_new"}, "data_type"), ({"data_type": ...}, "data_type"), ({"epoch_start": ...}, "epoch_start"),
        ({"epoch_start": "soon"}, "epoch_start"), ({"best_plate_number": None, "best_plate": None}, "best_plate_number"),
        ({"best_plate_number": True}, "best_plate_number"), ({"best_confidence": 120}, "confidence"),
        ({"gps_latitude": 95}, "latitude"), ({"uuids": "u-1"}, "uuids"), ({"travel_direction": True}, "travel_direction"),
        ({"epoch_start": 5}, "captured_at"),
    ],
)  # fmt: skip
def test_openalpr_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = sent(changed(GROUP, **fields))
    unparsed = refusal(openalpr.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole


def test_openalpr_results_missing_is_named() -> None:
    assert refusal(openalpr.parse(sent(changed(RESULTS, results=...)))).reason == "results: missing"
    assert openalpr.parse(sent(changed(RESULTS, results=[]))) == []
