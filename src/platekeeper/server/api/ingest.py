"""Addresses for cameras that speak their own format: the edge unwraps, `core.formats` parses."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from platekeeper.core.formats import plate_recognizer
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.server.api.keys import calling_lpr
from platekeeper.server.api.receive import receive


@csrf_exempt
@login_not_required
@require_POST
def ingest_plate_recognizer(request: HttpRequest, key: str = "") -> JsonResponse:
    """Receive a Plate Recognizer Stream webhook: part `json`, and the image as part `upload`."""
    lpr = calling_lpr(request, key)
    if lpr is None:
        return JsonResponse(
            {"error": "Put the LPR's own key into the address or the Authorization header."}, status=401
        )
    status, body = receive(lpr, format="plate_recognizer", parsed=_plate_recognizer(request))
    return JsonResponse(body, status=status)


def _plate_recognizer(request: HttpRequest) -> Iterator[tuple[ParsedRead, bytes | None] | UnparsedRead]:
    if request.content_type != "multipart/form-data":
        payload, image = request.body, None
    else:
        raw = request.body  # kept whole: a broken multipart body must not be lost
        try:
            text, upload = request.POST.get("json"), request.FILES.get("upload")
        except MultiPartParserError as error:
            yield UnparsedRead(reason=f"broken multipart body: {error}", payload=raw)
            return
        part = request.FILES.get("json")  # some senders attach the JSON as a file
        if text is None and part is None:
            yield UnparsedRead(reason="no part named json", payload=raw)
            return
        payload = text.encode() if text is not None else part.read() if part else b""
        image = (upload.read() or None) if upload else None
    for parsed in plate_recognizer.parse(payload):
        yield parsed if isinstance(parsed, UnparsedRead) else (parsed, image)
