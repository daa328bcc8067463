"""The New York file: every list code, junk, and files that are not whole."""

from __future__ import annotations

import io
import zipfile

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlist import HotListFormatError, diff
from platekeeper.core.formats.new_york import CODES, parse


def _line(plate: str, code: str = "V", state: str = "NY", colour: str = "YEL/BLK") -> str:
    return f"{plate:<10}{state:<2}PC {code}FORD{colour}"


def _file(*lines: str, end: str = "\r\n") -> bytes:
    return end.join(["HEADER", *lines, ""]).encode()


def _zip(*members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(members):
            archive.writestr(f"{number}.txt", content)
    return buffer.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_list_code(code: str, end: str) -> None:
    (line,) = parse(_file(_line("ABC1234", code, "0H"), end=end)).lines
    assert (line.category, line.state, line.make, line.colour, line.number) == (CODES[code], "OH", "FORD", "YEL/BLK", 2)


def test_registrations_are_loaded() -> None:
    assert {CODES["X"], CODES["Z"]} == {Category.REGISTRATION}


def test_lines_left_out_have_number_and_reason() -> None:
    good = [_line(f"GOOD{number}") for number in range(20)]
    parsed = parse(_file(*good, _line("0"), _line("GOOD1"), _line("ABC1", code="Q"), _line("AB/C")))
    assert [(line.number, line.reason) for line in parsed.skipped] == [
        (22, "junk plate"), (23, "repeated"), (24, "unknown list code 'Q'"), (25, "unreadable plate"),
    ]  # fmt: skip
    assert len(parsed.lines) == 20


def test_zipped_or_bare_is_the_same() -> None:
    bare = _file(_line("ABC1234"))
    assert parse(_zip(bare)) == parse(bare)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no plates"),
        (b"HEADER\n", "no plates"),
        (_file(_line("ABC1234"))[:-20], "breaks off"),
        (_zip(_file(_line("ABC1234")))[:-30], "broken"),
        (_zip(b"a", b"b"), "2 files"),
        (_file(_line("ABC1234")).decode().encode("utf-16"), "UTF-16"),
        (b"HEADER\nABC\xff1234  NYPC VFORDBLK\n", "Line 2"),
        (
            _file("a page of prose, which is no hot list at all", "and another line of it, just as long"),
            "make no sense",
        ),
    ],
)
def test_a_file_that_is_not_whole_or_not_this_format_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(HotListFormatError, match=says):
        parse(content)


def test_a_zip_bomb_is_refused_while_it_unpacks() -> None:
    with pytest.raises(HotListFormatError, match="unpacks to more"):
        parse(_zip(b"A" * 1_000_000), largest=10_000)


def test_what_changed() -> None:
    old, new = parse(_file(_line("AAA111"), _line("BBB222"))), parse(_file(_line("BBB222"), _line("CCC333")))
    changes = diff(old, new)
    assert ([line.plate.text for line in changes.added], [line.plate.text for line in changes.removed]) == (
        ["CCC333"],
        ["AAA111"],
    )
