"""Blue Iris with CodeProject.AI: what is understood, and what is kept as not understood."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from platekeeper.core.formats.cameras import blue_iris
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import AT, BLUE_IRIS, JPEG, MS, b64, changed, sent


def test_blue_iris_predictions_of_alpr_are_a_read_each() -> None:
    at = datetime(2026, 3, 3, 19, 5, 7, 250_000, tzinfo=UTC)
    assert blue_iris.parse(sent(BLUE_IRIS)) == [
        (ParsedRead(raw_plate="ABC1234", captured_at=at, confidence=0.87), JPEG),
        (ParsedRead(raw_plate="XYZ99", captured_at=at, confidence=0.66), JPEG),
    ]


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (MS, AT), (str(MS), AT), (MS / 1000, AT), (str(MS // 1000), AT.replace(microsecond=0)),
        ("2026-03-03 14:05:07", datetime(2026, 3, 3, 14, 5, 7)),
    ],
)  # fmt: skip
def test_blue_iris_time_is_iso_or_since_1970(timestamp: Any, at: datetime) -> None:
    first, _ = blue_iris.parse(sent(changed(BLUE_IRIS, timestamp=timestamp)))
    assert isinstance(first, tuple)
    assert first[0].captured_at == at


def test_blue_iris_bad_prediction_does_not_cost_the_others() -> None:
    found = {"predictions": [{"confidence": 0.4}, {"plate": "ABC1234"}, {"plate": "B", "confidence": 400}]}
    first, second, third, fourth = blue_iris.parse(
        sent(changed(BLUE_IRIS, ai_dump=[{"api": "alpr", "found": found}, "noise"]))
    )
    assert first == UnparsedRead(reason="plate: missing", payload=b'{"confidence": 0.4}')
    assert isinstance(second, tuple)
    assert isinstance(third, UnparsedRead)
    assert "confidence" in third.reason
    assert fourth == UnparsedRead(reason="ai_dump: not an object", payload=b'"noise"')


def test_blue_iris_names_in_another_case_and_a_lone_model() -> None:
    model = {"API": "ALPR", "Found": {"Predictions": [{"Plate": "ABC1234", "Confidence": 87}]}}
    message = {"AI_DUMP": model, "image": b64(JPEG), "Timestamp": MS}
    assert blue_iris.parse(sent(message)) == [
        (ParsedRead(raw_plate="ABC1234", captured_at=AT, confidence=0.87), JPEG),
    ]


@pytest.mark.parametrize(
    "dump",
    [
        [], None, [{"api": "objects", "found": {"predictions": [{"label": "car"}]}}],
        [{"api": "alpr", "found": {"success": True, "predictions": []}}],
        [{"api": "alpr", "found": {"success": False, "error": "busy"}}],
    ],
)  # fmt: skip
def test_blue_iris_message_without_a_plate_holds_no_read(dump: Any) -> None:
    assert blue_iris.parse(sent(changed(BLUE_IRIS, ai_dump=dump))) == []


@pytest.mark.parametrize("image", [..., None, ""])
def test_blue_iris_image_may_be_missing(image: Any) -> None:
    assert [item[1] for item in blue_iris.parse(sent(changed(BLUE_IRIS, Image=image))) if isinstance(item, tuple)] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"ai_dump": ...}, "ai_dump"), ({"ai_dump": "&JSON"}, "ai_dump"), ({"timestamp": ...}, "timestamp"),
        ({"timestamp": "soon"}, "timestamp"), ({"ai_dump": [{"found": {}}]}, "api"),
        ({"ai_dump": [{"api": "alpr"}]}, "found"), ({"ai_dump": [{"api": "alpr", "found": {}}]}, "predictions"),
        ({"ai_dump": [{"api": "alpr", "found": {"predictions": {}}}]}, "predictions"),
    ],
)  # fmt: skip
def test_blue_iris_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    items = blue_iris.parse(sent(changed(BLUE_IRIS, **fields)))
    assert items
    assert all(isinstance(item, UnparsedRead) and named in item.reason for item in items)
