"""Every request gets a number, is timed by its view, and leaves a line in the log that says nothing of anybody."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from platekeeper.server.gateways.logs import request_id
from platekeeper.server.gateways.metrics import REQUESTS

_log = logging.getLogger("platekeeper.requests")


class Watched:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = secrets.token_hex(8)
        mark, began = request_id.set(number), time.perf_counter()
        try:
            answer = self._get_response(request)
            took = time.perf_counter() - began
            found = request.resolver_match
            view = (found.view_name or "unnamed") if found else "none"
            REQUESTS.labels(view, f"{answer.status_code // 100}xx").observe(took)
            facts = {
                "view": view,
                "method": _method(request),
                "status": answer.status_code,
                "ms": round(took * 1000, 1),
            }
            _log.info("answered", extra={"facts": facts})
        finally:
            request_id.reset(mark)
        answer.headers["X-Request-ID"] = number
        return answer


def _method(request: HttpRequest) -> str:
    return request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"} else "other"
