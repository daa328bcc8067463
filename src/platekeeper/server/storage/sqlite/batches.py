"""The reads that were stored together with one: what proves it in the ledger's leaf of their batch."""

from __future__ import annotations

from pathlib import Path

from platekeeper.server.storage.columns import ROW_COLUMNS
from platekeeper.server.storage.days import day_of
from platekeeper.server.storage.rows import ReadRow
from platekeeper.server.storage.sqlite.layout import days_in
from platekeeper.server.storage.sqlite.opened import Files, OpenDays
from platekeeper.server.storage.sqlite.reading import ALL_HOURS

_FARTHEST = 1_000_000
"""A batch's numbers follow each other without gaps, repeats counted; none has so many reads."""
_WHICH = "SELECT number FROM read WHERE lpr = ? AND at = ? AND id = ? AND digest = ?"
_TOGETHER = f"SELECT number, {', '.join(ROW_COLUMNS)} FROM read WHERE number BETWEEN ? AND ? AND batch = ?"


def stored_together(store: Path, row: ReadRow, *, count: int) -> list[ReadRow]:
    """Return the reads of a row's batch, in the order in which its leaf has them; those of days disposed of are missing.

    Empty when the row itself is not stored (any more). Reads of one batch may have been captured on different days: they
    are looked for, the row's own day first, until as many as the batch had are found.
    """
    own = day_of(row.at)
    with OpenDays(store) as days:
        number = _number(days.files(own, ALL_HOURS), row)
        if number is None:
            return []
        found: dict[int, ReadRow] = {}
        for day in sorted(days_in(store), key=lambda day: day != own):
            for connection in days.files(day, ALL_HOURS).values():
                rows = connection.execute(_TOGETHER, (number - _FARTHEST, number + _FARTHEST, row.batch))
                found.update((number, ReadRow._make(values)) for number, *values in rows)
            if len(found) >= count:
                break
    return [found[number] for number in sorted(found)]


def _number(files: Files, row: ReadRow) -> int | None:
    for connection in files.values():
        found = connection.execute(_WHICH, (row.lpr, row.at, row.id, row.digest)).fetchone()
        if found is not None:
            return int(found[0])
    return None
