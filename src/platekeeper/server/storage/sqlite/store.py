"""The store of reads: a folder per UTC day of capture, disposed of whole; an open day has a file for each hour.

`days` says what lies in such a folder. Readers share nothing with the writer but the files, and carry on when hours are
sealed and days disposed of under them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage.backups.pieces import Piece
from platekeeper.server.storage.columns import ALL_COLUMNS, Found, row_from
from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR, DayMissing, day_folder, day_of
from platekeeper.server.storage.images import ImageMissing
from platekeeper.server.storage.reads import Arrival, DisposedDay, Leaving, Settled
from platekeeper.server.storage.rows import ReadRow, StoredRead
from platekeeper.server.storage.sqlite.arrivals import arrivals, arrived_until
from platekeeper.server.storage.sqlite.backing import day_pieces
from platekeeper.server.storage.sqlite.batches import stored_together
from platekeeper.server.storage.sqlite.disposal import (
    count_until,
    dispose,
    dispose_until,
    finish_disposals,
    hide,
    settle_disposal,
)
from platekeeper.server.storage.sqlite.engine import has_table
from platekeeper.server.storage.sqlite.layout import days_in
from platekeeper.server.storage.sqlite.leaving import days_with_rows, give_up, half_given_up, leaving
from platekeeper.server.storage.sqlite.opened import OpenDays
from platekeeper.server.storage.sqlite.reading import ALL_HOURS, files_of, reading
from platekeeper.server.storage.sqlite.revisions import overtaken
from platekeeper.server.storage.sqlite.scanning import scan
from platekeeper.server.storage.sqlite.sealing import seal
from platekeeper.server.storage.sqlite.search import search, stored
from platekeeper.server.storage.sqlite.writer import SqliteWriter
from platekeeper.server.storage.steps import stored_image
from platekeeper.server.storage.terms import LARGEST, Cursor, Page, SearchTerms


class SqliteReads:
    """The reads in one folder. Cheap to make; keeps no file open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def writer(self) -> SqliteWriter:
        """Become the store's only writer until closed. Raises `WriterBusy`."""
        return SqliteWriter(self._folder)

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""
        return days_in(self._folder)

    def pending(self) -> dict[bytes, int]:
        """Return the batches that are marked as not settled, each with its time of receipt in microseconds."""
        found: dict[bytes, int] = {}
        for day in self.days():
            try:
                with files_of(day_folder(self._folder, day)) as files:
                    for connection in files.values():
                        if has_table(connection, "pending"):
                            found.update(connection.execute("SELECT batch, received FROM pending"))
            except DayMissing:
                continue
        return found

    def search(
        self, terms: SearchTerms, *, before: Cursor | None = None, limit: int, seconds: float | None = None
    ) -> Page:
        """Return up to `limit` reads, newest first, going on after `before` (the last page's `next`).

        Raises `SearchTooWide` once it has taken so many seconds.
        """
        if limit < 1:
            raise ValueError("A page holds one read at least.")
        return search(self._folder, terms, before=before, limit=limit, seconds=seconds)

    def recent(self, limit: int) -> list[StoredRead]:
        """Return the newest reads by time of capture."""
        return self.search(SearchTerms(since=0, until=LARGEST), limit=limit).reads

    def get(self, day: date, rowid: int) -> StoredRead | None:
        """Return one read; None when it is not, or no longer, stored."""
        if not 0 < rowid <= LARGEST:
            return None
        with OpenDays(self._folder) as days:
            found = stored(days, self._select(day, "WHERE number = ?", (rowid,)))
        return found[0] if found else None

    def image(self, read: StoredRead) -> bytes:
        """Return a read's image, checked against its SHA-256. Raises `ImageMissing` or `ImageDamaged`."""
        if read.image is None:
            raise ImageMissing("This read came without an image.")
        return stored_image(self._folder, read.row, read.image)

    def image_of(self, row: ReadRow) -> bytes | None:
        """Return the image that was stored with a row, None where it came without one or is gone."""
        which = (row.lpr, row.at, row.id, row.digest)
        hours = (row.at // MICROSECONDS_AN_HOUR % 24,)
        found = self._select(day_of(row.at), "WHERE lpr = ? AND at = ? AND id = ? AND digest = ?", which, hours=hours)
        return stored_image(self._folder, row, found[0][2]) if found and found[0][2] else None

    def stored_together(self, row: ReadRow, *, count: int) -> list[ReadRow]:
        """Return the reads of a row's batch, which had so many, in their order, as far as they are stored still."""
        return stored_together(self._folder, row, count=count)

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number, every revision counted; empty when there is no such day."""
        counts: Counter[int] = Counter()
        try:
            with reading(day_folder(self._folder, day)) as connections:
                for connection in connections:
                    counts.update(dict(connection.execute("SELECT lpr, count(*) FROM read GROUP BY lpr")))
        except DayMissing:
            return {}
        return dict(counts)

    def scan(
        self, windows: Sequence[Window], *, plates: Sequence[str] | None = None, seconds: float | None = None
    ) -> Iterator[Sightings]:
        """Give the sightings in windows, a day at a time, oldest first; of these folded plates alone where some are given.

        A correction that moves a read out of the windows is not seen here. Raises `SearchTooWide`.
        """
        return scan(self._folder, windows, plates=plates, seconds=seconds)

    def arrived_until(self) -> int:
        """Return a number up to which every read is in sight, 0 in an empty store; later ones get higher numbers."""
        return arrived_until(self._folder)

    def arrivals(self, *, after: int, until: int) -> Iterator[Arrival]:
        """Give the readable reads with after < number <= until; those of days disposed of meanwhile are gone."""
        return arrivals(self._folder, after=after, until=until)

    def leaving(self, day: date) -> Iterator[Leaving]:
        """Yield a day's reads as they are stored, in the order of their numbers, for another store to take over."""
        return leaving(self._folder, day)

    def days_with_rows(self) -> list[date]:
        """Return the days whose reads lie in files here, oldest first; others may have images alone."""
        for day in half_given_up(self._folder):
            give_up(self._folder, day)
        return days_with_rows(self._folder)

    def give_up(self, day: date) -> None:
        """Remove a day's rows, which another store has taken over; its images stay."""
        give_up(self._folder, day)

    def overtaken(self, rows: Sequence[ReadRow]) -> set[int]:
        """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
        return overtaken(self._folder, rows)

    def seal(self, *, before: date, settled: Settled) -> dict[date, int]:
        """Seal the hours of days before `before` into the days' files; `settled` tells which batches are complete."""
        return seal(self._folder, before=before, settled=settled)

    def pieces(self, day: date) -> Iterator[Piece]:
        """Return what a backup copies of a day, to be asked for one at a time (`backups.ReadsToCopy`)."""
        return day_pieces(self._folder, day)

    def hide(self, day: date) -> None:
        """Take a day out of sight, however much it holds; to be disposed of next."""
        hide(self._folder, day)

    def dispose(self, day: date) -> DisposedDay:
        """Remove a day's reads and images for good (VI.k). Backups forget the day separately: `backups.forget_day`."""
        return dispose(self._folder, day)

    def dispose_until(self, moment: int) -> DisposedDay:
        """Remove for good, of the day of a moment, what was stored in steps under a day that have ended by then (VI.k)."""
        return dispose_until(self._folder, moment)

    def count_until(self, moment: int) -> dict[int, int]:
        """Return the reads per LPR number that `dispose_until` would remove."""
        return count_until(self._folder, moment)

    def settle_disposal(self, day: date) -> None:
        """Say that what was disposed of is on record, so that it is told no more."""
        settle_disposal(self._folder, day)

    def finish_disposals(self) -> list[DisposedDay]:
        """Finish what a crash interrupted, once the records have told theirs."""
        return finish_disposals(self._folder)

    def _select(
        self, day: date, rest: str, values: tuple[object, ...], *, hours: Collection[int] = ALL_HOURS
    ) -> list[Found]:
        """Return what every file of a day holds of it; nothing where there is no such day."""
        found: list[Found] = []
        try:
            with reading(day_folder(self._folder, day), hours=hours) as connections:
                for connection in connections:
                    for number, *columns in connection.execute(f"SELECT {ALL_COLUMNS} FROM read {rest}", values):
                        found.append((number, *row_from(tuple(columns))))
        except DayMissing:
            return []
        return found
