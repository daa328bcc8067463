"""Rekor's list: `Plate Number,Description,State/Province`."""

from __future__ import annotations

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from tests.core.hotlists.making import csv, left_out, lines, only, parsed, text

HEADING = "Plate Number,Description,State/Province"


@pytest.mark.parametrize(
    "heading",
    [HEADING, HEADING.lower(), HEADING.upper(), "plate_number,description,state", "PlateNumber,Description,Region",
     f"\ufeff{HEADING}", " Plate Number , Description , State / Province "],
)  # fmt: skip
def test_the_heading_as_it_is_and_nearly_so(heading: str) -> None:
    line = only("rekor", csv(heading, "ABC1234,Stolen vehicle,NY"))
    assert (line.plate.text, line.state, line.category) == ("ABC1234", "NY", Category.STOLEN_VEHICLE)


def test_a_description_that_is_no_category_is_the_reason() -> None:
    line = only("rekor", csv(HEADING, '"ABC1234","owes 300 dollars, armed",NY'))
    assert (line.category, line.reason) == (Category.OTHER, "owes 300 dollars, armed")


@pytest.mark.parametrize("state", ["NY", "ny", "us-ny", "US_NY"])
def test_states_as_the_makers_reads_write_them(state: str) -> None:
    assert only("rekor", csv(HEADING, f"ABC1234,x,{state}")).state == "NY"


@pytest.mark.parametrize("row", ["ABC1234,x", "ABC1234", "ABC1234,,"])
def test_a_row_without_its_last_columns(row: str) -> None:
    line = only("rekor", csv(HEADING, row))
    assert (line.plate.text, line.state, line.category) == ("ABC1234", None, Category.OTHER)


def test_ends_of_lines_and_blank_rows() -> None:
    content = text(HEADING, "ABC1234,x,NY", "", "XYZ99,y,ON", ",,", "0,z,NY")
    assert [line.state for line in lines("rekor", content)] == ["NY", "ON"]
    assert left_out("rekor", content) == [(6, "junk plate")]


def test_a_file_without_its_heading_is_refused() -> None:
    with pytest.raises(HotListFormatError, match="no column named Plate Number"):
        parsed("rekor", csv("ABC1234,x,NY", "XYZ99,y,ON"))
