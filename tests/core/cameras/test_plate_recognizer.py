"""Plate Recognizer Stream: what is understood, and what is kept as not understood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from platekeeper.core.formats.cameras import plate_recognizer
from platekeeper.core.formats.cameras.payload import Part, Payload
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import AT, JPEG, STREAM, changed, image_of, read_of, refusal, sent, stream

RESULT = STREAM["data"]["results"][0]


def of(*results: Any, **data: Any) -> dict[str, Any]:
    """Return a message with other results, or other fields beside them."""
    return {**STREAM, "data": changed(STREAM["data"], results=list(results), **data)}


def test_stream_message_with_its_image() -> None:
    read = ParsedRead(
        raw_plate="abc1234", captured_at=AT, confidence=0.9, state="NY", state_confidence=0.7, direction="225",
        candidates=(("abc1234", 0.9), ("a8c1234", 0.4)),
        vehicle={"type": "Sedan", "make": "Honda", "model": "Civic", "color": "blue", "orientation": "Front"},
    )  # fmt: skip
    assert plate_recognizer.parse(stream(STREAM)) == [(read, JPEG)]


def test_stream_hook_id_is_the_cameras_name_so_two_cars_are_never_one_read() -> None:
    first = read_of(plate_recognizer.parse(stream(STREAM)))
    second = read_of(plate_recognizer.parse(stream(of({**RESULT, "plate": "xyz99"}))))
    assert (first.event_id, second.event_id) == (None, None)


@pytest.mark.parametrize(
    "plate",
    [
        {"props": {"plate": [{"value": "x1", "score": 0.5}]}},
        {
            "type": "Plate",
            "props": {"plate": [{"value": "x1", "score": "0.5"}, {"value": "y2", "score": 0.1}], "region": []},
        },
    ],
)
def test_stream_plate_may_be_an_object(plate: Any) -> None:
    read = read_of(plate_recognizer.parse(stream(of({**RESULT, "plate": plate}))))
    assert (read.raw_plate, read.confidence) == ("x1", 0.5)


def test_stream_two_plates_share_the_image_and_a_bad_one_costs_only_itself() -> None:
    first, bad, second = plate_recognizer.parse(stream(of(RESULT, {"score": 1}, {**RESULT, "plate": 7654321})))
    assert isinstance(first, tuple) and isinstance(second, tuple)
    assert (first[1], second[1], second[0].raw_plate) == (JPEG, JPEG, "7654321")
    assert bad == UnparsedRead(reason="plate: missing", payload=b'{"score": 1}')


@pytest.mark.parametrize("image", [None, b""])
def test_stream_image_may_be_missing_or_empty(image: bytes | None) -> None:
    assert image_of(plate_recognizer.parse(stream(STREAM, image))) is None


def test_stream_bad_image_is_reported_once_and_costs_no_read() -> None:
    *reads, complaint = plate_recognizer.parse(stream(of(RESULT, {**RESULT, "plate": "b2"}), b"BM"))
    assert [isinstance(item, tuple) for item in reads] == [True, True]
    assert complaint == UnparsedRead(reason="image: neither JPEG nor PNG; its read is stored", payload=b"BM")


def test_stream_parts_of_other_names_and_order() -> None:
    told, upload = stream(STREAM).parts
    other = Payload(parts=(Part(name="picture", content=upload.content), Part(name="data", content=told.content)))
    assert plate_recognizer.parse(other) == plate_recognizer.parse(stream(STREAM))


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"timestamp": ...}, AT), ({"timestamp": None}, AT), ({"timestamp": "2026-03-03 19:05:07.250000+00:00"}, AT),
        ({"timestamp": AT.timestamp()}, AT),
        ({"timestamp": "2026-03-03T14:05:07.25"}, datetime(2026, 3, 3, 14, 5, 7, 250_000)),
    ],
)  # fmt: skip
def test_stream_time_with_and_without_an_offset(fields: dict[str, Any], at: datetime) -> None:
    assert read_of(plate_recognizer.parse(stream(of(RESULT, **fields)))).captured_at == at


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"region": "us-ny"}, "NY"), ({"region": None}, None), ({"region": ...}, None), ({"region": {"code": "mx"}}, "MX"),
        ({"region": {"code": "de", "score": 0.9}}, None), ({"region": {"code": "ca", "score": 0}}, None),
        ({"region": {"code": "CA-ON", "score": 0.5}}, "ON"),
    ],
)  # fmt: skip
def test_stream_region_begins_with_its_country_so_ca_alone_is_not_california(
    fields: dict[str, Any], state: str | None
) -> None:
    assert read_of(plate_recognizer.parse(stream(of(changed(RESULT, **fields))))).state == state


def test_stream_without_results_is_named_and_with_none_holds_no_read() -> None:
    assert refusal(plate_recognizer.parse(sent({**STREAM, "data": changed(STREAM["data"], results=...)}))).reason == (
        "results: missing"
    )
    assert plate_recognizer.parse(stream(of())) == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"plate": None}, "plate"), ({"plate": {"props": {}}}, "plate"), ({"score": 900}, "confidence"),
        ({"score": "NaN"}, "confidence"), ({"plate": "A" * 65}, "plate"), ({"plate": "A\x00B"}, "cannot be stored"),
        ({"plate": "\ud800"}, "cannot be stored"),
    ],
)  # fmt: skip
def test_stream_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    assert named in refusal(plate_recognizer.parse(stream(of({**RESULT, **fields})))).reason
