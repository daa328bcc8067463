"""A camera that pushes its pictures: plain JPEG by POST, or the message of a vendor's camera with its picture in it.

Most cameras can send a picture somewhere on motion ("HTTP notification", "alarm server"). What the camera itself read is not
taken over (`field.listening` does that); its picture is read here.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import ThreadingHTTPServer
from threading import Thread

from platekeeper.field.frames import Frame, decoded
from platekeeper.field.sources.posts import Answer, Post, taking

_WAITING = 16
"""Pictures that may wait to be read; a camera that sends more is told to come again."""
_JPEG, _END = b"\xff\xd8\xff", b"\xff\xd9"


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

    def take(post: Post) -> Answer:
        jpeg = jpeg_in(post.body)
        picture = decoded(jpeg) if jpeg else None
        if jpeg is None or picture is None:
            return 400, b""
        try:
            waiting.put_nowait(Frame(picture, clock(), post.sender, jpeg))
        except queue.Full:
            return 503, b""
        return 200, b""

    with ThreadingHTTPServer(where, taking(take)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            while True:
                yield waiting.get()
        finally:
            server.shutdown()
