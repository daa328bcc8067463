"""Addresses for cameras that speak their own format: the edge unwraps, `core.formats` parses, one table says how."""

from __future__ import annotations

from collections.abc import ItemsView

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from platekeeper.core.formats.cameras import CAMERA_FORMATS, CameraFormat
from platekeeper.core.formats.cameras.payload import Payload
from platekeeper.core.formats.cameras.unwrap import unwrap
from platekeeper.server.api.bodies import NoBody, body_of
from platekeeper.server.api.digest import challenges
from platekeeper.server.api.keys import caller
from platekeeper.server.api.receive import receive
from platekeeper.server.equipment.lookups import field_names


class NotLoggedIn(JsonResponse):
    """An answer that says how to log in, with as many challenges as there are ways."""

    def __init__(self, ways: list[str]) -> None:
        super().__init__({"error": "Put the LPR's own key into the address or the Authorization header."}, status=401)
        self._ways = ways

    def items(self) -> ItemsView[str, str]:
        """Return the headers as they are sent; Django's own can hold a name only once."""
        return [*super().items(), *(("WWW-Authenticate", way) for way in self._ways)]  # type: ignore[return-value]


@csrf_exempt
@login_not_required
@require_POST
def ingest(request: HttpRequest, format: str, rest: str = "") -> JsonResponse:
    """Receive a message in a camera's format. `rest` is the key, a path that the device appends, or both."""
    spoken = CAMERA_FORMATS.get(format)
    key, below = _key_and_below(spoken, rest) if spoken else ("", None)
    if spoken is None or below is None:
        known = ", ".join(CAMERA_FORMATS)
        return JsonResponse({"error": f"There is no such address. Formats: {known}."}, status=404)
    login = caller(request, key, digest=spoken.digest)
    if login.lpr is None:
        return NotLoggedIn(challenges(stale=login.stale) if spoken.digest else ['Bearer realm="LPR ingest"'])
    try:
        content = body_of(request)
    except NoBody as error:
        return JsonResponse({"error": str(error)}, status=error.status)
    payload = Payload(
        parts=unwrap(content, request.headers.get("Content-Type", "")),
        mapping=field_names(login.lpr, format),
        below=below,
        raw=content,
    )
    status, receipt = receive(login.lpr, format=format, size=len(content), parse=lambda: spoken.parse(payload))
    return JsonResponse(dict(spoken.answer or receipt) if status == 200 else receipt, status=status)


def _key_and_below(spoken: CameraFormat, rest: str) -> tuple[str, str | None]:
    """Return the key in the rest of an address, and what the device appended; None for what no device appends."""
    path = rest.strip("/")
    appended = next((below for below in spoken.below if f"/{path}".lower().endswith(f"/{below}".lower())), "")
    key = path[: len(path) - len(appended)].strip("/")
    return key, None if "/" in key else appended
