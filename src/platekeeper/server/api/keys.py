"""Which LPR is calling: every LPR has a key of its own."""

from __future__ import annotations

import time

from django.http import HttpRequest

from platekeeper.server.api.digest import Login, log_in
from platekeeper.server.equipment.home_tokens import lpr_of_home_token
from platekeeper.server.equipment.known import known_keys
from platekeeper.server.equipment.models import LPR


def calling_lpr(request: HttpRequest, key: str = "") -> LPR | None:
    """Return the LPR whose key stands in the address, or in `Authorization: Bearer <key>` (or `Token <key>`)."""
    return caller(request, key).lpr


def caller(request: HttpRequest, key: str = "", *, digest: bool = False) -> Login:
    """Return who is calling. Where several credentials come with one request, all must be the same LPR's."""
    kind, _, given = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    now = time.monotonic()
    logins = [Login(lpr=known_keys.lpr(key, now=now))] if key else []
    if kind.lower() in {"bearer", "token"}:
        logins.append(Login(lpr=known_keys.lpr(given.strip(), now=now)))
    elif kind.lower() == "home":
        logins.append(Login(lpr=lpr_of_home_token(given.strip())))
    elif kind.lower() == "digest" and digest:
        logins.append(log_in(request, given))
    first = next((login for login in logins if login.lpr is None), logins[0] if logins else Login())
    return first if len({login.lpr.pk for login in logins if login.lpr}) <= 1 else Login()
