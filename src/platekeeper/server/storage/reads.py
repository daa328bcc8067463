"""The store of reads: a folder per UTC day of capture, disposed of whole; an open day has a file for each hour.

`days` says what lies in such a folder. Readers share nothing with the writer but the files, and carry on when hours are
sealed and days disposed of under them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from platekeeper.server.storage.batches import stored_together
from platekeeper.server.storage.days import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_AN_HOUR,
    DayMissing,
    day_folder,
    day_of,
    days_in,
    images_folder,
    start_of,
)
from platekeeper.server.storage.disposal import DisposedDay, dispose, finish_disposals
from platekeeper.server.storage.engine import ALL_COLUMNS, row_from
from platekeeper.server.storage.images import ImageMissing, ImageRef, image_in
from platekeeper.server.storage.reading import ALL_HOURS, reading
from platekeeper.server.storage.revisions import overtaken, revisions_of
from platekeeper.server.storage.rows import ReadRow, StoredRead
from platekeeper.server.storage.sealing import Settled, seal
from platekeeper.server.storage.writer import ReadWriter

_LARGEST = 2**63 - 1
_Found = tuple[int, ReadRow, ImageRef | None]  # number, row, image
_CURSOR = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{1,15})")
_PATTERN = re.compile(r"[A-Z0-9?*]+")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is looked for: since <= captured < until (microseconds), at these LPRs (none named: all).

    At most one of `folded_exact`, the folded plate, and `glob`, a folded pattern with ? for one character and * for any
    run. Without either, unreadable plates are found too. Raises ValueError.
    """

    since: int
    until: int
    folded_exact: str | None = None
    glob: str | None = None
    lprs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse terms that cannot be looked for."""
        if not 0 <= self.since <= self.until <= _LARGEST:
            raise ValueError("A search begins before it ends.")
        if self.folded_exact is not None and self.glob is not None:
            raise ValueError("Look for a plate or for a pattern, not for both.")
        if self.glob is not None and not _PATTERN.fullmatch(self.glob):
            raise ValueError("A pattern has letters, digits, ? and * only.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended; its text is short and safe in a URL."""

    at: int
    rowid: int

    def __str__(self) -> str:
        return f"{self.at:x}-{self.rowid:x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor back. Raises ValueError."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("That page does not exist.")
        return cls(int(found[1], 16), int(found[2], 16))


@dataclass(frozen=True, slots=True)
class Page:
    """Reads, newest first; `next` is None on the last page."""

    reads: list[StoredRead]
    next: Cursor | None


