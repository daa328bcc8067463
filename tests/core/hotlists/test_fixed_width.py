"""Blocks of plain lines and lines one by one mean the same."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from platekeeper.core.formats.hotlists import fixed_width, ncic, new_york
from platekeeper.core.formats.hotlists.fixed_width import FixedWidth
from platekeeper.core.formats.hotlists.rows import HotListFormatError, HotListLine, SkippedLine, category_of, kind_of
from platekeeper.core.matching.packing import ALPHABET, state_code
from platekeeper.core.plates import JUNK, fold
from tests.core.hotlists.making import ny, packed, parsed

PLATES = (
    st.text(ALPHABET, min_size=1, max_size=10)
    | st.text("O0", max_size=10)
    | st.sampled_from(sorted(JUNK))
    | st.text("ABO01- .abo\u00e9\u2011\uff21/*\t", max_size=10)
)
STATES = st.sampled_from(
    ["NY", "0H", "OH", "ny", "  ", "QZ", "N ", " N", "-N", "_Y", "ON", "MX", "00", "\u00e9Y", "\ufb01", "N\t"]
)
FILLERS = st.text("AZ 09\u00e9/", max_size=8)


@st.composite
def line(draw: st.DrawFn, layout: FixedWidth) -> str:
    """Return a line that is plain more often than not."""
    width = 70
    row = [" "] * width
    if draw(st.integers(0, 3)) == 0:
        begin = draw(st.integers(0, width - 10))
        filler = draw(FILLERS)
        row[begin : begin + len(filler)] = filler
    row[slice(*layout.plate)] = f"{draw(PLATES):<10}"
    row[slice(*layout.state)] = f"{draw(STATES):<2}"[:2]
    row[layout.code] = draw(st.sampled_from([*layout.codes, "V", "V", "Q", "v", " ", "\u00d1"]))
    written = "".join(row)
    odd = draw(st.integers(0, 9))
    if odd == 0:
        written = written[: draw(st.integers(0, width))]
    elif odd == 1:
        written = written.rstrip()
    return written + draw(st.sampled_from(["", "", "", "\r", "\x1a", "\r\x1a"]))


@pytest.mark.parametrize("layout", [new_york.FORMAT, ncic.FORMAT], ids=lambda layout: layout.title)
@pytest.mark.parametrize("block", [3, 500_000])
@settings(max_examples=150, deadline=None, database=None)
@given(data=st.data())
def test_a_block_says_what_its_lines_say(layout: FixedWidth, block: int, data: st.DataObject) -> None:
    written = data.draw(st.lists(line(layout), min_size=1, max_size=12))
    rows = ("".join("header\n" for _ in range(layout.header_lines)) + "\n".join(written) + "\n").encode()
    told = [
        layout.line_of(number, row.rstrip("\r\x1a"))
        for number, row in enumerate(written, start=1 + layout.header_lines)
        if row.strip("\r\x1a ") and row.strip()
    ]
    assume(told)  # a file without a line is refused before
    entries: dict[tuple[str, int, int], HotListLine] = {}
    for each in told:
        if not isinstance(each, SkippedLine):
            entries.setdefault((fold(each.plate.text), state_code(each.state, each.raw_state), each.kind), each)
    skipped = [(each.number, each.reason) for each in told if isinstance(each, SkippedLine)]
    with (
        mock.patch.object(fixed_width, "_BLOCK", block),
        # Whether a file makes sense is demanded elsewhere; here every one does.
        mock.patch.object(fixed_width, "demand_sense"),
        mock.patch.object(FixedWidth, "_demand_whole"),
    ):
        found = layout.parse(rows)
    assert {each[:3] for each in packed(found.entries)} == set(entries)
    assert len(found.entries) == len(entries)
    assert [(each.number, each.reason) for each in found.skipped if each.reason != "repeated"] == skipped
    assert found.left_out.reasons["repeated"] == len(told) - len(skipped) - len(entries)
    for plate, state, kind, place in packed(found.entries):  # the first of those that say the same stays
        assert layout.line(lambda at, length: rows[at : at + length], place) == entries[plate, state, kind]


@pytest.mark.parametrize("block", [1, 2, 7])
def test_blocks_of_any_size_read_a_file_alike(block: int) -> None:
    content = "\n".join(["h", *(ny(f"AB{n % 9}", state="NY" if n % 2 else "0H", code="VX"[n % 2]) for n in range(40))])
    usual = parsed("new_york", content.encode())
    with mock.patch.object(fixed_width, "_BLOCK", block):
        found = parsed("new_york", content.encode())
    assert list(packed(found.entries)) == list(packed(usual.entries))
    assert found.left_out.reasons == usual.left_out.reasons


def test_only_the_first_lines_left_out_are_listed_and_all_are_counted() -> None:
    content = "\n".join(["h", *([ny("0")] * 30), *([ny("ABC1")] * 30)]).encode()
    with mock.patch("platekeeper.core.formats.hotlists.rows.MOST_SKIPPED", 10):
        found = parsed("new_york", content)
    assert len(found.skipped) == 10
    assert found.left_out.reasons == {"junk plate": 30, "repeated": 29}


def test_a_line_that_is_none_raises_a_value_error() -> None:
    rows = b"header\n" + ny("0").encode() + b"\n"
    for place in (0, 7, 9, len(rows)):
        with pytest.raises(ValueError):
            new_york.FORMAT.line(lambda at, length: rows[at : at + length], place)


def test_numbers_of_kinds_go_there_and_back() -> None:
    for layout in (new_york.FORMAT, ncic.FORMAT):
        assert all(layout.category(kind_of(code)) is category for code, category in layout.codes.items())
    assert all(category_of(kind_of(category)) is category for category in set(ncic.FORMAT.codes.values()))


def test_a_file_of_one_endless_line_is_refused() -> None:
    with pytest.raises(HotListFormatError):
        parsed("ncic", b"x" * 100_000)
