"""Copies made to be read: facts, history, tables."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.exhibits import exhibit, query_row, read_row
from platekeeper.core.tables import csv_of


def _step(minute: int, kind: str, by: str, *, own_word: bool = False) -> dict[str, Any]:
    at = f"2026-03-01T10:{minute:02}:00+00:00"
    return {"at": at, "kind": kind, "by": by, "outcome": "", "remark": "", "self_attested": own_word}


HIT: dict[str, Any] = {
    "plate": "ABC1234", "lpr": "Bridge Street", "entry": {"plate": "ABC1234", "reason": "left the scene"},
    "read": {"state": "NY", "confidence": "0.93", "id": "ab", "digest": "cd"},
    "seen_at": "2026-03-01T10:00:00+00:00", "raised_at": "2026-03-01T10:00:01+00:00", "category": "crime_suspect",
    "how": "plate", "state_agreement": "agrees", "list_stale": True, "policy": [3, "x"],
    "steps": [_step(3, "confirmed", "Dora", own_word=True), _step(1, "image_verified", "Olive")],
    "departures": [
        {"at": "2026-03-01T10:02:00+00:00", "clause": "VII.e.2", "reason": "not confirmed", "member": "Olive", "review": ""}
    ],
}  # fmt: skip


def test_a_hit_tells_its_story_in_order() -> None:
    found = exhibit(1, "hit", "ABC1234", HIT, sha256="ff", picture="p.jpg")
    assert dict(found.facts)["Wanted as"] == "crime suspect"
    assert dict(found.facts)["Entered because"] == "left the scene"
    assert "Latitude" not in dict(found.facts)
    assert [words for _, words in found.history] == [
        "image verified, Olive",
        "departure from VII.e.2, Olive: not confirmed Not reviewed yet.",
        "confirmed, Dora (the member's own word)",
    ]


def test_rows_of_tables_have_every_column() -> None:
    assert read_row("preserved/001-hit.json", HIT)["raw"] == ""
    query = query_row("preserved/002-query.json", {"terms": {"plate": "A*"}, "by": "Dee"})
    assert (query["plate"], query["by"], query["offense"]) == ("A*", "Dee", "")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-73.97", "-73.97"),
        ("-SUM(A1)", "'-SUM(A1)"),
        (None, ""),
        (7, "7"),
        ("+1", "+1"),
    ],
)
def test_no_cell_is_a_formula(value: Any, cell: str) -> None:
    assert csv_of(("a",), [{"a": value}]).decode().splitlines() == ["a", cell or '""']


@given(st.lists(st.text(), min_size=1))
def test_a_table_reads_back(values: list[str]) -> None:
    read = list(
        csv.reader(io.StringIO(csv_of(("a", "b"), [{"a": each, "b": "x"} for each in values]).decode(), newline=""))
    )
    assert len(read) == len(values) + 1
    assert all(got in {each, f"'{each}"} for (got, _), each in zip(read[1:], values, strict=True))
