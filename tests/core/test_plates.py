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
def test_a_plate_is_normalized(raw: str, text: str) -> None:
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


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("", "Write a plate"),
        (" - ", "Write a plate"),
        ("AB/1", r"This has / \(U\+002F\)"),
        ("ABCDEFGHIJK", "10 characters"),
        ("\u0410\u0412", r"\u0410 \(U\+0410\)"),
        ("STRA\u00dfE", r"\u00df \(U\+00DF\)"),
        ("AB\x001", r"U\+0000"),
        ("AB\n1", r"U\+000A"),
        ("AB\u200b1", r"This has U\+200B"),
        ("x' OR '1'='1", r"' \(U\+0027\)"),
        ("[A-Z]*", r"\[ \(U\+005B\)"),
        ("*", "one known character"),
        ("????*****", "one known character"),
        ("?" * 11, "10 characters"),
        ("?" * 1_000_000, "1,000,000"),
        ("\ufdfa" * 64, r"U\+0635"),
    ],
)
def test_what_is_no_pattern(raw: str, told: str) -> None:
    with pytest.raises(PatternError, match=told):
        parse_pattern(raw)


@pytest.mark.parametrize("raw", ["abc-1234", " ABC\u20131234 ", "\uff21BC1234", "ABC 12.34"])
def test_how_a_plate_may_be_written(raw: str) -> None:
    assert parse_pattern(raw).text == "ABC1234"


def test_too_few_known_characters() -> None:
    with pytest.raises(PatternError, match="3 known"):
        parse_pattern("A?*", least_known=3)
