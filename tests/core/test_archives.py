"""Imports of stored reads: CSV, JSON lines and the Elsag tables."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.archives import parse_csv, parse_elsag, parse_elsag_images, parse_json_lines
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError, UnparsedRead
from tests.core.cameras.making import AT, JPEG

HEADER = "plate,captured_at,state,confidence,event_id,latitude,longitude,direction\n"
ROW = "ABC1234,2026-03-03T19:05:07.250Z,us-ny,0.9,e-1,41.03,-73.76,north\n"
READ = ParsedRead(
    raw_plate="ABC1234", captured_at=AT, event_id="e-1", confidence=0.9, state="NY", direction="north",
    latitude=41.03, longitude=-73.76,
)  # fmt: skip
SHORT = "plate,captured_at\n"


def csv(text: str | bytes, **mapping: str) -> list[Any]:
    """Parse a whole file, its reads without their pictures."""
    content = text.encode() if isinstance(text, str) else text
    return [item if isinstance(item, UnparsedRead) else item[0] for item in parse_csv([content], mapping)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_any_delimiter_and_line_ending(delimiter: str, ending: str) -> None:
    assert csv((HEADER + ROW).replace(",", delimiter).replace("\n", ending)) == [READ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode("utf-8-sig"), (HEADER + ROW).encode("utf-16"), (HEADER + ROW).encode("utf-16-be"),
        ("\n\n" + HEADER + "\n" + ROW + ",,,,,,,,,\n").encode(), (HEADER.upper() + ROW).encode(),
        (HEADER + ROW.rstrip()).encode(),
    ],
)  # fmt: skip
def test_csv_in_pieces_with_marks_blank_rows_and_case(content: bytes, size: int) -> None:
    content = b"\xfe\xff" + content if content.startswith(b"\x00") else content
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert list(parse_csv(pieces, {})) == [(READ, None)]


def test_csv_in_latin_1_costs_no_row() -> None:
    assert csv((SHORT + "ÄBC,2026-03-03T19:05:07Z\n").encode("latin-1"))[0].raw_plate == "ÄBC"


def test_csv_columns_are_mapped_and_a_mapped_column_must_be_there() -> None:
    assert csv("Tag,When\nABC1234,2026-03-03T19:05:07.250Z\n", plate="tag", captured_at="When")[0].captured_at == AT
    with pytest.raises(ReadFormatError, match="row 1: plate: no column named Tag"):
        csv(HEADER + ROW, plate="Tag")
    with pytest.raises(ReadFormatError, match="color: not one of plate"):
        csv(HEADER + ROW, color="Color")


@pytest.mark.parametrize("content", ["", "\n", "plate\nABC\n", "nothing", '"', "a,b\n1,2\n"])
def test_csv_without_the_columns_it_needs_is_refused(content: str) -> None:
    with pytest.raises(ReadFormatError, match="no column named"):
        csv(content)


def test_csv_bad_row_is_numbered_and_costs_only_itself() -> None:
    told = csv(
        SHORT + "A1,2026-03-03T19:05:07Z\nB2,soon\n,2026-03-03T19:05:07Z\nC3,2026-03-03T19:05:07Z,more\nD4,2026-03-03\n"
    )
    assert [type(item).__name__ for item in told] == ["ParsedRead", *["UnparsedRead"] * 3, "ParsedRead"]
    assert [item.reason.partition(":")[0] for item in told[1:4]] == ["row 3", "row 4", "row 5"]
    assert told[1].payload == b"B2,soon\n"


def test_csv_quote_that_never_closes_swallows_no_row_behind_it() -> None:
    rows = "".join(f"A{number},2026-03-03T19:05:07Z\n" for number in range(200))
    told = csv(SHORT + '"B2,2026-03-03T19:05:07Z\n' + rows)
    assert isinstance(told[0], UnparsedRead) and told[0].reason.startswith("row 2")
    assert [read.raw_plate for read in told[1:]] == [f"A{number}" for number in range(200)]


def test_csv_row_with_line_breaks_is_one_row_and_those_behind_keep_their_numbers() -> None:
    told = csv('plate,captured_at,note\nA1,2026-03-03T19:05:07Z,"one\ntwo ""2""\nthree"\nB2,soon,\n')
    assert told[0].raw_plate == "A1"
    assert told[1].reason.startswith("row 5")


def test_csv_null_is_nothing_except_as_a_plate() -> None:
    read = csv(HEADER + "NULL,2026-03-03T19:05:07Z,NULL,NULL,NULL,null,NULL,NULL\n")[0]
    assert (read.raw_plate, read.event_id, read.confidence, read.latitude, read.direction) == (
        "NULL",
        None,
        None,
        None,
        "",
    )


def test_csv_of_plate_recognizer() -> None:
    row = (
        "2021-10-27 06:20:43.970337+00:00,sjubi1,0.781,0.441,/a.jpg,\"{'xmin': 8, 'ymin': 80}\",\"[{'make': 'V'}]\",,,"
    )
    row += "\"{'code': 'us-ny', 'score': 0}\",225"
    (read,) = csv("timestamp,plate,score,dscore,file,box,model_make,color,vehicle,region,direction\n" + row)
    assert (read.raw_plate, read.state, read.confidence, read.direction) == ("sjubi1", "NY", 0.781, "225")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-03 19:05:07", datetime(2026, 3, 3, 19, 5, 7)), ("1772564707250", AT), ("1772564707.25", AT),
        ("20260303190507", datetime(2026, 3, 3, 19, 5, 7)), ("2026/3/3 19:05", datetime(2026, 3, 3, 19, 5)),
    ],
)  # fmt: skip
def test_csv_times_as_people_export_them(written: str, at: datetime) -> None:
    assert csv(SHORT + f"A1,{written}\n")[0].captured_at == at


def test_a_file_that_is_not_rows_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(ReadFormatError, match="a line is longer"):
        list(parse_csv((bytes(1024 * 1024) for _ in range(100)), {}))


def test_json_lines_are_reads_of_our_own_shape() -> None:
    good = json.dumps({"plate": "ABC1234", "captured_at": "2026-03-03T19:05:07.250Z"})
    told = list(parse_json_lines([f"\ufeff{good}\r\n\n{{half\n[{good},{good}]".encode()]))
    assert [item[0].captured_at for item in told if not isinstance(item, UnparsedRead)] == [AT, AT, AT]
    (bad,) = [item for item in told if isinstance(item, UnparsedRead)]
    assert (bad.reason.startswith("row 3: "), bad.payload) == (True, b"{half")


ELSAG_READS = (
    "read_id,plate,device_id,read_date,lat,lon\n"
    "7,ABC1234,3,2019-05-04 10:11:12.000,41.03,-73.76\n"
    "8,XYZ99,3,2019-05-04,NULL,NULL\n"
)
ELSAG_IMAGES = "image_id,read_id,plate_image_type\n70,7,2\n71,7,1\n72,7,1\n80,8,2\n90,,1\n"


def test_elsag_reads_are_known_by_their_id_so_an_import_can_be_repeated() -> None:
    (first, _), (second, _) = [
        item for item in parse_elsag([ELSAG_READS.encode()]) if not isinstance(item, UnparsedRead)
    ]
    assert (first.event_id, first.captured_at, first.latitude) == ("7", datetime(2019, 5, 4, 10, 11, 12), 41.03)
    assert (second.event_id, second.latitude) == ("8", None)


def test_elsag_overview_comes_before_the_crop() -> None:
    chosen, unparsed = parse_elsag_images([ELSAG_IMAGES.encode()])
    assert chosen == {"7": "71", "8": "80"}
    assert [item.reason for item in unparsed] == ["row 6: image_id and read_id are needed"]


def test_elsag_images_may_name_their_files() -> None:
    named = "image_id,read_id,plate_image_type,path\n70,7,1,2019\\a.jpg\n80,8,1,\n"
    assert parse_elsag_images([named.encode()])[0] == {"7": "2019\\a.jpg", "8": "80"}


def test_elsag_picture_rides_along_and_a_broken_one_costs_no_read() -> None:
    told = list(parse_elsag([ELSAG_READS.encode()], {"7": JPEG, "8": b"BM"}.get))
    assert [item[1] for item in told if not isinstance(item, UnparsedRead)] == [JPEG, None]
    (complaint,) = [item for item in told if isinstance(item, UnparsedRead)]
    assert complaint == UnparsedRead(reason="row 3: image: neither JPEG nor PNG; its read is stored", payload=b"BM")


@pytest.mark.parametrize("text", ["plate,read_date\nA,2019-05-04\n", "image_id\n1\n"])
def test_elsag_without_its_columns_is_refused(text: str) -> None:
    with pytest.raises(ReadFormatError, match="no column named read_id"):
        list(parse_elsag([text.encode()])) if text.startswith("plate") else parse_elsag_images([text.encode()])


@given(content=st.binary(max_size=300), text=st.text(st.sampled_from('A1,;"\n\r |\x85\u2028é'), max_size=120))
def test_no_bytes_raise(content: bytes, text: str) -> None:
    for item in parse_json_lines([content]):
        assert isinstance(item, tuple | UnparsedRead)
    for found in csv(SHORT.encode() + content + b"\n" + text.encode()):
        assert isinstance(found, ParsedRead | UnparsedRead)


@given(rows=st.lists(st.text(st.sampled_from("A1,| \x85\u2028é"), max_size=12), max_size=90))
def test_no_row_gets_lost(rows: list[str]) -> None:
    assert len(csv(SHORT + "".join(f"{row}\n" for row in rows))) == len([row for row in rows if any(row.split(","))])
