"""The New York portal's file: every list code, junk, and files that are not whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.new_york import FORMAT
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from tests.core.hotlists.making import left_out, lines, ny, only, packed, parsed, text, zipped

HEADER = "LPR HOT LIST"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("code", sorted(FORMAT.codes))
def test_every_list_code(code: str, end: str) -> None:
    line = only("new_york", text(HEADER, ny("ABC1234", code=code, state="0H"), end=end))
    assert (line.category, line.state, line.make, line.color) == (FORMAT.codes[code], "OH", "FORD", "YEL/BLK")
    assert (line.plate.text, line.plate_type, line.code) == ("ABC1234", "PC", code)


def test_the_codes_are_those_of_the_portal() -> None:
    assert "".join(sorted(FORMAT.codes)) == "MPRSTVWXZ"
    assert FORMAT.codes["R"] is Category.STOLEN_PLATE  # Canadian plates are plates


def test_suspended_registrations_x_and_z_are_loaded() -> None:
    content = text(HEADER, ny("ABC1234", code="X"), ny("ABC1235", code="Z"))
    assert [line.category for line in lines("new_york", content)] == [Category.REGISTRATION] * 2
    assert parsed("new_york", content).counts == {Category.REGISTRATION: 2}


def test_the_first_line_is_skipped_even_if_it_reads_like_an_entry() -> None:
    assert [line.plate.text for line in lines("new_york", text(ny("HEADER1"), ny("ABC1234")))] == ["ABC1234"]


def test_a_two_tone_color_is_kept_whole() -> None:
    assert only("new_york", text(HEADER, ny("ABC1234", color="YEL/BLK"))).color == "YEL/BLK"


def test_a_state_with_a_zero_for_the_letter_is_restored() -> None:
    content = text(HEADER, *(ny("ABC1234", state=state) for state in ("0H", "0K", "C0", "0R", "M0", "0N")))
    assert {line.state for line in lines("new_york", content)} == {"OH", "OK", "CO", "OR", "MO", "ON"}


def test_a_plate_with_a_zero_for_the_letter_is_the_same_plate() -> None:
    assert left_out("new_york", text(HEADER, ny("OOH123"), ny("00H123"))) == [(3, "repeated")]


def test_the_same_plate_in_two_states_is_two_entries() -> None:
    content = text(HEADER, ny("ABC1234"), ny("ABC1234", state="NJ"), ny("ABC1234", state="  "))
    assert [line.state for line in lines("new_york", content)] == ["NY", "NJ", None]


def test_the_same_plate_for_two_reasons_is_two_entries() -> None:
    assert len(parsed("new_york", text(HEADER, ny("ABC1234"), ny("ABC1234", code="W"))).entries) == 2


def test_the_junk_plate_0_is_left_out_and_counted() -> None:
    found = parsed("new_york", text(HEADER, ny("0"), ny("GOOD1"), ny("NONE"), ny("O0O0"), ny("XXXX")))
    assert [(line.number, line.reason) for line in found.skipped] == [(n, "junk plate") for n in (2, 4, 5, 6)]
    assert found.left_out.reasons["junk plate"] == 4
    assert found.left_out.faults == 0
    assert len(found.entries) == 1


def test_lines_left_out_have_number_and_reason() -> None:
    good = [ny(f"GOOD{number}") for number in range(20)]
    found = parsed("new_york", text(HEADER, *good, ny("0"), ny("GOOD1"), ny("ABC1", code="Q"), ny("AB/C"), ny("")))
    assert [(line.number, line.reason) for line in found.skipped] == [
        (22, "junk plate"), (23, "repeated"), (24, "unknown list code 'Q'"), (25, "unreadable plate"), (26, "no plate"),
    ]  # fmt: skip
    assert found.skipped[1].text == ny("GOOD1")
    assert len(found.entries) == 20


def test_lower_case_hyphens_and_blanks_name_the_same_plate() -> None:
    for plate in ("abc1234", "ABC-1234", "ABC 1234", " ABC1234", "abc\u20111234", "AB.C-12 34"):
        line = only("new_york", text(HEADER, ny(plate, state="ny")))
        assert (line.plate.text, line.state) == ("ABC1234", "NY")


@pytest.mark.parametrize(
    ("written", "state"),
    [*((each, each) for each in ("ON", "QC", "BC", "MX", "PR", "DC", "US")),
     ("PQ", "QC"), ("NF", "NL"), ("SN", "SK"), ("NK", "NB"), ("NB", "NE")],
)  # fmt: skip
def test_provinces_mexico_and_territories_are_states_however_ncic_calls_them(written: str, state: str) -> None:
    assert only("new_york", text(HEADER, ny("ABC1234", state=written))).state == state


def test_a_state_that_is_none_of_ours_is_kept_as_written() -> None:
    first, second = lines("new_york", text(HEADER, ny("ABC1234", state="QZ"), ny("ABC1234", state="N ")))
    assert (first.state, first.raw_state, second.state, second.raw_state) == (None, "QZ", None, "N")
    assert first.key == "QZ:ABC1234:V"


def test_a_line_whose_trailing_blanks_a_transfer_has_stripped() -> None:
    short = ny("ABC1234", make="", color="")[:16]
    assert [len(short), only("new_york", text(HEADER, short)).make] == [16, ""]
    content = text(HEADER, *[ny(f"GOOD{n}") for n in range(9)], ny("ABC1")[:15], ny("ABC2"))
    assert left_out("new_york", content) == [(11, "shorter than the list code")]


def test_a_character_of_several_bytes_shifts_no_column() -> None:
    line = only("new_york", text(HEADER, "ABC1234   NY\u00e9C VFORDBEI\u00d1"))
    assert (line.plate_type, line.code, line.make, line.color) == ("\u00e9C", "V", "FORD", "BEI\u00d1")


def test_blank_lines_are_passed_over() -> None:
    assert left_out("new_york", text(HEADER, "", ny("ABC1234"), "   ", "", ny("0"), "")) == [(6, "junk plate")]


def test_zipped_or_bare_with_a_mark_or_without_is_the_same() -> None:
    bare = text(HEADER, ny("ABC1234"))
    assert FORMAT.rows(zipped(("LPRinfo.txt", bare))) == FORMAT.rows(bare) == FORMAT.rows(b"\xef\xbb\xbf" + bare)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no plates"),
        (b"HEADER\n", "no plates"),
        (b"HEADER\r\n\x1a", "no plates"),
        (text(HEADER, ny("ABC1234"))[:-20], "Line 2 breaks off"),
        (text(HEADER, ny("ABC1234"), ny("ABC1235"))[:-22], "Line 3 breaks off"),
        (zipped(("a", text(HEADER, ny("ABC1234"))))[:-30], "broken"),
        (zipped(("a", b"a"), ("b", b"b")), "2 files"),
        (text(HEADER, ny("ABC1234")).decode().encode("utf-16"), "UTF-16"),
        (b"HEADER\nABC\xff1234  NYPC VFORDBLK\n", "Line 2"),
        (text(HEADER, "a page of prose, which is no hot list at all", "and another line of it"), "make no sense"),
        (text(HEADER, ny("0"), ny("NONE")), "make no sense"),
        (text(HEADER, *[ny("ABC1")] * 3, ny("ABC2", code="Q")), "1 of 4 lines .* line 5 .unknown list code 'Q'"),
    ],
)
def test_a_file_that_is_not_whole_or_not_this_format_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(HotListFormatError, match=says):
        parsed("new_york", content)


def test_a_zip_bomb_is_refused_while_it_unpacks() -> None:
    with pytest.raises(HotListFormatError, match="unpacks to more"):
        replace(FORMAT, largest=10_000).rows(zipped(("LPRinfo.txt", b"A" * 1_000_000)))


def test_what_changed() -> None:
    old = parsed("new_york", text(HEADER, ny("AAA111"), ny("BBB222"))).entries
    new = parsed("new_york", text(HEADER, ny("BBB222"), ny("CCC333"))).entries
    assert [plate for plate, *_ in packed(new.take(~new.standing_in(old)))] == ["CCC333"]
    assert [plate for plate, *_ in packed(old.take(~old.standing_in(new)))] == ["AAA111"]


def test_progress_is_told_in_bytes() -> None:
    told: list[tuple[int, int]] = []
    rows = text(HEADER, ny("ABC1234"))
    FORMAT.parse(rows, progress=lambda done, of: told.append((done, of)))
    assert told and all(0 <= done <= of == len(rows) for done, of in told)
