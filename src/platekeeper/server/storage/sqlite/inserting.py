"""Rows into a file with as few steps of the engine as can be.

Each step of a statement lets go of the interpreter and takes it back, which under load means waiting for every other
thread's turn. So many rows go in with one statement, and what was a repeat is asked only if the count says that there
was one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain

from platekeeper.server.storage.columns import IMAGE_COLUMNS, ROW_COLUMNS, image_values
from platekeeper.server.storage.images import PackWriter
from platekeeper.server.storage.rows import Incoming
from platekeeper.server.storage.sqlite.hours import OpenHour
from platekeeper.server.storage.sqlite.reading import reading

_PIECES = [1 << power for power in range(8, -1, -1)]  # rows in a statement: few sizes, so that each stays prepared
_KNOWN = "SELECT 1 FROM read WHERE lpr = ? AND at = ? AND id = ? AND digest = ?"


Numbered = tuple[int, Incoming]


def unstored(opened: OpenHour, reads: Sequence[Numbered]) -> Sequence[Numbered]:
    """Return the reads worth inserting. Usually that is all of them, as the insert itself drops repeats.

    Asks one by one only where it must: for what other files of the same hour may hold (the sealed day, an older
    generation), and where images come along, so that a repeated one is not written again.
    """
    if not opened.others_may_hold() and all(arrival.image is None for _, arrival in reads):
        return reads
    with reading(opened.folder, hours=(opened.hour.number,)) as connections:
        kept: dict[tuple[object, ...], Numbered] = {}
        for read in reads:
            row = read[1].row
            key = (row.lpr, row.at, row.id, row.digest)
            if key not in kept and not any(each.execute(_KNOWN, key).fetchone() for each in connections):
                kept[key] = read
    return list(kept.values())


def insert(connection: sqlite3.Connection, reads: Sequence[Numbered], *, batch: bytes, packs: PackWriter) -> list[int]:
    """Insert numbered reads inside the caller's transaction and return the numbers that were new, in order."""
    before = connection.total_changes
    with_images = any(arrival.image is not None for _, arrival in reads)
    numbers = [number for number, _ in reads]
    start = 0
    while start < len(reads):
        size = next(size for size in _PIECES if size <= len(reads) - start)
        piece = reads[start : start + size]
        parts: list[Iterable[tuple[object, ...]]] = [[arrival.row for _, arrival in piece]]
        if with_images:
            parts.append([_packed(arrival, packs) for _, arrival in piece])
        parts.append(zip(numbers[start : start + size], strict=True))
        # One flat list of values without a step of our own for each: row, place of the image, number, and so on.
        values = chain.from_iterable(chain.from_iterable(zip(*parts, strict=True)))
        connection.execute(_statement(size, with_images), [batch, *values])
        start += size
    if connection.total_changes - before == len(reads):
        return numbers
    (found,) = connection.execute(
        "SELECT json_group_array(number) FROM read WHERE number BETWEEN ? AND ?", (numbers[0], numbers[-1])
    ).fetchone()
    return sorted(json.loads(found))


def _packed(arrival: Incoming, packs: PackWriter) -> tuple[object, ...]:
    if arrival.image is None or arrival.image_sha256 is None:
        return image_values(None)
    row = arrival.row
    return image_values(packs.add(arrival.image, sha256=arrival.image_sha256, lpr=row.lpr, at=row.at))


@cache
def _statement(rows: int, with_images: bool) -> str:
    """Return the statement for so many rows. Value 1 is the batch of all; each row's own, empty yet, is passed over."""
    given = (*ROW_COLUMNS, *(IMAGE_COLUMNS if with_images else ()), "number")
    columns = [name for name in given if name != "batch"]
    marks = []
    for start in range(2, 2 + rows * len(given), len(given)):
        places = [f"?{place}" for place, name in enumerate(given, start) if name != "batch"]
        marks.append(f"({', '.join(places)}, ?1)")
    return (
        f"INSERT INTO read ({', '.join(columns)}, batch) VALUES {', '.join(marks)} "
        "ON CONFLICT (lpr, at, id, digest) DO NOTHING"
    )
