"""What leaves as a file: the same rows in every format, formulas defused, queries and answers as Nlets writes them."""

from __future__ import annotations

import base64
import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats import nlets
from platekeeper.core.formats.outgoing import COLUMNS, Form, Row, write
from platekeeper.core.rules.minimizing import UNBOUND, Seen, leaves, may_leave_whole
from platekeeper.core.rules.sharing import Terms

AT = datetime(2026, 6, 12, 14, 3, 9, 250_000, tzinfo=UTC)
ROW = Row(
    id="ab" * 16, captured_at=AT, lpr="Bridge St. east", latitude=43.0481, longitude=-76.1474, plate="ABC1234", state="NY",
    confidence=0.93, hit="stolen_vehicle",
)  # fmt: skip
FORMULA = Row(
    id="cd" * 16, captured_at=AT, lpr="=cmd|' /C calc'!A0", latitude=None, longitude=None, plate="@SUM(A1)", state="",
    confidence=None, image=b"\xff\xd8\xff",
)  # fmt: skip


def _written(form: Form, *rows: Row) -> bytes:
    out = io.BytesIO()
    assert write(rows, form, out) == len(rows)
    return out.getvalue()


def test_csv_defuses_formulas_and_has_no_images() -> None:
    rows = list(csv.DictReader(io.StringIO(_written(Form.CSV, ROW, FORMULA).decode())))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["plate"], rows[0]["longitude"], rows[0]["captured_at"]) == ("ABC1234", "-76.1474", AT.isoformat())
    assert rows[1]["lpr"].startswith("'=")
    assert rows[1]["plate"].startswith("'@")


def test_json_lines_and_parquet_have_the_same_rows_with_images() -> None:
    told = [json.loads(line) for line in _written(Form.JSONL, ROW, FORMULA).splitlines()]
    assert "image" not in told[0]
    assert base64.b64decode(told[1]["image"]) == FORMULA.image
    table = pq.read_table(io.BytesIO(_written(Form.PARQUET, ROW, FORMULA))).to_pylist()
    assert [row["image"] for row in table] == [None, FORMULA.image]
    for flat, typed in zip(told, table, strict=True):
        assert {name: flat[name] for name in COLUMNS if name != "captured_at"} == {
            name: typed[name] for name in COLUMNS if name != "captured_at"
        }
        assert datetime.fromisoformat(flat["captured_at"]) == typed["captured_at"] == AT


@pytest.mark.parametrize("form", Form)
def test_nothing_is_a_file_too(form: Form) -> None:
    assert isinstance(_written(form), bytes)


SEEN = Seen(latitude=43.0481, longitude=-76.1474, is_hit=False, missed=False)
HIT, MISSED = Seen(43.0481, -76.1474, True, False), Seen(43.0481, -76.1474, True, True)
NOWHERE, AWAY = Seen(None, None, True, False), Seen(40.7, -74.0, True, False)


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        (UNBOUND, [SEEN, HIT, MISSED, NOWHERE, AWAY]),
        (Terms(only_hits=False), [SEEN, HIT, NOWHERE, AWAY]),
        (Terms(), [HIT, NOWHERE, AWAY]),
        (Terms(misses=True), [HIT, MISSED, NOWHERE, AWAY]),
        (Terms(area="circle 43.0481,-76.1474 800"), [HIT]),
        (Terms(only_hits=False, area="polygon 43,-76.2 43.1,-76.2 43.1,-76.1 43,-76.1"), [SEEN, HIT]),
    ],
)
def test_terms_leave_as_little_as_they_say(terms: Terms, left: list[Seen]) -> None:
    assert [each for each in (SEEN, HIT, MISSED, NOWHERE, AWAY) if leaves(each, terms, terms.place)] == left


def test_what_cannot_be_cut_leaves_under_terms_that_cut_nothing() -> None:
    whole = Terms(images=True, only_hits=False, misses=True)
    assert may_leave_whole(whole, images=True)
    assert may_leave_whole(Terms(only_hits=False, misses=True), images=False)
    for less in (
        Terms(only_hits=False, misses=True),
        Terms(images=True, only_hits=False),
        Terms(images=True, misses=True),
    ):
        assert not may_leave_whole(less, images=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LPQ.AZNLETS20.NL.TXT\nLIC/ABC123", {"ori": "AZNLETS20", "destination": "NL", "plate": "ABC123"}),
        (
            "lpq.ny0000001.ny0000000.txt lic/abc123.loc/ny.beg/20260601.end/20260602.lmi/true.max/25.imq/true.",
            {
                "state": "NY", "since": datetime(2026, 6, 1, tzinfo=UTC), "until": datetime(2026, 6, 3, tzinfo=UTC),
                "look_alikes": True, "most": 25, "images": True,
            },
        ),
        ("LPQ.AZNLETS20.AL.TXT\nEID/1234567890.DAT/20120612", {"event": "1234567890", "plate": "",
         "since": datetime(2012, 6, 12, tzinfo=UTC)}),
    ],
)  # fmt: skip
def test_a_query_is_read_as_nlets_publishes_it(text: str, expected: dict[str, Any]) -> None:
    asked = nlets.parse(text)
    assert {name: getattr(asked, name) for name in expected} == expected
    if not asked.event:
        assert nlets.parse(nlets.query(asked)) == asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with LPQ"),
        ("RQ.AZNLETS20.NL.TXT\nLIC/ABC123", "begins with LPQ"),
        ("LPQ.AZNLETS20.NL.TXT\nLIC/ABC123.LIC/X", "twice"),
        ("LPQ.AZNLETS20.NL.TXT\nVIN/1", "no element"),
        ("LPQ.AZNLETS20.NL.TXT\nLOC/NY", "Give LIC/"),
        ("LPQ.AZNLETS20.NL.TXT\nLIC/ABC123.BEG/2026", "BEG/ is a day"),
        ("LPQ.AZNLETS20.NL.TXT\nLIC/ABC123.BEG/20260602.END/20260601", "later"),
        ("LPQ.AZNLETS20.NL.TXT\nLIC/ABC123.MAX/-1", "MAX/"),
        ("LPQ.AZNLETS20.NL.TXT\nLIC/A B", "LIC/ has"),
        ("LPQ." + "A" * 2_000, "characters at most"),
    ],
)
def test_what_is_no_query_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(nlets.NletsError, match=said):
        nlets.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    for each in (text, f"LPQ.AZNLETS20.NL.TXT\n{text}"):
        with suppress(nlets.NletsError):
            nlets.parse(each)


def test_an_answer_has_a_line_a_read_and_no_element_that_a_name_could_end() -> None:
    text = "".join(nlets.answer([ROW], ori="NY0000000", to="NY0000001"))
    assert text == (
        "LPR.NY0000000.NY0000001.TXT\n"
        f"EID/{ROW.id}.LIC/ABC1234.LOC/NY.DAT/20260612@140309.LPR/BRIDGE ST EAST.GEO/43,04810 -76,14740.HIT/STOLEN_VEHICLE\n"
    )
    assert "".join(nlets.answer([], ori="NY0000000", to="NY0000001")).endswith("\nNOT ON FILE\n")
