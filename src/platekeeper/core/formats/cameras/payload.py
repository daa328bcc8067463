"""What a camera sends, as its parser gets it, and what every parser does with it.

A parser is `parse(payload: Payload) -> list[Item]`: pure, it drops nothing silently, and what it does not understand
becomes an `UnparsedRead` with the field named. Missing optional values are harmless; a value of another type where a
number or a time is needed is not.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import msgspec

from platekeeper.core.formats.reads import (
    MOST_AT_ONCE,
    ParsedRead,
    ReadFormatError,
    TooManyReads,
    UnparsedRead,
    storable,
)

LARGEST_IMAGE = 8 * 1024 * 1024
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

T = TypeVar("T")
Item = tuple[ParsedRead, bytes | None] | UnparsedRead
"""A read with its picture, or what was not understood."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message; a body that is not multipart is a single part without a name."""

    name: str
    content: bytes
    filename: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """One message of a camera.

    `mapping` holds the LPR's own field names where a format lets users edit them, `below` the path that the device
    appended to its address, `raw` the body as it came where it was taken apart.
    """

    parts: tuple[Part, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)
    below: str = ""
    raw: bytes = b""

    @property
    def whole(self) -> bytes:
        """The message for a dead letter: as it came, or every part that is no picture, where there is one."""
        told = [part.content for part in self.parts if part.content and not is_image(part.content)]
        return self.raw or b"\n".join(told or [part.content for part in self.parts])

    def told(self, *names: str) -> bytes:
        """Return what the message says: the part of one of these names, else the first that is no picture.

        Raises KeyError where there is none.
        """
        named = self._named(*names)
        if named is not None and named.content.strip():
            return named.content
        for part in self.parts:
            if part.content.strip() and not is_image(part.content):
                return part.content
        raise KeyError(f"part {names[0]}" if names else "message")

    def picture(self, *names: str) -> bytes | None:
        """Return the picture: the filled part of the first of these names, else any other picture in the message."""
        filled = (part for name in names if (part := self._named(name)) is not None and part.content)
        named = next(filled, None) or next((part for part in self.parts if is_image(part.content)), None)
        return named.content if named else None

    def _named(self, *names: str) -> Part | None:
        wanted = {name.lower() for name in names}
        found = [part for part in self.parts if {part.name.lower(), part.filename.lower()} & wanted]
        return next((part for part in found if part.content), found[0] if found else None)


def body(content: bytes, **mapping: str) -> Payload:
    """Return a message that is one body."""
    return Payload(parts=(Part(name="", content=content),), mapping=mapping)


def guarded(read: Callable[[], Iterable[Item]], whole: bytes) -> list[Item]:
    """Return what `read` yields; what it stumbles over makes the message, or what `whole` is of it, unparsed.

    Raises `TooManyReads`.
    """
    try:
        return no_more(read())
    except KeyError as missing:
        return [UnparsedRead(reason=storable(f"{missing.args[0]}: missing")[:200], payload=whole)]
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        return [UnparsedRead(reason=storable(str(error))[:200] or type(error).__name__, payload=whole)]


def no_more(items: Iterable[T]) -> list[T]:
    """Return items, which may come one by one. Raises `TooManyReads` before it looks at more than a message may hold."""
    found = list(islice(items, MOST_AT_ONCE + 1))
    if len(found) > MOST_AT_ONCE:
        raise TooManyReads
    return found


def is_image(content: bytes) -> bool:
    """Say whether bytes begin as JPEG or PNG do."""
    return content.startswith(IMAGE_STARTS)


def picture(content: bytes | None) -> bytes | None:
    """Return a picture, nothing for an empty part. Raises `ReadFormatError` for what a browser may not be shown."""
    if not content:
        return None
    if not is_image(content):
        raise ReadFormatError("image: neither JPEG nor PNG")
    if len(content) > LARGEST_IMAGE:
        raise ReadFormatError(f"image: larger than {LARGEST_IMAGE} bytes")
    return content


def base64_picture(text: str | bytes | None) -> bytes | None:
    """Return a picture written in base64, with or without a `data:` prefix. Raises `ReadFormatError`."""
    if not text:
        return None
    written = text if isinstance(text, str) else text.decode("ascii", "replace")
    try:
        content = _decoded(written.rpartition(",")[2])
    except (binascii.Error, ValueError) as error:
        raise ReadFormatError("image: not base64") from error
    return picture(content)


def _decoded(text: str) -> bytes:
    try:
        return msgspec.convert(text, bytes)  # four times as fast as the standard library, which takes spaces besides
    except msgspec.ValidationError:
        return base64.b64decode("".join(text.split()), validate=True)


def image_bytes(value: Any) -> bytes | None:
    """Return what was sent as a base64 picture, whatever its type, for `with_picture`."""
    if not value:
        return None
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


def one_picture(find: Callable[[bytes | None], bytes | None], raw: bytes | None) -> tuple[bytes | None, list[Item]]:
    """Return the picture that `find` makes of `raw`, and the complaint about one that makes no sense.

    Such a picture does not cost its read: the read lives, and the picture is kept as not understood.
    """
    try:
        return find(raw), []
    except ReadFormatError as error:
        return None, [UnparsedRead(reason=f"{error}; its read is stored", payload=raw or b"")]


def with_picture(read: ParsedRead, find: Callable[[bytes | None], bytes | None], raw: bytes | None) -> list[Item]:
    """Return a read with its picture, and the complaint about a picture that makes no sense."""
    image, complaints = one_picture(find, raw)
    return [(read, image), *complaints]


def sharing(items: Iterable[Item], image: bytes | None, complaints: Iterable[Item]) -> Iterator[Item]:
    """Give every read the one picture of its message; a complaint about it comes once, after the reads."""
    several = no_more(items)
    yield from (item if isinstance(item, UnparsedRead) else (item[0], image) for item in several)
    if any(not isinstance(item, UnparsedRead) for item in several):
        yield from complaints
