"""What a unit in the field asks of its department: whom it belongs to, and today's hot lists (V.a, VII.d)."""

from __future__ import annotations

import base64
import zlib
from typing import Annotated, Any, Literal

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Schema, Status
from pydantic import AwareDatetime, Field

from platekeeper.core.transfer import fingerprint
from platekeeper.server.api.api import LPR_KEY, PROBLEMS, TOO_MANY, Problem, api, caller_of, unit_of, within
from platekeeper.server.api.patience import ACTS, ASKS
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.issue_hot_list import NoSuchRows, issue_hot_list, rows_in_force, rows_since
from platekeeper.server.procedures.record_unit_acts import UnitAct, record_unit_acts
from platekeeper.server.storage.field_keys import field_keys

PIECE = 4 << 20
"""Bytes of rows in one answer: what breaks off is fetched again from there."""
_DIFFERENCE = 12
"""For how many questions one for what is different counts: both lists are gone through, which takes a second of a core."""
_Hexadecimal = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]
_GONE = {"error": "No hot list in force has these rows. Ask for the hot list again."}


class UnitOut(Schema):
    """Who the caller is, and the department's public keys, 32 bytes each in hexadecimal."""

    department: str
    unit: int
    name: str
    signs: str
    opens: str
    fingerprint: str


class KnownIn(Schema):
    """The SHA-256 of the contents that the unit has, empty for none, and the number of the issue they came with."""

    known: _Hexadecimal = ""
    uid: _Hexadecimal = ""


class RowsIn(Schema):
    """Which rows, and from which byte on; or as what is different from other rows that the unit has."""

    sha256: str
    after: int = 0
    since: str = ""


class IssueOut(Schema):
    """The signed line and the contents, in base64; both empty while what the unit has is good."""

    line: str
    contents: str


@api.post("/unit", auth=LPR_KEY, response={200: UnitOut, **PROBLEMS, **TOO_MANY})
def unit(request: HttpRequest) -> dict[str, Any]:
    """Say whose unit the caller is, and with which keys its department signs and opens."""
    lpr = caller_of(request)
    within(ASKS, lpr)
    signs, opens = field_keys(settings.HOME.field_keys).public
    return {
        "department": in_force(at=timezone.now()).department, "unit": lpr.pk, "name": lpr.name,
        "signs": signs.hex(), "opens": opens.hex(), "fingerprint": fingerprint(signs),
    }  # fmt: skip


class ActIn(Schema):
    """An act of a member on the unit: of which kind, by whom as was typed, on which plate, and the reason or the step."""

    uid: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    at: AwareDatetime
    kind: Literal["look_up", "step"]
    member: Annotated[str, Field(min_length=1, max_length=240)]
    plate: Annotated[str, Field(max_length=64)]
    said: Annotated[str, Field(max_length=240)]


class ActsIn(Schema):
    """At most two hundred acts."""

    acts: Annotated[list[ActIn], Field(max_length=200)]


class TakenOut(Schema):
    """How many acts are in the ledger now, those included that were before."""

    taken: int


@api.post("/unit/acts", auth=LPR_KEY, response={200: TakenOut, **PROBLEMS, **TOO_MANY, 403: Problem})
def acts(request: HttpRequest, told: ActsIn) -> dict[str, Any]:
    """Take down what members did on the calling unit (VII.e, VII.g)."""
    lpr = unit_of(request)
    within(ACTS, lpr, cost=len(told.acts))
    record_unit_acts(lpr, [UnitAct(**act.dict()) for act in told.acts], at=timezone.now())
    return {"taken": len(told.acts)}


@api.post("/hot-list", auth=LPR_KEY, response={200: IssueOut, **PROBLEMS, **TOO_MANY, 403: Problem})
def hot_list(request: HttpRequest, asked: KnownIn) -> HttpResponse:
    """Issue today's hot lists to the calling unit (V.a)."""
    lpr = unit_of(request)
    within(ASKS, lpr)
    issue = issue_hot_list(lpr, known=asked.known, uid=asked.uid, at=timezone.now())
    said = {"line": issue.line, "contents": issue.contents} if issue else {"line": b"", "contents": b""}
    told = {name: base64.b64encode(content).decode() for name, content in said.items()}
    return HttpResponse(msgspec.json.encode(told), content_type="application/json")


@api.post("/hot-list/rows", auth=LPR_KEY, response={200: None, **PROBLEMS, **TOO_MANY, 403: Problem, 404: Problem})
def rows(request: HttpRequest, asked: RowsIn) -> HttpResponse | Status[dict[str, Any]]:
    """Send rows of a list that was issued: zlib of a piece of them, or of what is different from older ones."""
    lpr = unit_of(request)
    within(ASKS, lpr, cost=_DIFFERENCE if asked.since else 1)
    try:
        if asked.since:
            content = rows_since(lpr, sha256=asked.sha256, known=asked.since)
        else:
            content = zlib.compress(rows_in_force(asked.sha256, after=max(asked.after, 0), most=PIECE))
    except NoSuchRows:
        return Status(404, _GONE)
    return HttpResponse(content, content_type="application/octet-stream")
