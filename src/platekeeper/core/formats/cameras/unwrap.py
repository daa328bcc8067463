"""From the body of a request to the parts of a message, whatever the sender says about it.

Devices leave out names, boundaries and closing lines, and send JSON as a form. Django's own reader drops a part without
a name and refuses what is broken; this one keeps everything: what cannot be taken apart is one part, as it came.
"""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress
from email.message import Message
from email.parser import BytesHeaderParser

from platekeeper.core.formats.cameras.payload import Part

MOST_PARTS = 256
QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")
FORM = re.compile(rb"""[\w.\-\[\]%+]{1,80}=[^\s|{}"<>\\]*\s*\Z""")
"""Many a sender says that its JSON or its lines are a form, because that is what its library says by itself."""
FIRST_LINE = re.compile(rb"\s{0,8}--([^\r\n]{1,200}?)[ \t]{0,8}\r?\n")
LARGEST_HEADER = 16 * 1024
HEADER_LINE = re.compile(rb"[A-Za-z][\w-]{0,60}:")
EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
STUMBLES = (TypeError, ValueError, LookupError)
"""What the standard library raises over parameters that contradict each other (`name*=utf-8''a; name*0=b`)."""


def unwrap(content: bytes, content_type: str) -> tuple[Part, ...]:
    """Return the parts of a body; a body that is not multipart, or only says so, is a single part without a name."""
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    parts: tuple[Part, ...] = ()
    if header.get_content_maintype() == "multipart" or FIRST_LINE.match(content):
        parts = _multipart(content, header)
    elif header.get_content_type() == "application/x-www-form-urlencoded" and FORM.match(content):
        parts = _form(content)
    return parts or (Part(name="", content=content, media_type=header.get_content_type() if content_type else ""),)


def _multipart(content: bytes, header: Message) -> tuple[Part, ...]:
    written = None
    with suppress(*STUMBLES):
        written = header.get_param("boundary")
    declared = written.encode("utf-8", "replace") if isinstance(written, str) else b""
    first = FIRST_LINE.match(content)
    # Some firmware declares another boundary than it writes, or none: the first line of the body knows better.
    for boundary in filter(None, (declared, first[1] if first else b"")):
        pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)", content)
        if len(pieces) > 1:
            # Every second piece is the mark of a closing line; what stands behind that line is no part.
            closed = next((at for at in range(1, len(pieces), 2) if pieces[at]), len(pieces))
            found = [_part(pieces[at + 1]) for at in range(1, closed, 2)]
            return tuple(found) if len(found) <= MOST_PARTS else ()
    return ()


def _part(piece: bytes) -> Part:
    piece = piece[2:] if piece.startswith(b"\r\n") else piece.removeprefix(b"\n")
    if not HEADER_LINE.match(piece):  # a part without header lines, with or without the empty line
        return Part(name="", content=piece[2:] if piece.startswith(b"\r\n") else piece.removeprefix(b"\n"))
    gap = EMPTY_LINE.search(piece)
    head, content = (piece[: gap.start()], piece[gap.end() :]) if gap else (piece, b"")
    fields = BytesHeaderParser().parsebytes(head[:LARGEST_HEADER])
    if str(fields.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        with suppress(binascii.Error, ValueError):  # as it came then: its reader says what is wrong with it
            content = base64.b64decode(content)
    return Part(
        name=_parameter(fields, "name"),
        content=content,
        filename=_filename(fields),
        media_type=fields.get_content_type() if "Content-Type" in fields else "",
    )


def _parameter(fields: Message, name: str) -> str:
    with suppress(*STUMBLES):
        value = fields.get_param(name, header="Content-Disposition")
        return str(value[2] if isinstance(value, tuple) else value or "")
    return ""


def _filename(fields: Message) -> str:
    with suppress(*STUMBLES):
        return fields.get_filename() or ""
    return ""


def _form(content: bytes) -> tuple[Part, ...]:
    pairs = [pair.partition(b"=") for pair in content.strip().split(b"&", MOST_PARTS)]
    if len(pairs) > MOST_PARTS:
        return ()
    return tuple(Part(name=_unquoted(name).decode("latin-1"), content=_unquoted(value)) for name, _, value in pairs)


def _unquoted(text: bytes) -> bytes:
    return QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), text.replace(b"+", b" "))
