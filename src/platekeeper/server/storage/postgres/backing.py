"""What a backup copies of the reads of a day: the file that the same day has in SQLite, whatever engine it comes back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

from platekeeper.server.storage.backups.pieces import Piece, PieceGone, tree
from platekeeper.server.storage.columns import ALL_COLUMNS, row_from
from platekeeper.server.storage.days import DayMissing, day_folder, images_folder
from platekeeper.server.storage.postgres.connections import Place, Reader, reading
from platekeeper.server.storage.postgres.parts import Part, parts_of
from platekeeper.server.storage.reads import Leaving
from platekeeper.server.storage.sqlite.whole_day import write_day

_LPR_DATA = "lpr-data"  # as in a home
_AT_ONCE = 10_000
_WAITING = (
    "SELECT batch, received, first, last FROM pending WHERE EXISTS (SELECT FROM {} stored "
    "WHERE stored.number BETWEEN pending.first AND pending.last AND stored.batch = pending.batch)"
)


def day_pieces(place: Place, folder: Path, day: date) -> Iterator[Piece]:
    """Return a day's pieces: its rows first, then the images that they point at. A day disposed of meanwhile just ends.

    Nothing is added to a partition without its highest number rising: that tells whether it has changed.
    """
    path = f"{_LPR_DATA}/{day.isoformat()}"
    with reading(place) as reader:
        parts = [part for part in parts_of(reader, day) if not part.step]
    for part in parts:
        yield Piece(f"{path}/reads.sqlite3", f"{part.name}:{part.last}", lambda to, part=part: _copied(place, part, to))  # type: ignore[misc]
    if parts:
        yield from tree(images_folder(day_folder(folder, day)), f"{path}/images")


def leaving(place: Place, day: date) -> Iterator[Leaving]:
    """Yield every revision of a day's reads in the order of their numbers; nothing where there is no such day."""
    with reading(place) as reader:
        parts = parts_of(reader, day)
    every = " UNION ALL ".join(f"SELECT {ALL_COLUMNS}, step FROM {part.name}" for part in parts)
    if parts:
        with suppress(DayMissing):  # disposed of meanwhile
            yield from _ordered(place, every)


def _copied(place: Place, part: Part, to: Path) -> Path:
    try:
        with reading(place) as reader:
            waiting = reader.rows(_WAITING.format(part.name))
        write_day(to, _ordered(place, f"SELECT {ALL_COLUMNS}, step FROM {part.name}"), waiting)
    except DayMissing as gone:
        raise PieceGone(part.name) from gone
    return to


def _ordered(place: Place, question: str) -> Iterator[Leaving]:
    with closing(place.connect()) as connection:
        for number, *columns, step in Reader(connection, None).streamed(f"{question} ORDER BY number", _AT_ONCE):
            yield Leaving(number, *row_from(tuple(columns)), step)
