"""The way in for LPRs: they have keys and send all day, so what pages need (sessions, languages, styles) is not for them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

PLACES = ("/api/", "/ingest/")
PROBES = ("/healthz", "/readyz", "/metrics")
"""What a monitor asks must be answered without a database, and whatever name it calls this host by."""
AGAIN = "5"
"""Seconds after which a sender that heard 503 may come again."""


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
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        if answer.status_code == 503:
            answer.headers.setdefault("Retry-After", AGAIN)
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _is_ours(request: HttpRequest) -> bool:
    if request.method in {"GET", "HEAD"}:
        return request.path_info in PROBES
    return request.method == "POST" and request.path_info.startswith(PLACES)
