"""What a case preserves, made to be read: each copy as an exhibit with its facts and its history, and the reads as a table.

Everything here is derived from the copies as they are, plain data as canonical JSON has it; the copies are the evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Copy = Mapping[str, Any]
Fact = tuple[str, str]

READ_COLUMNS = (
    "copy", "plate", "state", "raw", "seen_at", "lpr", "confidence", "state_confidence", "latitude", "longitude",
    "direction", "read", "digest",
)  # fmt: skip
QUERY_COLUMNS = (
    "copy", "query", "by", "agency", "requestor", "requestor_agency", "recipients", "begun_at", "plate", "since", "until",
    "purpose", "offense", "case_number", "case_now", "justification", "state", "found",
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
    """Return a copy as an exhibit. `kind` is "hit", "read", "query", "tour" or "search"."""
    facts, history = _SHAPES[kind](content)
    shown = tuple((label, _words(value)) for label, value in facts if value not in {"", None})
    told = tuple((_words(moment), words) for moment, words in sorted(history, key=_when))
    return Exhibit(number, kind, title, shown, told, sha256, picture)


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
    now = [row["case_number"], *(each["number"] for each in copy.get("corrections", ()))][-1]
    return row | {name: copy["terms"].get(name, "") for name in ("plate", "since", "until")} | {"case_now": now}


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
    return facts, history


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
        ("Who else gets the result", copy.get("recipients")),
        ("Plate", terms.get("plate")), ("From (UTC)", terms.get("since")), ("Until (UTC)", terms.get("until")),
        ("Purpose", copy["purpose"]), ("Offense", copy["offense"]), ("Case or call", copy["case_number"]),
        ("Why", copy["justification"]), ("Why it could not wait", copy.get("exigent")),
        ("State", copy["state"]), ("Reads shown", copy["found"]),
        ("Policy version", copy["policy"][0]), ("Asked", " ".join(copy.get("asked", ()))),
        *((f"Found: {row['plate']}", row["words"]) for row in copy.get("result", ())),
    ], [(copy["begun_at"], "begun"), *([(copy["ended_at"], "ended")] if copy["ended_at"] else []), *(
        (each["at"], f"case number corrected to {each['number']} by {each['by']}: {each['why']}")
        for each in copy.get("corrections", ())
    )]  # fmt: skip


def _of_tour(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    history = [(copy["begun_at"], "tour begun"), (copy["ended_at"], f"tour ended by {copy['ended_by']}")]
    history += [
        (hit["seen_at"], f"hit {hit['hit']}: {hit['plate']}, {_words(hit['category'])}") for hit in copy["hits"]
    ]
    log = copy.get("log")
    if log:
        history += [
            (log["forwarded_at"], f"user log forwarded by {log['forwarded_by']}{_said(log['remark'])}"),
            (log["accepted_at"], f"user log accepted by {log['accepted_by']}"),
        ]
    return [
        ("Member", copy["member"]), ("LPR", copy["lpr"]), ("Purpose", copy["purpose"]),
        ("Hot list of (UTC)", copy["hot_list"]["delivered_at"] if copy["hot_list"] else "the unit's own"),
        ("Policy version", copy["policy"][0]), *(_checks(copy["tour"], json.loads(log["forwarded"])) if log else ()),
    ], history  # fmt: skip


def _checks(number: int, forwarded: Copy) -> list[tuple[str, Any]]:
    """Return what the member answered at the beginning and the end of one of a log's tours, and its reads."""
    tour = next(each for each in forwarded["tours"] if each["tour"] == number)
    said = [
        (
            f"{_words(check['question']).capitalize()} ({check['clause']})",
            f"{_words(check['answer'])}{_said(check['words'])}",
        )
        for check in tour["checks"]
    ]
    return [("Reads", tour["reads"]), *said, ("Cases with an arrest", ", ".join(forwarded["arrests"]))]


def _said(words: str) -> str:
    return f": {words}" if words else ""


def _of_search(copy: Copy) -> tuple[list[tuple[str, Any]], list[Fact]]:
    history = [(copy["asked_at"], f"asked by {copy['name']}, entered by {copy['entered_by']}")]
    return [
        ("Who asks", f"{copy['name']}, {copy['agency']}"), ("Mutual aid", "yes" if copy["mutual_aid"] else ""),
        ("Plate", copy["plate"]), ("Sought", copy["description"]), ("From (UTC)", copy["since"]),
        ("Until (UTC)", copy["until"]), ("Purpose", copy["purpose"]), ("Offense", copy["offense"]),
        ("Case or call", copy["case_number"]), ("Why", copy["justification"]), ("Policy version", copy["policy"][0]),
    ], history + [(step["at"], _search_step(step)) for step in copy["steps"]]  # fmt: skip


def _search_step(step: Copy) -> str:
    query = f"query {step['query']}" if step["query"] else ""
    to = "to " + "; ".join(", ".join(filter(None, each)) for each in step["recipients"]) if step["recipients"] else ""
    return ", ".join(filter(None, [step["kind"], step["clause"], query, step["by"], step["words"], to]))


_SHAPES = {"hit": _of_hit, "read": _of_read, "query": _of_query, "tour": _of_tour, "search": _of_search}


def _words(value: Any) -> str:
    """Say a value as people read it: a moment to the second, an enumeration in words."""
    text = str(value)
    if _MOMENT.match(text):
        return text[:19].replace("T", " ")
    return text.replace("_", " ") if text.islower() else text


def _when(event: Fact) -> str:
    return event[0]


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
