"""The way in for LPRs: they have keys and send all day, so what pages need (sessions, languages, styles) is not for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from platekeeper.server.api.patience import patience

PLACES = ("/api/", "/ingest/")
PROBES = ("/healthz", "/readyz", "/metrics")
"""What a monitor asks must be answered without a database, and whatever name it calls this host by."""
AGAIN = "5"
"""Seconds after which a sender that was not heard may come again, where nothing else is said."""


class LprRequests:
    """Hand a POST to an LPR's address straight to its view, which knows its caller by the key; a monitor's question, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_ours(request):
            return self._get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self._get_response(request)
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


def _is_ours(request: HttpRequest) -> bool:
    if request.method in {"GET", "HEAD"}:
        return request.path_info in PROBES
    return request.method == "POST" and request.path_info.startswith(PLACES)
