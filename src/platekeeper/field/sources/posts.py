"""What a camera on the vehicle's or pole's own network posts: one message, one answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR
from threading import Timer

LARGEST = 16 * 1024 * 1024
LONGEST = 20.0
"""Seconds for the whole of a message: the camera behind waits for it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it came: to which path, of what media type, from where."""

    path: str
    media_type: str
    body: bytes
    sender: str


Answer = tuple[int, bytes]
"""A status, and JSON or nothing."""


def address(given: str) -> tuple[str, int]:
    """Return host and port of `8088` or `192.168.1.2:8088`, this machine alone unless told. Raises `ValueError`."""
    host, _, port = given.rpartition(":")
    return host or "127.0.0.1", int(port)


def taking(take: Callable[[Post], Answer]) -> type[BaseHTTPRequestHandler]:
    """Return a handler that gives each message to `take`, and answers what that says."""

    class Handler(BaseHTTPRequestHandler):
        """Takes a message, and answers in a word."""

        timeout = LONGEST

        def handle(self) -> None:
            cut = Timer(LONGEST, self._cut)
            cut.daemon = True
            cut.start()
            try:
                super().handle()
            except OSError:  # it was cut off, or who sent it is gone
                self.close_connection = True
            finally:
                cut.cancel()

        def do_POST(self) -> None:
            size = self.headers.get("Content-Length", "")
            if not size.isdigit() or not 0 < int(size) <= LARGEST:
                return self._answer(413 if size.isdigit() else 411, b"")
            body = self.rfile.read(int(size))
            if len(body) < int(size):  # it broke off, and comes again whole
                return self._answer(400, b"")
            media_type = self.headers.get("Content-Type", "")
            return self._answer(*take(Post(self.path, media_type, body, self.client_address[0])))

        do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what comes in is seen by what is read."""

        def _cut(self) -> None:
            with suppress(OSError):
                self.connection.shutdown(SHUT_RDWR)  # the limit of a socket begins anew with every byte

        def _answer(self, status: int, said: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Connection", "close")
            self.close_connection = True
            self.end_headers()
            self.wfile.write(said)

    return Handler
