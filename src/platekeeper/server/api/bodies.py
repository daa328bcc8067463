"""The whole body of a request, or why there is none: devices send it in chunks, break off, and send too much."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from platekeeper.core.formats.reads import too_many_values


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
    if said := too_many_values(body):
        raise NoBody(413, said)
    return body
