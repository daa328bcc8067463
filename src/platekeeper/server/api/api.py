"""The typed HTTP API."""

from __future__ import annotations

import math
import time
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security.base import AuthBase

from platekeeper.core.formats.cameras import platekeeper as own_format
from platekeeper.core.formats.reads import FINAL
from platekeeper.core.transfer import LARGEST, TransferError, lines
from platekeeper.server.api.bodies import NoBody, body_of
from platekeeper.server.api.keys import calling_lpr
from platekeeper.server.api.patience import ENTRIES, Budget
from platekeeper.server.api.receive import receive
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import is_unit
from platekeeper.server.procedures.signed_entries import hand_in


class _Api(NinjaAPI):
    def get_root_path(self, path_params: Any) -> str:
        """Return where `urls` puts the API: without a namespace, so ninja cannot find it out by itself."""
        return "/api/"


api = _Api(title="Platekeeper", version="1", docs_url=None)


class LprKey(AuthBase):
    """The key of an LPR in the Authorization header, seen before anything of the request is read."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> LPR | None:
        """Return the LPR that is calling."""
        return calling_lpr(request)


LPR_KEY = LprKey()


class Problem(Schema):
    """Why nothing was done, and the clause and the blank where the policy is the reason."""

    error: str
    clause: str = ""
    blank: str = ""


PROBLEMS = {400: Problem, 401: Problem, 413: Problem, 422: Problem}
"""What any operation may answer instead: no sense, no key, too large, not as described."""
TOO_MANY = {429: Problem}
"""What one that is counted for each LPR may answer, too."""


def problem(status: int, error: str) -> HttpResponse:
    """Return an answer that says what is wrong."""
    return HttpResponse(msgspec.json.encode({"error": error}), status=status, content_type="application/json")


class TooMany(Exception):
    """An LPR asks for more than it may within a minute; in `seconds` it may come again."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = max(1, math.ceil(seconds))


def within(budget: Budget, lpr: LPR, *, cost: int = 1) -> None:
    """Count what an LPR asks for. Raises `TooMany`: nothing of it is done."""
    if seconds := budget.spend(lpr.pk, max(cost, 1), now=time.monotonic()):
        raise TooMany(seconds)


@api.exception_handler(TooMany)
def _too_many(_request: HttpRequest, error: TooMany) -> HttpResponse:
    answer = problem(
        429, f"Too much within a minute. Nothing of it was taken; send it again in {error.seconds} seconds."
    )
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


@api.exception_handler(AuthenticationError)
def _nobody(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, "No LPR in service has this key. Send the LPR's own as `Authorization: Bearer <key>`.")


@api.exception_handler(HttpError)
def _no_sense(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(ValidationError)
def _not_as_described(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the first places that are wrong, without saying again what was sent."""
    places = [f"{'.'.join(map(str, each['loc'][2:])) or 'body'}: {each['msg']}" for each in error.errors[:5]]
    return problem(422, "; ".join(places))


@api.exception_handler(NoBody)
def _no_body(_request: HttpRequest, error: NoBody) -> HttpResponse:
    return problem(error.status, str(error))


@api.exception_handler(RequestDataTooBig)
def _too_big(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The message is too large.")


@api.exception_handler(UnreadablePostError)
def _broken_off(_request: HttpRequest, _error: UnreadablePostError) -> HttpResponse:
    return problem(400, "The message broke off. Send it again.")


class ReceiptOut(Schema):
    """What became of the reads sent; everything counted here is on disk."""

    stored: int
    repeated: int
    dead_letters: int
    past_ceiling: int
    ids: list[str]


_READ = {
    "type": "object",
    "required": ["plate", "captured_at"],
    "properties": {
        "plate": {"type": "string"},
        "captured_at": {"type": "string", "format": "date-time"},
        **{name: {"type": "string"} for name in ("event_id", "state", "direction", "image")},
        **{name: {"type": "number"} for name in ("confidence", "state_confidence", "latitude", "longitude")},
        "stage": {"type": "integer", "minimum": 0, "maximum": FINAL},
        "candidates": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["plate"],
                "properties": {"plate": {"type": "string"}, "confidence": {"type": "number"}},
            },
        },
        "vehicle": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_READS = {"type": "array", "items": _READ}
_SENT = {"anyOf": [_READ, _READS, {"type": "object", "required": ["reads"], "properties": {"reads": _READS}}]}


def _body(description: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True, "description": description, "content": {media_type: {"schema": schema}},
        }
    }  # fmt: skip


@api.post(
    "/reads",
    auth=LPR_KEY,
    response={200: ReceiptOut, **PROBLEMS, **TOO_MANY, 409: Problem, 503: Problem},
    openapi_extra=_body(
        "One read, a list of reads, or an object with `reads`. See docs/reads.md.", "application/json", _SENT
    ),
)
def reads(request: HttpRequest) -> HttpResponse:
    """Receive one or many reads from the LPR whose key is in the Authorization header (V.b)."""
    content = body_of(request)
    lpr = caller_of(request)
    status, body = receive(lpr, format="platekeeper", size=len(content), parse=lambda: own_format.parse(content))
    # Encoded here: a thousand ids take ninja longer than storing the reads.
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")


@csrf_exempt
@require_POST
def reads_at_once(request: HttpRequest) -> HttpResponse:
    """Do around `reads` what ninja does around an operation of any kind, which takes longer than to take a read in."""
    request.auth = calling_lpr(request)  # type: ignore[attr-defined]
    if request.auth is None:  # type: ignore[attr-defined]
        return _nobody(request, AuthenticationError())
    try:
        return reads(request)
    except NoBody as error:
        return _no_body(request, error)


class HandedInOut(Schema):
    """What became of each line of signed entries, in their order."""

    lines: list[dict[str, str]]


@api.post(
    "/entries",
    auth=LPR_KEY,
    response={200: HandedInOut, **PROBLEMS, **TOO_MANY, 403: Problem},
    openapi_extra=_body("A signed entry a line. See docs/entries.md.", "text/plain", {"type": "string"}),
)
def entries(request: HttpRequest) -> HttpResponse:
    """Take entries that members signed where there was no network, from the unit they were made on (VII.f-g)."""
    unit = unit_of(request)
    content = body_of(request, most=LARGEST)
    try:
        within(ENTRIES, unit, cost=len(list(lines(content))))
        handed_in = hand_in(None, content, at=timezone.now(), via="unit")
    except TransferError as error:
        return problem(413, str(error))
    told = [{"uid": each.line.uid, "state": each.line.state, "reason": each.line.reason} for each in handed_in]
    return HttpResponse(msgspec.json.encode({"lines": told}), content_type="application/json")


class NoUnit(Exception):
    """The caller is a camera, whose key opens the intake alone."""


@api.exception_handler(NoUnit)
def _no_unit(request: HttpRequest, error: NoUnit) -> HttpResponse:
    return problem(
        403, "This LPR is no unit in the field: nobody has enrolled a key of its own. See docs/field-unit.md."
    )


def caller_of(request: HttpRequest) -> LPR:
    """Return the LPR whose key was seen before anything of the request was read."""
    lpr: LPR = request.auth  # type: ignore[attr-defined]
    return lpr


def unit_of(request: HttpRequest) -> LPR:
    """Return the unit that is calling. Raises `NoUnit`."""
    lpr = caller_of(request)
    if not is_unit(lpr):
        raise NoUnit
    return lpr
