"""CSV and TSV with a heading, as departments and their neighbors write them, and templates for what nobody foresaw."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists.mapped import FORMAT, templated
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.hotlists.loaded import format_of
from tests.core.hotlists.making import csv, day, left_out, lines, only, parsed, text

EVERY = "plate,state,category,reason,make,model,year,color,case number,agency,effective date,expiry date,response"
ROW = "ABC1234,NY,gang,blue van,FORD,TRANSIT,2019,BLU,26-0042,NY0290000,2026-03-01,2026-03-31,observe"


def test_every_column() -> None:
    line = only("mapped", csv(EVERY, ROW))
    assert (line.plate.text, line.state, line.category, line.reason) == ("ABC1234", "NY", Category.GANG, "blue van")
    assert (line.make, line.model, line.year, line.color) == ("FORD", "TRANSIT", "2019", "BLU")
    assert (line.reference, line.agency, line.action) == ("26-0042", "NY0290000", HitAction.OBSERVE)
    assert (line.effective, line.expires) == (day(2026, 3, 1), day(2026, 4, 1))  # through its last day


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("delimiter", ",;\t|")
def test_any_delimiter_and_end_of_line(delimiter: str, end: str) -> None:
    usual = only("mapped", csv(EVERY, ROW))
    assert only("mapped", text(EVERY.replace(",", delimiter), ROW.replace(",", delimiter), end=end)) == usual


@pytest.mark.parametrize(
    "heading",
    ["plate,state", "PLATE,STATE", " Plate , State ", '"plate","state"', "License_Plate,Plate-State", "PlateNo.,LIS",
     "tag,jurisdiction", "VRM,State/Province", "plate,state,", "\ufeffplate,state", "sep=,\nplate,state", "\n\nplate,state"],
)  # fmt: skip
def test_headings_in_any_case_with_blanks_quotes_and_other_names(heading: str) -> None:
    line = only("mapped", csv(heading, "ABC1234,ny"))
    assert (line.plate.text, line.state) == ("ABC1234", "NY")


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    assert only("mapped", csv("plate,state,plate", "ABC1234,NY,XYZ99")).plate.text == "ABC1234"


def test_a_name_written_exactly_goes_before_one_nearly_so() -> None:
    layout = templated(FORMAT, columns={"plate": "tag-1"}, categories={})
    assert only(layout, csv("tag 1,tag-1", "XYZ99,ABC1234")).plate.text == "ABC1234"


def test_columns_that_are_missing_say_nothing() -> None:
    line = only("mapped", csv("plate", "ABC1234"))
    assert (line.state, line.raw_state, line.category, line.reason) == (None, "", Category.OTHER, "")
    assert line.effective is None and line.expires is None and line.action is None


def test_rows_with_fewer_or_more_cells_than_the_heading() -> None:
    short, long = lines("mapped", csv("plate,state,make", "ABC1234", "XYZ99,NY,FORD,more,still more"))
    assert (short.plate.text, short.state, long.make) == ("ABC1234", None, "FORD")


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks() -> None:
    content = csv("plate,reason,state", 'ABC1234,"blue, two doors\r\n""LIMO"" on the back",NY', "XYZ99,,NJ", "0,,")
    first, second = lines("mapped", content)
    assert first.reason == 'blue, two doors\r\n"LIMO" on the back'
    assert (first.state, second.plate.text) == ("NY", "XYZ99")
    assert left_out("mapped", content) == [(5, "junk plate")]  # the line of the file, not the number of the row


def test_a_quote_within_a_cell_is_a_character() -> None:
    assert [line.reason for line in lines("mapped", csv("plate,reason", 'AB12,5" crack', "CD34,x"))] == [
        '5" crack',
        "x",
    ]


def test_a_quote_that_never_closes_refuses_the_file_and_names_the_line() -> None:
    with pytest.raises(HotListFormatError, match="Line 3: a quote is not closed"):
        parsed("mapped", csv("plate,reason", "ABC1234,x", 'DEF567,"left open', "GHI89,y", "JKL12,z"))


def test_blank_rows_and_rows_of_nothing_but_delimiters_are_passed_over() -> None:
    content = csv("plate,state", "", "ABC1234,NY", " , ", ",", "", "0,NY", "")
    assert left_out("mapped", content) == [(7, "junk plate")]


@pytest.mark.parametrize(
    "plate",
    ["abc1234", "ABC 1234", "ABC-1234", "ABC\u20111234", "ABC\u20131234", "ABC\u00b71234", "\uff21BC1234", " ABC1234 "],
)  # fmt: skip
def test_a_plate_in_lower_case_full_width_or_with_dashes(plate: str) -> None:
    assert only("mapped", csv("plate,state", f"{plate},NY")).plate.text == "ABC1234"


@pytest.mark.parametrize("state", ["0H", "oh", "OH", "US-OH", "us_oh", " OH "])
def test_a_state_in_any_spelling(state: str) -> None:
    assert only("mapped", csv("plate,state", f"ABC1234,{state}")).state == "OH"


def test_the_same_plate_in_two_states_is_two_entries_and_twice_in_one_is_one() -> None:
    content = csv("plate,state,category", "ABC1234,NY,gang", "ABC1234,NJ,gang", "abc-1234,NY,GANG")
    assert [line.state for line in lines("mapped", content)] == ["NY", "NJ"]
    assert left_out("mapped", content) == [(4, "repeated")]


def test_an_entry_renewed_in_the_same_file_stays_until_the_later_end() -> None:
    content = csv("plate,expires", "ABC1234,2026-03-31", "ABC1234,2026-06-30", "ABC1234,2026-04-30")
    assert only("mapped", content).expires == day(2026, 7, 1)
    assert left_out("mapped", content) == [(2, "repeated"), (4, "repeated")]


def test_an_entry_for_two_times_apart_holds_for_both() -> None:
    rows = ["ABC1234,2026-06-01,2026-06-30", "ABC1234,2026-03-01,2026-03-31", "ABC1234,2026-03-02,2026-03-30"]
    content = csv("plate,effective,expires", *rows)
    assert [line.expires for line in lines("mapped", content)] == [day(2026, 7, 1), day(2026, 4, 1)]
    assert left_out("mapped", content) == [(4, "repeated")]


def test_an_entry_without_end_covers_one_with_an_end_after_its_beginning() -> None:
    content = csv("plate,effective,expires", "ABC1234,2026-03-01,2026-03-31", "ABC1234,,")
    assert only("mapped", content).expires is None


@pytest.mark.parametrize(
    ("word", "category"),
    [("Stolen Vehicle", Category.STOLEN_VEHICLE), ("stolen_plate", Category.STOLEN_PLATE),
     ("BOLO", Category.CRIME_JUST_OCCURRED), ("Amber Alert", Category.AMBER), ("warrant", Category.WANTED_PERSON),
     ("search_warrant", Category.SEARCH_WARRANT)],
)  # fmt: skip
def test_words_for_categories(word: str, category: Category) -> None:
    line = only("mapped", csv("plate,category", f"ABC1234,{word}"))
    assert (line.category, line.reason) == (category, "")


def test_a_word_that_is_none_of_ours_is_kept_as_the_reason() -> None:
    line = only("mapped", csv("plate,category,reason", "ABC1234,Overdue library book,red cover"))
    assert (line.category, line.reason) == (Category.OTHER, "Overdue library book: red cover")


@pytest.mark.parametrize(
    ("plate", "reason"),
    [("", "no plate"), ("?", "unreadable plate"), ("ABCDEFGHIJK", "unreadable plate"), ("NONE", "junk plate")],
)  # fmt: skip
def test_what_is_no_plate_is_left_out_with_its_line(plate: str, reason: str) -> None:
    good = [f"GOOD{number},x" for number in range(9)]
    assert left_out("mapped", csv("plate,reason", *good, f"{plate},x")) == [(11, reason)]


def test_a_template_names_columns_and_words() -> None:
    layout = templated(
        FORMAT, columns={"plate": "Tag #", "expires": "Good Until"}, categories={" 10-29V ": "stolen_vehicle"}
    )
    line = only(layout, csv("Tag #;Good Until;Category;State", "ABC1234;2026-12-31;10-29v;NY"))
    assert (line.plate.text, line.state, line.category) == ("ABC1234", "NY", Category.STOLEN_VEHICLE)
    assert line.expires == day(2027, 1, 1)


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
@pytest.mark.parametrize("format", ["mapped", "incremental"])
def test_a_day_ends_where_the_list_is_read(format: str, zone: str) -> None:
    line = only(format_of(format, {"times": {"zone": zone}}), csv("plate,expires,op", "ABC1234,2026-03-11,add"))
    assert line.expires == datetime(2026, 3, 12, 4 if zone != "UTC" else 0, tzinfo=UTC)
    line = only(format_of(format, {}), csv("plate,expires,op", "ABC1234,2026-03-11,add"))
    assert line.expires == day(2026, 3, 12)  # as a delivery was read that keeps no zone


def test_a_template_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'paint'"):
        templated(FORMAT, columns={"paint": "Paint"}, categories={})
    with pytest.raises(ValueError, match="overdue"):
        templated(FORMAT, columns={}, categories={"x": "overdue"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (csv("car,owner", "ABC1234,x"), "no column named plate or .* it has: car, owner"),
        (csv("plate,state"), "make no sense"),
        (csv("plate", "NONE", "0"), "make no sense"),
        (csv("plate", "ABC1234", "?", "XYZ99", "QRS12"), "1 of 4 lines make no sense .* line 3 .unreadable plate"),
        (csv("plate,expires", "ABC1234,soon", "XYZ99,never"), "'soon' is no date"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_list_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(HotListFormatError, match=says):
        parsed("mapped", content)
