"""A camera that pushes its pictures: plain JPEG by POST, or the message of a vendor's camera with its picture in it.

Most cameras can send a picture somewhere on motion ("HTTP notification", "alarm server"). What the camera itself read is not
taken over; its picture is read here. It listens where it is told, on this machine alone unless an address is given.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from platekeeper.field.frames import Frame, decoded

LARGEST = 16 * 1024 * 1024
_WAITING = 16
"""Pictures that may wait to be read; a camera that sends more is told to come again."""
_JPEG, _END = b"\xff\xd8\xff", b"\xff\xd9"


def address(given: str) -> tuple[str, int]:
    """Return host and port of `8088` or `192.168.1.2:8088`. Raises `ValueError`."""
    host, _, port = given.rpartition(":")
    return host or "127.0.0.1", int(port)


def jpeg_in(body: bytes) -> bytes | None:
    """Return the largest JPEG in a message, whatever else is around it; None if there is none."""
    found, start = [], body.find(_JPEG)
    while start >= 0:
        ahead = body.find(_JPEG, start + 3)
        end = body.rfind(_END, start, ahead if ahead >= 0 else len(body))
        found.append(body[start : end + 2] if end >= 0 else body[start:ahead] if ahead >= 0 else body[start:])
        start = ahead
    return max(found, key=len, default=None)


def frames(where: tuple[str, int], *, clock: Callable[[], datetime]) -> Iterator[Frame]:
    """Yield what is pushed, as it comes."""
    waiting: queue.Queue[Frame] = queue.Queue(_WAITING)
    with ThreadingHTTPServer(where, _handler(waiting, clock)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            while True:
                yield waiting.get()
        finally:
            server.shutdown()


def _handler(waiting: queue.Queue[Frame], clock: Callable[[], datetime]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Takes a picture, and answers in a word."""

        timeout = 20

        def do_POST(self) -> None:
            size = self.headers.get("Content-Length", "")
            if not size.isdigit() or not 0 < int(size) <= LARGEST:
                return self._answer(413 if size.isdigit() else 411)
            jpeg = jpeg_in(self.rfile.read(int(size)))
            picture = decoded(jpeg) if jpeg else None
            if jpeg is None or picture is None:
                return self._answer(400)
            try:
                waiting.put_nowait(Frame(picture, clock(), self.client_address[0], jpeg))
            except queue.Full:
                return self._answer(503)
            return self._answer(200)

        do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what comes in is seen by what is read."""

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.close_connection = True
            self.end_headers()

    return Handler
