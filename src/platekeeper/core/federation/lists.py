"""A hot list between partners: its rows as they are sent, and the file of changes that the receiver loads."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from platekeeper.core.categories import Category
from platekeeper.core.federation.line import Fault, MessageRefused
from platekeeper.core.formats.deltas import DeltaError, applied, delta
from platekeeper.core.formats.hotlists import incremental
from platekeeper.core.formats.hotlists.delimited import FIELDS
from platekeeper.core.formats.hotlists.rows import HotListLine

FORMAT = "incremental"
LAYOUT = {"columns": {name: name for name in FIELDS}, "words": {each.value: each.value for each in Category}}
"""The format and template of a list that a partner's rows are loaded into."""
MOST_LINES, LARGEST = 20_000, 16 * 1024 * 1024
"""Lines of a list that partners share, and bytes of its rows."""


def rows_of(lines: Iterable[HotListLine], *, agency: str) -> bytes:
    """Return the rows of a list. What a hit does there, the receiver's own rules say; ours are not sent."""
    return incremental.summed(None, (replace(line, agency=agency, action=None, code="") for line in lines))


def changes(old: Iterable[HotListLine], new: bytes) -> bytes:
    """Return a file of changes that makes the list `new`, given as rows, of the lines `old`: what is gone is taken off,
    and what stands is said once more. Empty where there is nothing to say."""
    standing = list(_lines(new))
    kept = {line.key for line in standing}
    gone = [replace(line, removes=True) for line in old if line.key not in kept]
    return incremental.summed(None, [*gone, *standing]) if gone or standing else b""


def count(rows: bytes) -> int:
    """Return how many lines rows have, besides their heading."""
    return sum(1 for _ in _lines(rows))


def packed(piece: bytes) -> str:
    """Return bytes as a message carries them."""
    return base64.b64encode(zlib.compress(piece)).decode()


def unpacked(text: str, *, most: int) -> bytes:
    """Return the bytes that a message carries, `most` of them at most. Raises `MessageRefused`."""
    try:
        unpacking = zlib.decompressobj()
        piece = unpacking.decompress(base64.b64decode(text, validate=True), most)
    except (zlib.error, binascii.Error) as error:
        raise MessageRefused(Fault.NO_MESSAGE, "The rows are not packed as rows are.") from error
    if not unpacking.eof:
        raise MessageRefused(Fault.NO_MESSAGE, "There are more rows than there may be.")
    return piece


def difference(old: bytes, new: bytes) -> bytes:
    """Return what makes the rows `new` of the rows `old`."""
    return zlib.decompress(delta(old, new))


def with_difference(old: bytes, change: bytes) -> bytes:
    """Return the rows that a difference makes of old ones. Raises `MessageRefused`."""
    try:
        return applied(old, zlib.compress(change), largest=LARGEST)
    except DeltaError as error:
        raise MessageRefused(Fault.NO_MESSAGE, str(error)) from error


def _lines(rows: bytes) -> Iterator[HotListLine]:
    if rows:
        yield from (line for _, _, line in incremental.FORMAT.lines(rows) if isinstance(line, HotListLine))
