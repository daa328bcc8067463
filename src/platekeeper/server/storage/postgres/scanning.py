"""Reads as columns for investigations, and in the order of their arrival, partition by partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage.days import DayMissing, day_of
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.postgres.connections import Place, reading
from platekeeper.server.storage.postgres.parts import Part, overlapping, parts_between
from platekeeper.server.storage.reads import Arrival
from platekeeper.server.storage.revisions import SIGHTING, Sighting, sightings


def scan(
    place: Place, windows: Sequence[Window], *, plates: Sequence[str] | None = None, seconds: float | None = None
) -> Iterator[Sightings]:
    """Give the sightings in windows, a time after the other, oldest first. Raises `SearchTooWide`."""
    deadline = Deadline(seconds)
    with reading(place) as reader:
        groups = overlapping(parts_between(reader))
    for parts in groups:
        rows: list[Sighting] = []
        for part in parts:
            deadline.check()
            within = [each for each in windows if part.reaches_into(each.since, each.until)]
            if within:
                rows += _rows(place, part, within, plates, None if seconds is None else deadline.left)
        if rows:
            yield sightings(rows)


def arrived_until(place: Place) -> int:
    """Return a number up to which every read is in sight: a batch is one transaction, and numbers rise."""
    with reading(place) as reader:
        return max((part.last for part in parts_between(reader)), default=0)


def arrivals(place: Place, *, after: int, until: int) -> Iterator[Arrival]:
    """Give the readable reads with after < number <= until, in no order."""
    with reading(place) as reader:
        parts = parts_between(reader)
    for part in parts:
        if part.last <= after:
            continue
        question = (
            f"SELECT number, folded, lpr, at FROM {part.name} WHERE number > %s AND number <= %s AND folded IS NOT NULL"
        )
        try:
            with reading(place) as reader:
                rows = reader.rows(question, (after, until))
        except DayMissing:
            continue
        yield from (Arrival(day_of(row[3]), *row) for row in rows)


def _rows(
    place: Place, part: Part, windows: Sequence[Window], plates: Sequence[str] | None, seconds: float | None
) -> list[Sighting]:
    each, values = [], list[object]()
    for window in windows:
        each.append("(at >= %s AND at < %s AND lpr = ANY(%s::bigint[]))" if window.lprs else "(at >= %s AND at < %s)")
        values += [window.since, window.until, *([list(window.lprs)] if window.lprs else [])]
    question = f"SELECT {SIGHTING} FROM {part.name} WHERE ({' OR '.join(each)})"
    if plates is not None:
        question += " AND folded = ANY(%s::text[])"
        values.append(list(plates))
    try:
        with reading(place, seconds=seconds) as reader:
            return reader.rows(question, values)
    except DayMissing:
        return []
