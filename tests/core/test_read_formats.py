"""Our own JSON: what is understood, and what is kept as not understood."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.cameras import platekeeper
from platekeeper.core.formats.reads import FINAL, ParsedRead, UnparsedRead

AT = "2026-03-03T14:05:07.25-05:00"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"plate": 5}, "plate"), ({"captured_at": "soon"}, "captured_at"),
        ({"captured_at": "0001-01-01T00:00:00Z"}, "captured_at"),
        ({"confidence": 7}, "confidence"), ({"latitude": 91}, "latitude"), ({"image": "%%"}, "image"),
        ({"image": "R0lGODlh"}, "image"), ({"vehicle": [1]}, "vehicle"), ({"stage": 10}, "stage"), ({"stage": -1}, "stage"),
    ],
)  # fmt: skip
def test_a_read_that_makes_no_sense_is_kept_with_the_field_named(changed: dict[str, Any], named: str) -> None:
    good = {"plate": "ABC1234", "captured_at": AT}
    items = platekeeper.parse(json.dumps([good, {**good, **changed}]).encode())
    assert isinstance(items[0], tuple)
    assert isinstance(items[1], UnparsedRead)
    assert named in items[1].reason
    assert json.loads(items[1].payload) == {**good, **changed}


def test_our_own_format() -> None:
    body = {"plate": "abc 1", "captured_at": AT, "state": "us-ny", "candidates": [{"plate": "ABC7", "confidence": 0.2}]}
    ((read, image),) = platekeeper.parse(json.dumps(body).encode())  # type: ignore[misc]
    assert image is None
    assert (read.raw_plate, read.state, read.candidates) == ("abc 1", "NY", (("ABC7", 0.2),))
    assert read.captured_at.astimezone(UTC) == datetime(2026, 3, 3, 19, 5, 7, 250_000, tzinfo=UTC)


def test_how_far_a_sender_was_is_taken_and_final_where_it_does_not_say() -> None:
    body = [
        {"plate": "ABC1234", "captured_at": AT, "event_id": "e", "stage": 1},
        {"plate": "ABC1234", "captured_at": AT},
    ]
    assert [item[0].stage for item in platekeeper.parse(json.dumps(body).encode()) if isinstance(item, tuple)] == [
        1,
        FINAL,
    ]


@given(st.binary(max_size=200))
def test_no_bytes_are_dropped_or_raise(body: bytes) -> None:
    for item in platekeeper.parse(body):
        assert isinstance(item, tuple | ParsedRead | UnparsedRead)


@pytest.mark.parametrize("begun", ["", '{"reads":', f'[{{"plate": "ABC1234", "captured_at": "{AT}", "x": '])
def test_what_lies_too_deep_is_kept_as_not_understood(begun: str) -> None:
    body = begun.encode() + b"[" * 100_000
    (item,) = platekeeper.parse(body)
    assert isinstance(item, UnparsedRead) and item.payload == body


@pytest.mark.parametrize("text", ["A\\u0000B", "\\ud800"])
@pytest.mark.parametrize("field", ["plate", "event_id", "direction"])
def test_texts_that_no_database_takes_are_kept_as_not_understood(field: str, text: str) -> None:
    good = json.dumps({"plate": "ABC1234", "captured_at": AT})
    told = f'{good[:-1]}, "{field}": "{text}"}}'.encode()
    (item,) = platekeeper.parse(told)
    assert isinstance(item, UnparsedRead) and item.payload == told
