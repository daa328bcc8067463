"""Dahua ITSAPI: what is understood, and what is kept as not understood."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from platekeeper.core.formats.cameras import dahua
from platekeeper.core.formats.cameras.payload import Payload, body
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import CROP, DAHUA, JPEG, changed, image_of, read_of, refusal, sent

PICTURE = DAHUA["Picture"]
LOCAL = datetime(2026, 3, 3, 14, 5, 7, 250_000)


def of(**fields: Any) -> Payload:
    """Return a message with fields of its picture replaced."""
    return sent({"Picture": changed(PICTURE, **fields)})


def plate(**fields: Any) -> Payload:
    """Return a message with fields of its plate replaced."""
    return of(Plate=changed(PICTURE["Plate"], **fields))


def lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.lower(): lower(field) for name, field in value.items()}
    return value


def test_dahua_picture() -> None:
    read = ParsedRead(
        raw_plate="ABC1234", captured_at=LOCAL, event_id="d-1-2026-03-03T14:05:07.250000-ABC1234", confidence=0.92,
        direction="Obverse", vehicle={"type": "Car", "make": "Honda", "model": "Civic", "color": "Blue"},
    )  # fmt: skip
    assert dahua.parse(sent(DAHUA)) == [(read, JPEG)]


def test_dahua_names_in_another_case() -> None:
    assert dahua.parse(sent(lower(DAHUA))) == dahua.parse(sent(DAHUA))


@pytest.mark.parametrize(
    ("given", "share"),
    [(100, 1.0), ("87", 0.87), (255, 1.0), (204, 0.8), ("204", 0.8), (0, 0.0), (None, None), ("", None)],
)
def test_dahua_confidence_above_100_is_out_of_255(given: Any, share: float | None) -> None:
    assert read_of(dahua.parse(plate(Confidence=given))).confidence == share


@pytest.mark.parametrize("given", [256, -1, "high", True, float("nan"), float("inf"), 10**400])
def test_dahua_confidence_that_cannot_be_is_named(given: Any) -> None:
    payload = plate(Confidence=given)
    unparsed = refusal(dahua.parse(payload))
    assert "onfidence" in unparsed.reason or "int" in unparsed.reason
    assert unparsed.payload == payload.whole


@pytest.mark.parametrize("said", [{"Active": "keepAlive", "DeviceID": "d-1"}, {"active": 1}])
def test_dahua_keep_alive_holds_no_read_wherever_it_is_sent(said: Any) -> None:
    assert dahua.parse(sent(said)) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"DeviceID": "d-1"}'])
def test_dahua_whatever_a_keep_alive_says_is_no_dead_letter(content: bytes) -> None:
    below = "NotificationInfo/KeepAlive"
    assert dahua.parse(Payload(parts=body(content).parts, below=below, raw=content)) == []
    sent_there = Payload(parts=sent(DAHUA).parts, below=below)
    assert dahua.parse(sent_there) == dahua.parse(sent(DAHUA))
    assert isinstance(dahua.parse(Payload(parts=body(content).parts))[0], UnparsedRead)


@pytest.mark.parametrize("exists", [False, "false", "False", 0, "0"])
def test_dahua_picture_without_a_plate_holds_no_read(exists: Any) -> None:
    assert dahua.parse(plate(IsExist=exists, PlateNumber="")) == []


@pytest.mark.parametrize("exists", [True, "true", 1, None, ...])
def test_dahua_plate_exists_unless_it_says_no(exists: Any) -> None:
    assert read_of(dahua.parse(plate(IsExist=exists))).raw_plate == "ABC1234"


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ({"NormalPic": {"Content": ""}}, CROP), ({"NormalPic": None}, CROP), ({"NormalPic": ..., "CutoutPic": ...}, None),
        ({"NormalPic": {"PicName": "a"}, "CutoutPic": {"Content": None}}, None),
    ],
)  # fmt: skip
def test_dahua_images_may_be_missing_or_empty(fields: dict[str, Any], image: bytes | None) -> None:
    assert image_of(dahua.parse(of(**fields))) == image


def test_dahua_bad_image_does_not_cost_the_read() -> None:
    read, complaint = dahua.parse(of(NormalPic={"Content": "%%"}))
    assert isinstance(read, tuple)
    assert complaint == UnparsedRead(reason="image: not base64; its read is stored", payload=b"%%")


@pytest.mark.parametrize(
    ("snap", "at"),
    [
        ({"AccurateTime": ""}, LOCAL.replace(microsecond=0)), ({"AccurateTime": ...}, LOCAL.replace(microsecond=0)),
        ({"AccurateTime": "2026-03-03T14:05:07.250Z"}, LOCAL.replace(tzinfo=UTC)),
        ({"AccurateTime": "2026/3/3 14:05:07.250"}, LOCAL), ({"AccurateTime": "20260303140507250"}, LOCAL),
        ({"AccurateTime": "20260303140507"}, LOCAL.replace(microsecond=0)),
    ],
)  # fmt: skip
def test_dahua_time_is_the_lprs_own_unless_it_has_an_offset(snap: dict[str, Any], at: datetime) -> None:
    assert read_of(dahua.parse(of(SnapInfo=changed(PICTURE["SnapInfo"], **snap)))).captured_at == at


def test_dahua_two_pictures_and_two_plates_in_one_message() -> None:
    other = {**PICTURE, "Plate": {"PlateNumber": "XYZ99"}}
    assert [item[0].raw_plate for item in dahua.parse(sent({"Picture": [PICTURE, other]})) if isinstance(item, tuple)] == [
        "ABC1234", "XYZ99",
    ]  # fmt: skip
    both = dahua.parse(of(Plate=[PICTURE["Plate"], {"PlateNumber": 7654321}], UUID="u-1"))
    assert [(item[0].raw_plate, item[0].event_id) for item in both if isinstance(item, tuple)] == [
        ("ABC1234", "u-1"), ("7654321", "u-1-1"),
    ]  # fmt: skip


def test_dahua_bad_picture_does_not_cost_the_others() -> None:
    bad, good = dahua.parse(sent({"Picture": [{"SnapInfo": {}}, PICTURE]}))
    assert bad == UnparsedRead(reason="Plate: missing", payload=json.dumps({"SnapInfo": {}}).encode())
    assert isinstance(good, tuple)


def test_dahua_without_the_outer_object() -> None:
    assert dahua.parse(sent(PICTURE)) == dahua.parse(sent(DAHUA))


def test_dahua_repeat_is_the_same_event_and_a_correction_too_where_there_is_an_id() -> None:
    assert dahua.parse(sent(DAHUA)) == dahua.parse(sent(DAHUA))
    first, second = of(UUID="u-1"), of(UUID="u-1", Plate={"PlateNumber": "A8C1234"})
    assert read_of(dahua.parse(first)).event_id == read_of(dahua.parse(second)).event_id == "u-1"


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"Plate": None}, "Plate"), ({"Plate": ...}, "Plate"), ({"Plate": {}}, "PlateNumber"), ({"SnapInfo": None}, "SnapTime"),
     ({"SnapInfo": {"SnapTime": "soon"}}, "SnapTime")],
)  # fmt: skip
def test_dahua_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = of(**fields)
    unparsed = refusal(dahua.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole
