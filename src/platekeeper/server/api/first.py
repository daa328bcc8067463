"""The way in for LPRs: they have keys and send all day, so what pages need (sessions, languages, styles) is not for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import cast
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from platekeeper.server.api.patience import patience
from platekeeper.server.api.watched import Watched

PLACES = ("/api/", "/ingest/")
PROBES = ("/healthz", "/readyz", "/metrics")
"""What a monitor asks must be answered without a database, and whatever name it calls this host by."""
AGAIN = "5"
"""Seconds after which a sender that was not heard may come again, where nothing else is said."""
_ADDRESSES = 10_000
"""Addresses that are known at once: cameras have some with their key in it."""


class LprRequests:
    """Hand a POST to an LPR's address straight to its view, which knows its caller by the key; a monitor's question, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = _found(request.method, request.path_info)
        return self._get_response(request) if found is None else _answered(request, found)


class LprsFirst:
    """The same before Django's own handler, for a server: what that does around each request takes as long as a read.

    A WSGI application around the one for pages. What is watched of a request is watched here, too.
    """

    def __init__(self, pages: WSGIHandler) -> None:
        self._pages = pages
        ours = convert_exception_to_response(LprRequests(pages.get_response))
        self._watched = Watched(cast("Callable[[HttpRequest], HttpResponse]", ours))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _found(environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")) is None:
            return self._pages(environ, start_response)
        close_old_connections()
        answer = cast("HttpResponse", self._watched(WSGIRequest(environ)))
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return [answer.content]


def _answered(request: HttpRequest, found: ResolverMatch) -> HttpResponse:
    """Answer a request to an address of LPRs or monitors."""
    request.resolver_match = found
    if request.path_info in PROBES:
        return _ended(found.func(request, *found.args, **found.kwargs))
    if patience.is_over(request, now=time.monotonic()):
        answer = JsonResponse({"error": "Too many wrong keys. Wait a minute."}, status=429)
        answer.headers["Retry-After"] = "60"
        return _ended(answer)
    answered: HttpResponse = found.func(request, *found.args, **found.kwargs)
    patience.saw(request, answered, now=time.monotonic())
    return _ended(answered)


def _ended(answer: HttpResponse) -> HttpResponse:
    """Complete an answer that passes no other middleware."""
    if answer.status_code in {429, 503}:
        answer.headers.setdefault("Retry-After", AGAIN)
    for name, value in (
        ("Content-Length", str(len(answer.content))),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ):
        answer.headers.setdefault(name, value)
    return answer


def _found(method: str | None, path: str) -> ResolverMatch | None:
    """Return what an LPR's or a monitor's request leads to; None for any other."""
    ours = path in PROBES if method in {"GET", "HEAD"} else method == "POST" and path.startswith(PLACES)
    return _resolved(path) if ours else None


@lru_cache(_ADDRESSES)
def _resolved(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
