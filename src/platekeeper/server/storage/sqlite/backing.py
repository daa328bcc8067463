"""What a backup copies of the reads of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from platekeeper.server.storage.backups.databases import database_piece
from platekeeper.server.storage.backups.pieces import Piece, tree
from platekeeper.server.storage.days import DayMissing, day_folder, images_folder
from platekeeper.server.storage.sqlite.layout import hour_files, reads_file

LPR_DATA = "lpr-data"  # as in a home


def day_pieces(store: Path, day: date) -> Iterator[Piece]:
    """Return a day's pieces: its rows first, then the images that they point at. A day disposed of meanwhile just ends.

    The hours go before the sealed file: one that is sealed and gone by the time it is copied is in that file.
    """
    folder, path = day_folder(store, day), f"{LPR_DATA}/{day.isoformat()}"
    try:
        hours = [hour.file(folder) for hour in hour_files(folder)]
    except DayMissing:
        return
    for file in [*hours, reads_file(folder)]:
        if file.exists():
            yield database_piece(file, f"{path}/{file.name}")
    yield from tree(images_folder(folder), f"{path}/images")
