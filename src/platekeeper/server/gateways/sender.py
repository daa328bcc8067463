"""Sends to a server of this department over HTTP, for processes that may not write reads themselves."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class NotDelivered(Exception):
    """The server did not take it. `status` is 0 where it could not be reached; the message says what happened.

    `again` is in how many seconds the server wants it sent again; None where it does not say so.
    """

    def __init__(self, message: str, *, status: int = 0, again: int | None = None) -> None:
        super().__init__(message)
        self.status, self.again = status, again


@dataclass(frozen=True, slots=True)
class Sender:
    """Posts JSON to one server. Raises ValueError for an address that is none."""

    server: str
    timeout: float = 30.0  # seconds

    def __post_init__(self) -> None:
        """Hold the address."""
        parts = urlsplit(self.server)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
            raise ValueError(f"{self.server}: not the address of a server, such as http://127.0.0.1:8000")

    def post(self, path: str, content: bytes, *, key: str, kind: str = "Bearer") -> dict[str, Any]:
        """Post under an LPR's key and return the answer; it means that all of it is on disk. Raises `NotDelivered`."""
        headers = {"Authorization": f"{kind} {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.server.rstrip('/')}{path}", content, headers, method="POST")  # noqa: S310 - http(s) only, see above
        try:
            with _direct.open(request, timeout=self.timeout) as answer:
                said: dict[str, Any] = json.loads(answer.read())
                return said
        except urllib.error.HTTPError as refused:
            with refused:
                again = str(refused.headers.get("Retry-After", ""))
                raise NotDelivered(
                    f"{refused.code}: {_reason(refused)}",
                    status=refused.code,
                    again=int(again) if again.isdecimal() else None,
                ) from refused
        except _NO_ANSWER as error:
            raise NotDelivered(str(error) or type(error).__name__) from error


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry a key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


_NO_ANSWER = (OSError, ValueError, http.client.HTTPException)
"""No connection, none in time, one that broke off, or an answer that is none of ours."""

_direct = urllib.request.build_opener(NoRedirect)


def _reason(refused: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(refused.read(4096))["error"])
    except (*_NO_ANSWER, KeyError, TypeError):
        return refused.reason
