"""Genetec's export: `;`, dates yyyy-mm-dd."""

from __future__ import annotations

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from tests.core.hotlists.making import csv, day, left_out, lines, only, parsed, times

HEADING = "Category;PlateState;PlateNumber;EffectiveDate;ExpiryDate"
ROW = "Stolen Vehicle;NY;ABC1234;2026-03-01;2027-03-01"


def test_every_column() -> None:
    line = only("genetec", csv(HEADING, ROW))
    assert (line.plate.text, line.state, line.category) == ("ABC1234", "NY", Category.STOLEN_VEHICLE)
    assert (line.effective, line.expires) == (day(2026, 3, 1), day(2027, 3, 2))  # through its last day


def test_dates_are_in_the_columns_that_matching_reads() -> None:
    entries = parsed("genetec", csv(HEADING, ROW)).entries
    assert times(entries) == [(day(2026, 3, 1).timestamp(), day(2027, 3, 2).timestamp())]


def test_the_delimiter_is_a_semicolon_so_commas_are_text() -> None:
    assert only("genetec", csv(HEADING, "Parking, unpaid;QC;F12 ABC;;")).reason == "Parking, unpaid"


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_an_export_set_to_another_delimiter(delimiter: str) -> None:
    usual = only("genetec", csv(HEADING, ROW))
    assert only("genetec", csv(HEADING.replace(";", delimiter), ROW.replace(";", delimiter))) == usual


@pytest.mark.parametrize(
    "heading", [HEADING.lower(), HEADING.upper(), HEADING.replace(";", " ; "), f"\ufeff{HEADING};"]
)
def test_headings_in_any_case_and_with_blanks(heading: str) -> None:
    assert only("genetec", csv(heading, ROW)) == only("genetec", csv(HEADING, ROW))


def test_columns_in_another_order_or_missing() -> None:
    line = only("genetec", csv("PlateNumber;Category", "ABC1234;Amber Alert"))
    assert (line.plate.text, line.category, line.state, line.expires) == ("ABC1234", Category.AMBER, None, None)


def test_without_dates_an_entry_holds_and_takes_no_room_for_them() -> None:
    entries = parsed("genetec", csv(HEADING, "Stolen;NY;ABC1234;;", "Stolen;NY;DEF1234")).entries
    assert (len(entries), len(entries.begins), len(entries.ends)) == (2, 0, 0)


def test_the_last_day_there_is_means_no_end() -> None:
    assert times(parsed("genetec", csv(HEADING, "x;NY;ABC1234;;9999-12-31")).entries) == [(0, 2**32 - 1)]


def test_a_date_that_is_none_costs_its_line_only() -> None:
    good = [f"x;NY;GOOD{number};;" for number in range(5)]
    content = csv(HEADING, *good, "x;NY;ABC1234;;2026-13-01")
    assert left_out("genetec", content) == [(7, "'2026-13-01' is no date")]
    assert len(lines("genetec", content)) == 5


def test_a_file_without_the_column_of_plates_is_refused() -> None:
    with pytest.raises(HotListFormatError, match="no column named PlateNumber"):
        parsed("genetec", csv("Category;PlateState", "x;NY"))
