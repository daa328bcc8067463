"""What changed from one file of lines to the next: most of a day's hot list is yesterday's.

A delta is JSON in zlib: pairs of a run of the old file (offset, length in bytes) and of the new text that follows it. Whoever
applies one compares the digest of what comes out, so a wrong delta costs a download and nothing else.
"""

from __future__ import annotations

import base64
import json
import zlib
from itertools import accumulate

LARGEST = 1 << 30
"""Bytes of a file that is made of a delta."""


class DeltaError(ValueError):
    """This is no delta, or of another file."""


def delta(old: bytes, new: bytes) -> bytes:
    """Return what makes `new` of `old`."""
    lines = old.splitlines(keepends=True)
    places = dict(zip(lines, accumulate(map(len, lines), initial=0), strict=False))
    steps: list[tuple[int, int, bytearray]] = []
    for line in new.splitlines(keepends=True):
        place = places.get(line)
        begin, length, after = steps[-1] if steps else (0, 0, bytearray())
        if place is None:
            if not steps:
                steps.append((0, 0, after))
            after += line
        elif steps and not after and begin + length == place:
            steps[-1] = (begin, length + len(line), after)
        else:
            steps.append((place, len(line), bytearray()))
    told = [(begin, length, base64.b64encode(after).decode()) for begin, length, after in steps]
    return zlib.compress(json.dumps(told).encode())


def applied(old: bytes, change: bytes, *, largest: int = LARGEST) -> bytes:
    """Return the new file. Raises `DeltaError`, also for one of far more than `largest` bytes."""
    try:
        unpacking = zlib.decompressobj()
        told = json.loads(unpacking.decompress(change, LARGEST))
        made = bytearray()
        for begin, length, after in told:
            if not 0 <= begin <= begin + length <= len(old) or len(made) > largest:
                raise DeltaError("The changes are not of this file.")
            made += old[begin : begin + length]
            made += base64.b64decode(after, validate=True)
    except (zlib.error, ValueError, TypeError) as error:
        raise DeltaError("This is no file of changes.") from error
    return bytes(made)
