"""What a backup copies of SQLite files, whoever writes to them meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from urllib.parse import quote

from platekeeper.server.storage.backups.pieces import Piece, PieceGone, state_of, tree
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


def database_piece(source: Path, path: str) -> Piece:
    """Return a SQLite file, in use or not, as a piece."""

    def produce(place: Path) -> Path:
        try:
            _copy(source, place)
        except (OSError, sqlite3.OperationalError) as error:
            if source.exists():
                raise
            raise PieceGone(path) from error
        return place

    return Piece(path, state_of(source, source.with_name(f"{source.name}-wal")), produce)


def leaf_hashes(records: Path) -> list[bytes]:
    """Return the ledger's leaf hashes in a file of records, in their order."""
    with closing(sqlite3.connect(f"file:{quote(str(records))}?mode=ro", uri=True)) as restored:
        return [leaf for (leaf,) in restored.execute('SELECT leaf_hash FROM ledger_ledgerentry ORDER BY "index"')]


def _copy(source: Path, place: Path) -> None:
    """Copy a file as it is at one moment."""
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=20)) as original:
        original.execute("PRAGMA query_only=ON")
        with closing(sqlite3.connect(place)) as copy:
            original.backup(copy)  # all pages in one step: in smaller steps a busy writer would make it start over
