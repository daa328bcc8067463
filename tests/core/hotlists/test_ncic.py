"""The NCIC extract: no header, letters O written as zeros, a description that some states append."""

from __future__ import annotations

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.ncic import FORMAT
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.matching import HotListIndex, PlateBatch, StateAgreement
from tests.core.hotlists.making import left_out, lines, ncic, only, parsed, text


def test_every_column_of_a_line() -> None:
    line = only("ncic", text(ncic("ABC1234")))
    assert (line.plate.text, line.state, line.code, line.category) == ("ABC1234", "NY", "V", Category.STOLEN_VEHICLE)
    assert (line.reference, line.agency, line.plate_type, line.year) == ("V12345678", "NY0290000", "PC", "2019")
    assert (line.make, line.model, line.color, line.reason) == ("F0RD", "FUS", "BLU", "")
    assert line.expires is None and line.effective is None


@pytest.mark.parametrize("code", "AFWVPMCHKLRTX")
def test_every_list_code(code: str) -> None:
    line = only("ncic", text(ncic("ABC1234", code=code)))
    assert (line.code, line.category) == (code, FORMAT.codes[code])


def test_the_codes_are_those_of_the_extract() -> None:
    assert set(FORMAT.codes) == set("AFWVPMCHKLRTX")
    assert FORMAT.codes["R"] is Category.STOLEN_PLATE
    assert FORMAT.codes["F"] is Category.CRIME_SUSPECT


def test_the_first_line_is_an_entry() -> None:
    assert len(lines("ncic", text(ncic("ABC1234"), ncic("ABC1235")))) == 2


def test_the_appended_description_is_the_reason_with_or_without() -> None:
    with_it, without = lines("ncic", text(ncic("ABC1234", reason="ARMED AND DANGEROUS"), ncic("ABC1235")))
    assert (with_it.reason, without.reason, with_it.color) == ("ARMED AND DANGEROUS", "", "BLU")
    assert only("ncic", text(ncic("ABC1234", reason="X" * 60))).reason == "X" * 35


def test_a_description_that_is_not_ascii() -> None:
    assert only("ncic", text(ncic("ABC1234", reason="Jos\u00e9 Mu\u00f1oz \u2013 armed"))).reason.endswith(
        "\u2013 armed"
    )


def test_characters_of_several_bytes_before_the_plate_shift_no_column() -> None:
    content = text(ncic("ABC1234", number="V\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"), ncic("XYZ99"))
    assert [line.plate.text for line in lines("ncic", content)] == ["ABC1234", "XYZ99"]


def test_state_0h_is_oh() -> None:
    assert only("ncic", text(ncic("ABC1234", state="0H"))).state == "OH"


def test_a_read_with_the_letter_o_matches_a_plate_written_with_zeros() -> None:
    index = HotListIndex(parsed("ncic", text(ncic("0AB120", state="0H"))).entries)
    for read in ("OAB12O", "0AB120", "OAB120"):
        (match,) = index.match(PlateBatch([read]), states=["OH"], at=[0])
        assert (match.how, match.state) == ("plate", StateAgreement.AGREES)


def test_the_same_plate_in_two_states_is_two_entries() -> None:
    assert [line.state for line in lines("ncic", text(ncic("ABC1234"), ncic("ABC1234", state="0H")))] == ["NY", "OH"]


def test_a_plate_written_with_both_letters_and_zeros_is_one() -> None:
    assert left_out("ncic", text(ncic("OAB12"), ncic("0AB12"))) == [(2, "repeated")]


def test_a_make_with_a_zero_is_kept_as_written() -> None:
    assert only("ncic", text(ncic("ABC1234"))).make == "F0RD"  # nothing is matched by make


def test_lines_shorter_than_the_full_width_but_long_enough() -> None:
    line = ncic("ABC1234")
    assert only("ncic", text(line[:39])).state == "NY"
    assert only("ncic", text(line[:51])).make == "F0"
    with pytest.raises(HotListFormatError, match="breaks off"):
        parsed("ncic", text(line[:38]))


def test_a_short_line_amid_others_is_left_out() -> None:
    good = [ncic(f"GOOD{number}") for number in range(9)]
    assert left_out("ncic", text(ncic("ABC1234")[:38], *good)) == [(1, "shorter than the list code")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("last", [b"", b"\x1a", b"\x1a" * 80, b"\r\n\r\n"])
def test_ends_of_lines(end: str, last: bytes) -> None:
    if end == "\r" and last.endswith(b"\n"):
        last = b"\r"
    content = text(ncic("ABC1234"), ncic("0"), ncic("XYZ99"), end=end) + last
    assert [line.plate.text for line in lines("ncic", content)] == ["ABC1234", "XYZ99"]
    assert left_out("ncic", content) == [(2, "junk plate")]


def test_a_file_whose_first_bytes_are_those_of_a_zip_is_none() -> None:
    line = only("ncic", text(ncic("ABC1234", code="P", number="K12345678")))
    assert (line.category, line.reference) == (Category.STOLEN_PLATE, "K12345678")


def test_a_portal_file_is_refused_as_an_extract() -> None:
    with pytest.raises(HotListFormatError, match=r"breaks off|make no sense"):
        parsed("ncic", text("LPR HOT LIST", "ABC1234   NYPC VFORDYEL/BLK"))