class ReadStore:
    """The reads in one folder. Cheap to make; keeps no file open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def writer(self) -> ReadWriter:
        """Become the store's only writer until closed. Raises `WriterBusy`."""
        return ReadWriter(self._folder)

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""
        return days_in(self._folder)

    def search(self, terms: SearchTerms, *, before: Cursor | None = None, limit: int) -> Page:
        """Return up to `limit` reads, newest first, going on after `before` (the last page's `next`)."""
        if limit < 1:
            raise ValueError("A page holds one read at least.")
        found: list[_Found] = []
        for day in reversed(self.days()):
            begins = start_of(day)
            if begins >= terms.until or begins + MICROSECONDS_A_DAY <= terms.since or (before and begins > before.at):
                continue
            found += self._search_day(day, terms, before=before, limit=limit + 1 - len(found))
            if len(found) > limit:
                number, last, _ = found[limit - 1]
                return Page(self._stored(found[:limit]), Cursor(last.at, number))
        return Page(self._stored(found), None)

    def recent(self, limit: int) -> list[StoredRead]:
        """Return the newest reads by time of capture."""
        return self.search(SearchTerms(since=0, until=_LARGEST), limit=limit).reads

    def get(self, day: date, rowid: int) -> StoredRead | None:
        """Return one read; None when it is not, or no longer, stored."""
        if not 0 < rowid <= _LARGEST:
            return None
        found = self._stored(self._select(day, "WHERE number = ?", (rowid,)))
        return found[0] if found else None

    def image(self, read: StoredRead) -> bytes:
        """Return a read's image, checked against its SHA-256. Raises `ImageMissing` or `ImageDamaged`."""
        if read.image is None:
            raise ImageMissing("This read came without an image.")
        return self._image(read.row, read.image)

    def image_of(self, row: ReadRow) -> bytes | None:
        """Return the image that was stored with a row, None where it came without one or is gone."""
        which = (row.lpr, row.at, row.id, row.digest)
        hours = (row.at // MICROSECONDS_AN_HOUR % 24,)
        found = self._select(day_of(row.at), "WHERE lpr = ? AND at = ? AND id = ? AND digest = ?", which, hours=hours)
        return self._image(row, found[0][2]) if found and found[0][2] else None

    def stored_together(self, row: ReadRow) -> list[ReadRow]:
        """Return the reads of a row's batch in their order, as far as they are stored still."""
        return stored_together(self._folder, row)

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

    def overtaken(self, rows: Sequence[ReadRow]) -> set[int]:
        """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""
        return overtaken(self._folder, rows)

    def seal(self, *, before: date, settled: Settled) -> dict[date, int]:
        """Seal the hours of days before `before` into the days' files; `settled` tells which batches are complete."""
        return seal(self._folder, before=before, settled=settled)

    def dispose(self, day: date) -> DisposedDay:
        """Remove a day's reads and images for good (VI.k). Backups forget the day separately: `backup.forget_day`."""
        return dispose(self._folder, day)

    def finish_disposals(self) -> list[DisposedDay]:
        """Finish what a crash interrupted; call it at start-up."""
        return finish_disposals(self._folder)

    def _search_day(self, day: date, terms: SearchTerms, *, before: Cursor | None, limit: int) -> list[_Found]:
        since, until = terms.since, terms.until if before is None else min(terms.until, before.at + 1)
        wanted = ["at >= ?", "at < ?"]
        values: list[object] = [since, until]
        if terms.folded_exact is not None:
            wanted.append("folded = ?")
            values.append(terms.folded_exact)
        if terms.glob is not None:
            wanted.append("folded GLOB ?")
            values.append(terms.glob)
        if terms.lprs:
            wanted.append(f"lpr IN ({', '.join('?' * len(terms.lprs))})")
            values += terms.lprs
        if before is not None:
            wanted.append("(at, number) < (?, ?)")
            values += (before.at, before.rowid)
        rest = f"WHERE {' AND '.join(wanted)} ORDER BY at DESC, number DESC LIMIT ?"
        begins = start_of(day)
        first, last = (since - begins) // MICROSECONDS_AN_HOUR, (until - 1 - begins) // MICROSECONDS_AN_HOUR
        found = self._select(day, rest, (*values, limit), hours=range(max(first, 0), min(last, 23) + 1))
        return sorted(found, key=lambda each: (each[1].at, each[0]), reverse=True)[:limit]

    def _select(
        self, day: date, rest: str, values: tuple[object, ...], *, hours: Collection[int] = ALL_HOURS
    ) -> list[_Found]:
        """Return what every file of a day holds of it; nothing where there is no such day."""
        found: list[_Found] = []
        try:
            with reading(day_folder(self._folder, day), hours=hours) as connections:
                for connection in connections:
                    for number, *columns in connection.execute(f"SELECT {ALL_COLUMNS} FROM read {rest}", values):
                        found.append((number, *row_from(tuple(columns))))
        except DayMissing:
            return []
        return found

    def _stored(self, found: list[_Found]) -> list[StoredRead]:
        standing = revisions_of(self._folder, [(number, row) for number, row, _ in found])
        return [
            StoredRead(row, day_of(row.at), number, revision, corrected, image)
            for (number, row, image), (revision, corrected) in zip(found, standing, strict=True)
        ]

    def _image(self, row: ReadRow, ref: ImageRef) -> bytes:
        folder = images_folder(day_folder(self._folder, day_of(row.at)))
        return image_in(folder, lpr=row.lpr, at=row.at, ref=ref)
