"""Which LPR is calling: every LPR has a key of its own."""

from __future__ import annotations

from django.http import HttpRequest

from platekeeper.server.api.known import known_lpr
from platekeeper.server.equipment.models import LPR


def calling_lpr(request: HttpRequest, key: str = "") -> LPR | None:
    """Return the LPR whose key stands in the address, or in `Authorization: Bearer <key>` (or `Token <key>`)."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return known_lpr(key or (given.strip() if kind.lower() in {"bearer", "token"} else ""))
