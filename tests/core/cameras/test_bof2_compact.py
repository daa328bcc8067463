"""UK BOF2 compact capture: what is understood, and what is kept as not understood."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from platekeeper.core.formats.cameras import bof2_compact
from platekeeper.core.formats.cameras.payload import body
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import LINE, lines, read_of, refusal


def test_bof2_line() -> None:
    read = ParsedRead(
        raw_plate="AB12CDE",
        captured_at=datetime(2026, 3, 3, 19, 5, 7, tzinfo=UTC),
        event_id="1|2|3|2026-03-03T19:05:07Z|AB12CDE",
        confidence=0.88,
        direction="approaching",
        latitude=51.5,
        longitude=-0.12,
    )
    assert bof2_compact.parse(body(LINE.encode())) == [(read, None)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_bof2_bad_line_does_not_cost_the_others(ending: str) -> None:
    first, second, third, fourth = bof2_compact.parse(lines(LINE, "a|b", LINE.replace("88", "x"), LINE, ending=ending))
    assert isinstance(first, tuple)
    assert second == UnparsedRead(reason="vrm: missing", payload=b"a|b")
    assert isinstance(third, UnparsedRead)
    assert "confidencePercentage" in third.reason
    assert isinstance(fourth, tuple)


def test_bof2_line_in_another_encoding_costs_only_itself() -> None:
    first, second = bof2_compact.parse(body(b"\xff|" + LINE.encode() + b"\n" + LINE.encode()))
    assert isinstance(first, UnparsedRead)
    assert isinstance(second, tuple)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-03T19:05:07+00:00", datetime(2026, 3, 3, 19, 5, 7, tzinfo=UTC)),
        ("2026-04-03 19:05:07", datetime(2026, 4, 3, 19, 5, 7)),
        ("03/04/2026 19:05:07", datetime(2026, 4, 3, 19, 5, 7)),
        ("03/04/2026 19:05:07.250", datetime(2026, 4, 3, 19, 5, 7, 250_000)),
        ("20260403190507", datetime(2026, 4, 3, 19, 5, 7)),
        ("20260403112233", datetime(2026, 4, 3, 11, 22, 33)),
    ],
)
def test_bof2_date_is_day_first_and_fourteen_digits_are_no_iso(written: str, at: datetime) -> None:
    line = LINE.replace("2026-03-03T19:05:07Z", written)
    assert read_of(bof2_compact.parse(lines(line))).captured_at == at


@pytest.mark.parametrize(
    ("motion", "direction"),
    [
        ("true", "approaching"), ("TRUE", "approaching"), ("1", "approaching"), ("Y", "approaching"), ("false", "receding"),
        ("0", "receding"), ("n", "receding"), ("", ""),
    ],
)  # fmt: skip
def test_bof2_motion_is_a_direction(motion: str, direction: str) -> None:
    assert read_of(bof2_compact.parse(lines(LINE.removesuffix("true") + motion))).direction == direction


def test_bof2_trailing_fields_may_be_missing_and_more_may_follow() -> None:
    short = read_of(bof2_compact.parse(lines("||AB12CDE||||20260403190507")))
    assert (short.raw_plate, short.confidence, short.latitude, short.direction) == ("AB12CDE", None, None, "")
    assert read_of(bof2_compact.parse(lines(LINE + "|more"))).direction == "approaching"


def test_bof2_zero_coordinates_are_nowhere() -> None:
    read = read_of(bof2_compact.parse(lines(LINE.replace("51.5|-0.12", "0.0|0.0"))))
    assert (read.latitude, read.longitude) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("2026-03-03T19:05:07Z", "", "captureDate"), ("2026-03-03T19:05:07Z", "31/31/2026 00:00:00", "captureDate"),
        ("2026-03-03T19:05:07Z", "20261303190507", "captureDate"), ("2026-03-03T19:05:07Z", "soon", "captureDate"),
        ("51.5", "north", "latitude"), ("|88|", "|188|", "confidence"), ("true", "maybe", "motionTowardCamera"),
    ],
)  # fmt: skip
def test_bof2_what_makes_no_sense_is_named(old: str, new: str, named: str) -> None:
    line = LINE.replace(old, new)
    unparsed = refusal(bof2_compact.parse(lines(line)))
    assert named in unparsed.reason
    assert unparsed.payload == lines(line).whole
