"""The UK's BOF2: what the file's name says, the sixteen columns, the weed date."""

from __future__ import annotations

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists.bof2 import FORMAT
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from tests.core.hotlists.making import bof2, day, left_out, lines, only, packed, parsed, text, times, zipped


def test_every_column() -> None:
    row = "AB12 CDE,FORD,FOCUS,BLUE,STOP,VI,Stolen,111,Approach with care,48-01,03/04/2027,26/0042P,R,C1,,"
    line = only("bof2", zipped(("pnc_stolen_add.dat", text(row))))
    assert (line.plate.text, line.make, line.model, line.color) == ("AB12CDE", "FORD", "FOCUS", "BLUE")
    assert (line.action, line.category, line.reason) == (HitAction.STOP, Category.STOLEN_VEHICLE, "Approach with care")
    assert (line.agency, line.reference, line.state) == ("48-01", "26/0042P", None)
    assert (line.effective, line.expires) == (None, day(2027, 4, 4))


@pytest.mark.parametrize(
    ("said", "action"),
    [("STOP", HitAction.STOP), ("stop", HitAction.STOP), ("SILENT", HitAction.SILENT),
     (" Silent ", HitAction.SILENT), ("", None)],
)  # fmt: skip
def test_stop_and_silent_say_what_a_hit_does(said: str, action: HitAction | None) -> None:
    assert only("bof2", text(bof2("AB12 CDE", action=said))).action is action


@pytest.mark.parametrize(
    ("written", "ends"),
    [("03/04/2027", day(2027, 4, 4)), ("13/04/2027", day(2027, 4, 14)), ("03/04/27", day(2027, 4, 4)), ("", None),
     ("2027-04-03", day(2027, 4, 4)), ("31/12/9999", day(9999, 12, 31))],
)  # fmt: skip
def test_the_weed_date_has_the_day_first_and_is_the_last_day(written: str, ends: object) -> None:
    found = only("bof2", text(bof2("AB12 CDE", expires=written))).expires
    assert found is None if ends is None else found is not None and found >= ends  # type: ignore[operator]
    if written and "9999" not in written:
        assert found == ends


def test_no_weed_date_and_the_last_day_there_is_are_no_end() -> None:
    for expires in ("", "31/12/9999"):
        assert times(parsed("bof2", text(bof2("AB12 CDE", expires=expires))).entries) == [(0, 2**32 - 1)]


@pytest.mark.parametrize(
    "name", ["pnc_stolen_del.dat", "PNC_STOLEN_DEL.DAT", "in/pnc_x_delete.dat", "a_b_c_remove.dat", "x_y_d.dat"]
)
def test_a_file_named_for_deletions_takes_off(name: str) -> None:
    found = parsed("bof2", zipped((name, text(bof2("AB12 CDE")))))
    assert (len(found.entries), [plate for plate, *_ in packed(found.removed)]) == (0, ["AB12CDE"])


@pytest.mark.parametrize(
    "name", ["pnc_stolen_add.dat", "pnc_stolen.dat", "PNC_STOLEN_ADD.DAT", "in/pnc_model_new.dat", "del.x_add.dat"]
)
def test_a_file_named_for_anything_else_adds(name: str) -> None:
    found = parsed("bof2", zipped((name, text(bof2("AB12 CDE")))))
    assert (len(found.entries), len(found.removed)) == (1, 0)


def test_several_files_of_one_zip_are_one_list() -> None:
    content = zipped(
        ("pnc_stolen_add.dat", text(bof2("AB12 CDE"), bof2("XY34 ZZZ"))),
        ("pnc_stolen_del.dat", text(bof2("GH56 JKL"), end="\n")),
        ("local_drugs_add.dat", text(bof2("MN78 PQR")).rstrip()),
        ("readme.txt", b"not a list"),
    )
    found = parsed("bof2", content)
    assert {plate for plate, *_ in packed(found.entries)} == {"AB12CDE", "XY34ZZZ", "MN78PQR"}
    assert [plate for plate, *_ in packed(found.removed)] == ["GH56JKL"]


def test_what_one_zip_deletes_and_adds_stays_added() -> None:
    for names in (("a_add.dat", "b_del.dat"), ("b_add.dat", "a_del.dat")):
        rows = FORMAT.rows(zipped((names[0], text(bof2("AB12 CDE"))), (names[1], text(bof2("AB12 CDE")))))
        assert rows.index(b"remove,") < rows.index(b"add,")


def test_a_heading_that_some_write_is_passed_over() -> None:
    heading = "VRM,Make,Model,Color,Action,Warning Markers,Reason,5x5x5,Information/Action,Force & Area,Weed Date,PNC ID,GPMS,CAD,Spare1,Spare2"  # noqa: E501 - as it is written
    content = zipped(("x_add.dat", text(heading, bof2("AB12 CDE"))))
    assert only("bof2", content).plate.text == "AB12CDE"
    assert left_out("bof2", content) == []


def test_quoted_cells_with_delimiters_and_line_breaks() -> None:
    content = zipped(("x_add.dat", text(bof2("AB12 CDE", said='"one, two\r\nthree ""x"""'), bof2("XY34 ZZZ"))))
    first, second = lines("bof2", content)
    assert (first.reason, second.plate.text) == ('one, two\r\nthree "x"', "XY34ZZZ")


def test_trailing_columns_may_be_missing_but_not_the_weed_date() -> None:
    whole = bof2("AB12 CDE").split(",")
    assert only("bof2", text(",".join(whole[:12]))).reference == "P1"
    good = [bof2(f"GH{number} JKL") for number in range(10, 19)]
    cut = text(*good, ",".join(whole[:10]))
    assert left_out("bof2", cut) == [(10, "not the 17 columns of the format")]


def test_a_row_with_more_columns_is_left_out() -> None:
    good = [bof2(f"GH{number} JKL") for number in range(10, 19)]
    assert left_out("bof2", text(*good, bof2("AB12 CDE") + ",x")) == [(10, "not the 17 columns of the format")]
    assert left_out("bof2", text(*good, bof2("AB12 CDE") + ", ")) == []


def test_a_zip_without_such_a_file_is_refused() -> None:
    with pytest.raises(HotListFormatError, match=r"no \.dat file"):
        parsed("bof2", zipped(("list.csv", text(bof2("AB12 CDE")))))


def test_a_broken_quote_in_a_member_is_refused() -> None:
    with pytest.raises(HotListFormatError, match="a quote is not closed"):
        parsed("bof2", zipped(("x_add.dat", text(bof2("AB12 CDE", said='"open'), bof2("XY34 ZZZ")))))
