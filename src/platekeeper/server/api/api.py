"""The typed HTTP API."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema, Status

from platekeeper.core.formats.cameras import platekeeper as own_format
from platekeeper.core.transfer import LARGEST, TransferError
from platekeeper.server.api.keys import calling_lpr
from platekeeper.server.api.receive import receive
from platekeeper.server.procedures.signed_entries import hand_in


class _Api(NinjaAPI):
    def get_root_path(self, path_params: Any) -> str:
        """Return where `urls` puts the API: without a namespace, so ninja cannot find it out by itself."""
        return "/api/"


api = _Api(title="Platekeeper", version="1", docs_url=None)


class ReceiptOut(Schema):
    """What became of the reads sent; everything counted here is on disk."""

    stored: int
    repeated: int
    dead_letters: int
    past_ceiling: int
    ids: list[str]


class Problem(Schema):
    """Why nothing was done, and the clause where the policy is the reason."""

    error: str
    clause: str = ""


_BODY = {
    "requestBody": {
        "required": True,
        "description": "One read, a list of reads, or an object with `reads`. See docs/reads.md.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@api.post("/reads", response={200: ReceiptOut, 401: Problem, 409: Problem, 503: Problem}, openapi_extra=_BODY)
def reads(request: HttpRequest) -> HttpResponse | Status[dict[str, Any]]:
    """Receive one or many reads from the LPR whose key is in the Authorization header (V.b)."""
    lpr = calling_lpr(request)
    if lpr is None:
        return Status(401, {"error": "Send the LPR's own key as `Authorization: Bearer <key>`."})
    status, body = receive(lpr, format="platekeeper", parsed=own_format.parse(request.body))
    # Encoded here: a thousand ids take ninja longer than storing the reads.
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")


class HandedInOut(Schema):
    """What became of each line of signed entries, in their order."""

    lines: list[dict[str, str]]


@api.post("/entries", response={200: HandedInOut, 401: Problem, 413: Problem})
def entries(request: HttpRequest) -> HttpResponse | Status[dict[str, Any]]:
    """Take entries that members signed where there was no network, from the unit they were made on (VII.f-g)."""
    if calling_lpr(request) is None:
        return Status(401, {"error": "Send the LPR's own key as `Authorization: Bearer <key>`."})
    try:
        handed_in = hand_in(None, request.read(LARGEST + 1), at=timezone.now(), via="unit")
    except TransferError as error:
        return Status(413, {"error": str(error)})
    lines = [{"uid": each.line.uid, "state": each.line.state, "reason": each.line.reason} for each in handed_in]
    return HttpResponse(msgspec.json.encode({"lines": lines}), content_type="application/json")
