"""The whole body of a request, or why there is none: devices send it in chunks, break off, and send too much."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

_MOST_VALUES, _PARTING = 2_000_000, (b",", b"[", b"{", b"<", b"\n")
"""What parts values in JSON, XML and lines. A value of two bytes is one of a hundred once it is read, so that a message of
nothing else would take gigabytes; pictures have few of these, or none."""


class NoBody(Exception):
    """The body cannot be taken: the HTTP status and what to tell its sender."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def body_of(request: HttpRequest, *, most: int | None = None) -> bytes:
    """Return the whole body of at most `most` bytes (the setting's, unless said), or raise `NoBody`.

    What comes in chunks is read, too, although Django takes its length to be nothing: it would be lost, and answered 200.
    """
    most = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) if most is None else most
    chunked = not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated")
    try:
        body: bytes = request.META["wsgi.input"].read(most + 1) if chunked else request.read(most + 1)
    except (UnreadablePostError, OSError) as error:
        raise NoBody(400, "The message broke off. Send it again.") from error
    if len(body) > most:
        raise NoBody(413, f"More than {most} bytes.")
    if sum(map(body.count, _PARTING)) > _MOST_VALUES:
        raise NoBody(413, f"More than {_MOST_VALUES:,} values in one message. Send fewer at once.")
    return body
