"""The store of reads in PostgreSQL; images lie in the department's folder, as `storage.images` packs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from types import MappingProxyType

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage.backups.pieces import Piece
from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.images import ImageMissing
from platekeeper.server.storage.postgres.backing import day_pieces, leaving
from platekeeper.server.storage.postgres.connections import Place, Reader, reading
from platekeeper.server.storage.postgres.disposal import (
    count_until,
    dispose,
    dispose_until,
    finish_disposals,
    hide,
    settle_disposal,
)
from platekeeper.server.storage.postgres.parts import Part, parts_between, parts_of
from platekeeper.server.storage.postgres.repeats import revisions_of
from platekeeper.server.storage.postgres.scanning import arrivals, arrived_until, scan
from platekeeper.server.storage.postgres.schema import ensure
from platekeeper.server.storage.postgres.sealing import seal
from platekeeper.server.storage.postgres.search import search, select, stored
from platekeeper.server.storage.postgres.taking import take_over
from platekeeper.server.storage.postgres.writer import PostgresWriter
from platekeeper.server.storage.reads import Arrival, DisposedDay, Leaving, Settled
from platekeeper.server.storage.revisions import places_overtaken
from platekeeper.server.storage.rows import ReadRow, StoredRead
from platekeeper.server.storage.steps import stored_image
from platekeeper.server.storage.terms import LARGEST, Cursor, Page, SearchTerms

_NONE: Mapping[bytes, int] = MappingProxyType({})
_WHICH = "WHERE lpr = %s AND at = %s AND id = %s AND digest = %s"


class PostgresReads:
    """The reads in one schema of a database. Cheap to make; what it connects is lent to whoever asks next."""

    def __init__(self, where: Mapping[str, object], folder: Path, *, schema: str) -> None:
        """Take the database as libpq's keywords name it, and the folder of the images."""
        known = tuple(sorted((name, str(value)) for name, value in where.items()))
        self._place, self._folder = Place(known, schema), folder

    def prepare(self) -> None:
        """Make the schema where it is missing. Raises `StoreUnready`; the message says what to do."""
        with closing(self._place.connect()) as connection:
            ensure(connection, self._place.schema)

    def writer(self) -> PostgresWriter:
        """Become the store's only writer until closed; makes the schema where it is missing.

        Raises `WriterBusy`, and `StoreUnready` where the database needs something first.
        """
        return PostgresWriter(self._place, self._folder)

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""
        with reading(self._place) as reader:
            return sorted({part.day for part in parts_between(reader)})

    def pending(self) -> dict[bytes, int]:
        """Return the batches that are marked as not settled, each with its time of receipt in microseconds."""
        with reading(self._place) as reader:
            try:
                return {
                    bytes(batch): received for batch, received in reader.rows("SELECT batch, received FROM pending")
                }
            except DayMissing:  # no read was ever stored
                return {}

    def search(
        self, terms: SearchTerms, *, before: Cursor | None = None, limit: int, seconds: float | None = None
    ) -> Page:
        """Return up to `limit` reads, newest first, going on after `before`. Raises `SearchTooWide`."""
        if limit < 1:
            raise ValueError("A page holds one read at least.")
        with reading(self._place, seconds=seconds) as reader:
            return search(reader, terms, before=before, limit=limit)

    def recent(self, limit: int) -> list[StoredRead]:
        """Return the newest reads by time of capture."""
        return self.search(SearchTerms(since=0, until=LARGEST), limit=limit).reads

    def get(self, day: date, rowid: int) -> StoredRead | None:
        """Return one read; None when it is not, or no longer, stored."""
        if not 0 < rowid <= LARGEST:
            return None
        with reading(self._place) as reader:
            for part in parts_of(reader, day):
                found = select(reader, part, "WHERE number = %s", (rowid,))
                if found:
                    return stored(reader, found)[0]
        return None

    def image(self, read: StoredRead) -> bytes:
        """Return a read's image, checked against its SHA-256. Raises `ImageMissing` or `ImageDamaged`."""
        if read.image is None:
            raise ImageMissing("This read came without an image.")
        return stored_image(self._folder, read.row, read.image)

    def image_of(self, row: ReadRow) -> bytes | None:
        """Return the image that was stored with a row, None where it came without one or is gone."""
        with reading(self._place) as reader:
            for part in parts_between(reader, row.at, row.at + 1):
                for _, _, image in select(reader, part, _WHICH, (row.lpr, row.at, row.id, row.digest)):
                    return stored_image(self._folder, row, image) if image else None
        return None

    def stored_together(self, row: ReadRow, *, count: int) -> list[ReadRow]:
        """Return the reads of a row's batch, which had so many, in their order, as far as they are stored still."""
        with reading(self._place) as reader:
            for part in parts_between(reader, row.at, row.at + 1):
                for number, _, _ in select(reader, part, _WHICH, (row.lpr, row.at, row.id, row.digest)):
                    return self._together(reader, number, row.batch, own=part, count=count)
        return []

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number, every revision counted; empty when there is no such day."""
        counts: Counter[int] = Counter()
        with reading(self._place) as reader:
            for part in parts_of(reader, day):
                try:
                    counts.update(dict(reader.rows(f"SELECT lpr, count(*) FROM {part.name} GROUP BY lpr")))
                except DayMissing:
                    continue
        return dict(counts)

    def overtaken(self, rows: Sequence[ReadRow]) -> set[int]:
        """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
        with reading(self._place) as reader:
            return places_overtaken(rows, revisions_of(reader, rows))

    def scan(
        self, windows: Sequence[Window], *, plates: Sequence[str] | None = None, seconds: float | None = None
    ) -> Iterator[Sightings]:
        """Give the sightings in windows, a time after the other, oldest first. Raises `SearchTooWide`."""
        return scan(self._place, windows, plates=plates, seconds=seconds)

    def arrived_until(self) -> int:
        """Return a number up to which every read is in sight, 0 in an empty store; later ones get higher numbers."""
        return arrived_until(self._place)

    def arrivals(self, *, after: int, until: int) -> Iterator[Arrival]:
        """Give the readable reads with after < number <= until; those of days disposed of meanwhile are gone."""
        return arrivals(self._place, after=after, until=until)

    def leaving(self, day: date) -> Iterator[Leaving]:
        """Yield a day's reads as they are stored, in the order of their numbers, for another store to take over."""
        return leaving(self._place, day)

    def take_over(self, day: date, reads: Iterable[Leaving], waiting: Mapping[bytes, int] = _NONE) -> None:
        """Hold these reads of a day instead of all it has of the day: all of them or none. Raises `WriterBusy`.

        `waiting`: when the batches were received that may lack their hits and their ledger leaf.
        """
        take_over(self._place, day, reads, waiting)

    def seal(self, *, before: date, settled: Settled) -> dict[date, int]:
        """List the distinct plates of days before `before`, and gather their statistics; return how many parts of each."""
        return seal(self._place, before=before)

    def pieces(self, day: date) -> Iterator[Piece]:
        """Return what a backup copies of a day, to be asked for one at a time (`backups.ReadsToCopy`)."""
        return day_pieces(self._place, self._folder, day)

    def hide(self, day: date) -> None:
        """Take a day out of sight, however much it holds; to be disposed of next."""
        hide(self._place, self._folder, day)

    def dispose(self, day: date) -> DisposedDay:
        """Remove a day's reads and images for good (VI.k). Backups forget the day separately: `backups.forget_day`."""
        return dispose(self._place, self._folder, day)

    def dispose_until(self, moment: int) -> DisposedDay:
        """Remove for good, of the day of a moment, what was stored in steps under a day that have ended by then (VI.k)."""
        return dispose_until(self._place, self._folder, moment)

    def count_until(self, moment: int) -> dict[int, int]:
        """Return the reads per LPR number that `dispose_until` would remove."""
        with reading(self._place) as reader:
            return count_until(reader, moment)

    def settle_disposal(self, day: date) -> None:
        """Say that what was disposed of is on record, so that it is told no more."""
        settle_disposal(self._place, day)

    def finish_disposals(self) -> list[DisposedDay]:
        """Finish what a crash interrupted, once the records have told theirs."""
        return finish_disposals(self._place, self._folder)

    def _together(self, reader: Reader, number: int, batch: bytes, *, own: Part, count: int) -> list[ReadRow]:
        found: dict[int, ReadRow] = {}
        for part in sorted(parts_between(reader), key=lambda part: part != own):
            near = (number - _FARTHEST, number + _FARTHEST, batch)
            rows = select(reader, part, "WHERE number BETWEEN %s AND %s AND batch = %s", near)
            found.update((each, row) for each, row, _ in rows)
            if len(found) >= count:
                break
        return [found[each] for each in sorted(found)]


_FARTHEST = 1_000_000
"""A batch's numbers follow each other without gaps, repeats counted; none has so many reads."""
