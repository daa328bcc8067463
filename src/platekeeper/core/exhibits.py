"""What a case preserves, made to be read: each copy as an exhibit with its facts and its history, and the reads as a table.

Everything here is derived from the copies as they are, plain data as canonical JSON has it; the copies are the evidence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Copy = Mapping[str, Any]
Fact = tuple[str, str]

READ_COLUMNS = (
    "copy", "plate", "state", "raw", "seen_at", "lpr", "confidence", "state_confidence", "latitude", "longitude",
    "direction", "read", "digest",
)  # fmt: skip
QUERY_COLUMNS = (
    "copy", "query", "by", "agency", "requestor", "requestor_agency", "begun_at", "plate", "since", "until", "purpose",
    "offence", "case_number", "justification", "state", "found",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One copy to be read. `facts` are (label, value); `history` is (moment, what happened); `picture` names its file."""

    number: int
    kind: str
    title: str
    facts: tuple[Fact, ...]
    history: tuple[Fact, ...]
    sha256: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitList:
    """A readable report of a case: the header's facts, every exhibit, and what stands at the foot of every page."""

    title: str
    department: str
    facts: tuple[Fact, ...]
    exhibits: tuple[Exhibit, ...]
    notes: tuple[str, ...]
    footer: str
    watermark: str = ""


def exhibit(number: int, kind: str, title: str, content: Copy, *, sha256: str, picture: str = "") -> Exhibit:
    """Return a copy as an exhibit. `kind` is "hit", "read", "query" or "tour"."""
    facts, history = _SHAPES[kind](content)
    shown = tuple((label, _words(value)) for label, value in facts if value not in {"", None})
    return Exhibit(number, kind, title, shown, tuple(history), sha256, picture)


def read_row(path: str, copy: Copy) -> dict[str, Any]:
    """Return the row of a copy that is a hit or a read, by `READ_COLUMNS`."""
    read = copy["read"]
    row = {name: read.get(name, "") for name in READ_COLUMNS}
    return row | {
        "copy": path, "plate": copy["plate"], "seen_at": copy["seen_at"], "lpr": copy["lpr"], "read": read.get("id", ""),
    }  # fmt: skip


def query_row(path: str, copy: Copy) -> dict[str, Any]:
    """Return the row of a copy that is a Query Log entry, by `QUERY_COLUMNS`."""
    row = {name: copy.get(name, "") for name in QUERY_COLUMNS} | {"copy": path}
    return row | {name: copy["terms"].get(name, "") for name in ("plate", "since", "until")}


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8). What a spreadsheet would run as a formula is set off by an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _of_hit(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    entry = copy["entry"]
    facts: list[tuple[str, Any]] = [
        ("Plate as read", copy["plate"]), ("State as read", copy["read"].get("state")), ("LPR", copy["lpr"]),
        ("Seen (UTC)", copy["seen_at"]), ("Confidence", copy["read"].get("confidence")), ("Wanted plate", entry.get("plate")),
        ("Wanted state", entry.get("state")), ("Wanted as", copy["category"]),
        ("Entered because", entry.get("reason") or entry.get("code")),
        ("Source of the entry", entry.get("list") or entry.get("source")), ("Matched by", copy["how"]),
        ("State", copy["state_agreement"]), ("Hot list out of date", "yes" if copy["list_stale"] else ""),
        ("Raised (UTC)", copy["raised_at"]), ("Policy version", copy["policy"][0]),
    ]  # fmt: skip
    history = [(step["at"], _step(step)) for step in copy["steps"]]
    history += [(each["at"], _departure(each)) for each in copy["departures"]]
    return facts, sorted(history)


def _step(step: Copy) -> str:
    said = [_words(step["kind"]), _words(step["outcome"]), step["by"], step["remark"]]
    return ", ".join(part for part in said if part) + (" (the member's own word)" if step["self_attested"] else "")


def _departure(each: Copy) -> str:
    reviewed = f" Reviewed: {each['review']}" if each["review"] else " Not reviewed yet."
    return f"departure from {each['clause']}, {each['member']}: {each['reason']}{reviewed}"


def _of_read(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    read = copy["read"]
    return [
        ("Plate as read", copy["plate"]), ("Text as sent", read.get("raw")), ("State as read", read.get("state")),
        ("LPR", copy["lpr"]), ("Seen (UTC)", copy["seen_at"]), ("Time from", read.get("clock")),
        ("Confidence", read.get("confidence")), ("Latitude", read.get("latitude")), ("Longitude", read.get("longitude")),
        ("Revision", copy["revision"]), ("Corrected later", "yes" if copy["corrected"] else ""),
        ("Found by query", copy["query"]),
    ], []  # fmt: skip


def _of_query(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    terms = copy["terms"]
    return [
        ("By", f"{copy['by']}, {copy['agency']}"),
        ("On behalf of", f"{copy['requestor']} {copy['requestor_agency']}".strip()),
        ("Plate", terms.get("plate")), ("From (UTC)", terms.get("since")), ("Until (UTC)", terms.get("until")),
        ("Purpose", copy["purpose"]), ("Offence", copy["offence"]), ("Case or call", copy["case_number"]),
        ("Why", copy["justification"]), ("State", copy["state"]), ("Reads shown", copy["found"]),
        ("Policy version", copy["policy"][0]), ("Asked", " ".join(copy.get("asked", ()))),
        *((f"Found: {row['plate']}", row["words"]) for row in copy.get("result", ())),
    ], [(copy["begun_at"], "begun"), *([(copy["ended_at"], "ended")] if copy["ended_at"] else [])]  # fmt: skip


def _of_tour(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    history = [(copy["begun_at"], "tour begun"), (copy["ended_at"], f"tour ended by {copy['ended_by']}")]
    history += [
        (hit["seen_at"], f"hit {hit['hit']}: {hit['plate']}, {_words(hit['category'])}") for hit in copy["hits"]
    ]
    return [
        ("Member", copy["member"]), ("LPR", copy["lpr"]), ("Purpose", copy["purpose"]),
        ("Hot list of (UTC)", copy["hot_list"]["delivered_at"]), ("Policy version", copy["policy"][0]),
    ], sorted(history)  # fmt: skip


_SHAPES = {"hit": _of_hit, "read": _of_read, "query": _of_query, "tour": _of_tour}


def _words(value: Any) -> str:
    return str(value).replace("_", " ") if isinstance(value, str) and value.islower() else str(value)
