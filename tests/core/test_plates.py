"""Plates: strict, folded, and unreadable ones equal to nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.core.plates import Plate, Unreadable, fold, is_junk, look_alike, parse_plate, parse_state

PLATES = st.from_regex(r"\A[A-Z0-9]{1,10}\Z")


@pytest.mark.parametrize(
    ("raw", "text"),
    [("abc 1234", "ABC1234"), ("ABC-1234", "ABC1234"), (" a·b.c ", "ABC"), ("ＡＢＣ１", "ABC1"), ("0", "0")],
)
def test_a_plate_is_normalised(raw: str, text: str) -> None:
    plate = parse_plate(raw)
    assert plate == Plate(text)
    assert isinstance(plate, Plate) and plate.raw == raw


@pytest.mark.parametrize("raw", ["", "  ", "AB?123", "АВС123", "ABCDEFGHIJK", "A*", "A\x00B", "ÄB1"])
def test_what_is_no_plate_keeps_its_text_and_equals_nothing(raw: str) -> None:
    first, second = parse_plate(raw), parse_plate(raw)
    assert isinstance(first, Unreadable) and first.raw == raw
    assert first != second
    assert first != first  # noqa: PLR0124 - like NaN


@given(PLATES)
def test_parsing_is_idempotent_and_folds_agree(text: str) -> None:
    assert parse_plate(text) == Plate(text)
    assert fold(fold(text)) == fold(text)
    assert look_alike(fold(text)) == look_alike(text)


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("NY", "NY"),
        ("ny", "NY"),
        ("us-ny", "NY"),
        ("0H", "OH"),
        ("C0", "CO"),
        ("0N", "ON"),
        ("ZZ", None),
        ("", None),
        (None, None),
    ],
)
def test_states(raw: str | None, state: str | None) -> None:
    assert parse_state(raw) == state


@pytest.mark.parametrize(
    ("text", "junk"), [("0", True), ("NONE", True), ("XXXX", True), ("00O0", True), ("ABC1234", False)]
)
def test_junk(text: str, junk: bool) -> None:
    assert is_junk(Plate(text)) is junk


@pytest.mark.parametrize(
    ("pattern", "plate", "fits"),
    [
        ("ABC1234", "ABC1234", True),
        ("AB?1*", "ABC1234", True),
        ("AB?1*", "ABC1", True),
        ("AB?1*", "AB1234", False),
        ("*234", "ABC1234", True),
        ("ABO1", "AB01", True),
        ("A?", "ABC", False),
    ],
)
def test_patterns(pattern: str, plate: str, fits: bool) -> None:
    assert parse_pattern(pattern).matches(Plate(plate)) is fits


@given(PLATES)
def test_a_complete_pattern_matches_its_plate(text: str) -> None:
    pattern = parse_pattern(text)
    assert pattern.is_complete and pattern.known == len(text) and pattern.matches(Plate(text))


@pytest.mark.parametrize("raw", ["", "AB/1", "ABCDEFGHIJK", "АВ"])
def test_what_is_no_pattern(raw: str) -> None:
    with pytest.raises(PatternError):
        parse_pattern(raw)


def test_too_few_known_characters() -> None:
    with pytest.raises(PatternError, match="3 known"):
        parse_pattern("A?*", least_known=3)
