"""What a camera on the vehicle's or pole's own network posts: one message, one answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from socket import SHUT_RDWR
from threading import Timer

LARGEST = 32 * 1024 * 1024
"""Bytes of a message, as on the server."""
_LONGEST_LINE = 8 * 1024
_END_OF_LINE = {b"\r\n", b"\n"}
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


def body_of(headers: Message, file: BufferedIOBase) -> bytes | int:
    """Return the body of a message, or the status that says why there is none."""
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return _in_chunks(file)
    size = headers.get("Content-Length", "")
    if not size.isdecimal():
        return 411
    if not 0 < int(size) <= LARGEST:
        return 413
    body = file.read(int(size))
    return body if len(body) == int(size) else 400  # it broke off, and comes again whole


def _in_chunks(file: BufferedIOBase) -> bytes | int:
    """Return what comes in chunks, each after its length in hexadecimal; one of nothing is the last."""
    body = bytearray()
    while True:
        try:
            size = int(file.readline(_LONGEST_LINE).partition(b";")[0], 16)
        except ValueError:
            return 400
        if not 0 <= size <= LARGEST - len(body):
            return 413
        if size == 0:
            break
        chunk = file.read(size)
        if len(chunk) < size or file.readline(_LONGEST_LINE) not in _END_OF_LINE:
            return 400
        body += chunk
    while file.readline(_LONGEST_LINE) not in {*_END_OF_LINE, b""}:
        pass  # what may follow the last chunk tells nothing
    return bytes(body)


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
            body = body_of(self.headers, self.rfile)
            if isinstance(body, int):
                return self._answer(body, b"")
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
