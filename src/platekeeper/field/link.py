"""The way to the department's server: HTTPS, under the unit's own key."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from platekeeper.core.hosts import is_here


class NotTaken(Exception):
    """The server did not take it. `status` is 0 where none was reached; the message says what happened.

    `wait` is for how many seconds it wants to hear no more of it, 0 where it did not say.
    """

    def __init__(self, message: str, *, status: int = 0, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said with status 200, and what time it said it was."""

    content: bytes
    at: datetime | None

    def json(self) -> dict[str, Any]:
        """Return it as plain data. Raises `NotTaken`: what answers in a network's place (a login page) took nothing."""
        try:
            said = json.loads(self.content)
        except ValueError as error:
            raise NotTaken("Something else than the server answered; is there a login page in between?") from error
        if not isinstance(said, dict):
            raise NotTaken("The answer is none of the server's.")
        return said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


@dataclass(frozen=True, slots=True)
class Link:
    """One server. `authorities` names a file of certificates for a department with its own. Raises ValueError."""

    server: str
    key: str = field(repr=False)
    authorities: str = ""
    timeout: float = 30.0  # seconds
    _opener: urllib.request.OpenerDirector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Hold the address."""
        parts = urlsplit(self.server)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
            raise ValueError(f"{self.server}: not the address of a server, such as https://lpr.example.org")
        if parts.scheme == "http" and not is_here(parts.hostname):
            raise ValueError(f"{self.server}: reads go over HTTPS only.")
        trusting = ssl.create_default_context(cafile=self.authorities or None)
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=trusting))
        object.__setattr__(self, "_opener", opener)

    def post(self, path: str, content: bytes) -> Answer:
        """Post under the unit's key. Raises `NotTaken`."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.server.rstrip('/')}{path}", content, headers)  # noqa: S310 - http(s) only, see above
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return Answer(answer.read(), _date(answer.headers.get("Date", "")))
        except urllib.error.HTTPError as refused:
            with refused:
                raise NotTaken(_reason(refused), status=refused.code, wait=_wait(refused)) from refused
        except (OSError, ValueError) as error:  # no network, no answer in time
            raise NotTaken(str(error)) from error
        except HTTPException as error:
            raise NotTaken("The answer broke off.") from error


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None


def _wait(refused: urllib.error.HTTPError) -> int:
    """Return what `Retry-After` says in seconds, an hour at most: no server keeps reads on a unit for ever."""
    said = refused.headers.get("Retry-After", "")
    return min(int(said), 3600) if said.isascii() and said.isdecimal() else 0


def _reason(refused: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(refused.read(4096))["error"])
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return f"{refused.code} {refused.reason}"
