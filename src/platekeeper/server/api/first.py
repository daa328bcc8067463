"""The way in for LPRs: they have keys and send all day, so what pages need (sessions, languages, styles) is not for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from platekeeper.server.api.patience import patience

PLACES = ("/api/", "/ingest/")


class LprRequests:
    """The first middleware: hand a POST to an LPR's address straight to its view, which knows its caller by the key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or not request.path_info.startswith(PLACES):
            return self._get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self._get_response(request)
        request.resolver_match = found
        if patience.is_over(request, now=time.monotonic()):
            answer: HttpResponse = JsonResponse({"error": "Too many wrong keys. Wait a minute."}, status=429)
            answer.headers["Retry-After"] = "60"
        else:
            answer = found.func(request, *found.args, **found.kwargs)
            patience.saw(request, answer, now=time.monotonic())
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer
