"""Axis License Plate Verifier: what is understood, and what is kept as not understood."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from platekeeper.core.formats.cameras import axis
from platekeeper.core.formats.cameras.payload import body
from platekeeper.core.formats.reads import FINAL, ParsedRead, UnparsedRead
from tests.core.cameras.making import (
    AT,
    AXIS,
    CROP,
    JPEG,
    MS,
    b64,
    changed,
    image_of,
    parts,
    read_of,
    refusal,
    sent,
)


def test_axis_event_with_its_image() -> None:
    assert axis.parse(parts(AXIS)) == [
        (
            ParsedRead(
                raw_plate="ABC1234",
                captured_at=AT,
                event_id=f"B8A44F000001-1327-{AT:%Y%m%d%H}",
                confidence=0.719034,
                state="NY",
                direction="in",
                vehicle={"type": "CAR", "make": "Honda", "model": "Civic", "color": "BLUE", "orientation": "front"},
                latitude=41.03,
                longitude=-73.76,
                stage=0,
            ),
            JPEG,
        )
    ]


@pytest.mark.parametrize(("state", "stage"), [("new", 0), ("UPDATE", 1), ("lost", FINAL), ("", FINAL), (None, FINAL)])
def test_axis_lost_is_the_last_word_on_a_car(state: str | None, stage: int) -> None:
    assert read_of(axis.parse(parts(changed(AXIS, carState=state)))).stage == stage


@pytest.mark.parametrize("image", [None, b""])
def test_axis_image_may_be_missing_or_empty(image: bytes | None) -> None:
    assert image_of(axis.parse(parts(AXIS, image))) is None


def test_axis_bare_body_and_its_inline_pictures() -> None:
    images = [{"ImageType": "plate", "BinaryImage": b64(CROP)}, {"ImageType": "vehicle", "BinaryImage": b64(JPEG)}]
    assert image_of(axis.parse(sent(AXIS))) is None
    assert image_of(axis.parse(sent({**AXIS, "ImageArray": images}))) == JPEG
    assert read_of(axis.parse(sent(AXIS))) == read_of(axis.parse(parts(AXIS)))


def test_axis_new_update_and_lost_are_one_event() -> None:
    states = ["new", "update", "updated", "lost", "LOST", None]
    later = [changed(AXIS, carState=state, capture_timestamp=str(MS + 40)) for state in states]
    assert len({read_of(axis.parse(parts(event))).event_id for event in later}) == 1


def test_axis_car_id_counted_anew_on_another_day_is_another_event() -> None:
    tomorrow = changed(AXIS, capture_timestamp=MS + 86_400_000)
    assert read_of(axis.parse(parts(tomorrow))).event_id != read_of(axis.parse(parts(AXIS))).event_id


@pytest.mark.parametrize(
    ("fields", "event_id"),
    [
        ({"camera_info": {"SerialNumber": "", "MACAddress": "AC:CC"}}, f"AC:CC-1327-{AT:%Y%m%d%H}"),
        ({"camera_info": None}, f"-1327-{AT:%Y%m%d%H}"), ({"carID": ...}, None), ({"carID": ""}, None),
        ({"carID": 1327}, f"B8A44F000001-1327-{AT:%Y%m%d%H}"),
    ],
)  # fmt: skip
def test_axis_event_is_known_by_camera_and_car(fields: dict[str, Any], event_id: str | None) -> None:
    assert read_of(axis.parse(parts(changed(AXIS, **fields)))).event_id == event_id


@pytest.mark.parametrize(
    ("fields", "plate"),
    [
        ({"plateASCII": ""}, "ÄBC1234"),
        ({"plateASCII": ...}, "ÄBC1234"),
        ({"plateASCII": None}, "ÄBC1234"),
        ({}, "ABC1234"),
    ],
)
def test_axis_ascii_plate_is_preferred(fields: dict[str, Any], plate: str) -> None:
    assert read_of(axis.parse(parts(changed(AXIS, **fields)))).raw_plate == plate


def test_axis_event_without_a_plate_revises_nothing() -> None:
    assert axis.parse(parts(changed(AXIS, plateASCII="", plateUTF8="", carState="lost"))) == []


@pytest.mark.parametrize(
    ("country", "region", "state"),
    [
        ("USA", "NY", "NY"), ("CAN", "ON", "ON"), ("", "NJ", "NJ"), (None, "us-ny", "NY"), ("NY", "", "NY"),
        ("USA-NY", None, "NY"), ("CZE", "Praha", None), ("DEU", "DE", None), ("USA", "", None), ("MEX", "NL", "MX"),
    ],
)  # fmt: skip
def test_axis_region_is_a_state_in_north_america_only(country: Any, region: Any, state: str | None) -> None:
    event = changed(AXIS, plateCountry=country, plateRegion=region)
    assert read_of(axis.parse(parts(event))).state == state


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("20260303 140507250", datetime(2026, 3, 3, 14, 5, 7, 250_000)),
        ("20260303 140507250-0500", datetime(2026, 3, 3, 14, 5, 7, 250_000, tzinfo=timezone(timedelta(hours=-5)))),
        ("2026-03-03T14:05:07", datetime(2026, 3, 3, 14, 5, 7)),
    ],
)
def test_axis_time_without_capture_timestamp(written: str, at: datetime) -> None:
    assert read_of(axis.parse(parts(changed(AXIS, capture_timestamp=..., datetime=written)))).captured_at == at


@pytest.mark.parametrize("direction", ["unk", "unknown", "UNDEFINED", None, ""])
def test_axis_unknown_direction_is_none(direction: Any) -> None:
    assert read_of(axis.parse(parts(changed(AXIS, carMoveDirection=direction)))).direction == ""


def test_axis_names_in_another_case_are_understood() -> None:
    assert axis.parse(parts({name.upper(): value for name, value in AXIS.items()})) == axis.parse(parts(AXIS))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"plateUTF8": ..., "plateASCII": ...}, "plateUTF8"), ({"plateASCII": 7.5}, "plateUTF8"),
        ({"capture_timestamp": ...}, "capture_timestamp"), ({"capture_timestamp": "x"}, "capture_timestamp"),
        ({"capture_timestamp": "", "datetime": "soon"}, "datetime"), ({"plateConfidence": "high"}, "plateConfidence"),
        ({"geotag": {"lat": "n", "lon": 1}}, "latitude"),
    ],
)  # fmt: skip
def test_axis_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = parts(changed(AXIS, **fields))
    unparsed = refusal(axis.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole


def test_axis_what_is_no_json_is_called_so() -> None:
    assert refusal(axis.parse(body(b"garbage"))).reason.startswith("not JSON: ")


def test_axis_bad_picture_does_not_cost_its_read() -> None:
    read, unparsed = axis.parse(parts(AXIS, b"BM a bitmap"))
    assert isinstance(read, tuple)
    assert unparsed == UnparsedRead(reason="image: neither JPEG nor PNG; its read is stored", payload=b"BM a bitmap")
