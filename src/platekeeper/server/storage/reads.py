"""The store of reads: one SQLite file and a set of image packs per UTC day of capture, disposed of whole.

Layout under the store's folder: `<YYYY-MM-DD>/reads.sqlite3` and `<YYYY-MM-DD>/images/<HH>-<lpr>.pack`. Readers share
nothing with the writer but the files, and carry on when a day is disposed of under them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from platekeeper.server.storage.days import (
    IMAGE_COLUMNS,
    MICROSECONDS_A_DAY,
    ROW_COLUMNS,
    DayMissing,
    day_folder,
    day_of,
    days_in,
    images_folder,
    reading,
    row_from,
    start_of,
)
from platekeeper.server.storage.disposal import DisposedDay, dispose, finish_disposals
from platekeeper.server.storage.images import ImageMissing, image_in
from platekeeper.server.storage.rows import ReadRow, StoredRead
from platekeeper.server.storage.writer import ReadWriter

_LARGEST = 2**63 - 1
_CURSOR = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{1,15})")
_PATTERN = re.compile(r"[A-Z0-9?*]+")
_NEAR_MIDNIGHT = 3_600_000_000  # microseconds by which a correction may move a read's time across the day's edge
_SELECT = f"""
SELECT {", ".join(ROW_COLUMNS + IMAGE_COLUMNS)}, number,
    (SELECT count(*) FROM read AS e WHERE e.id = read.id AND e.number <= read.number),
    EXISTS (SELECT 1 FROM read AS l WHERE l.id = read.id AND l.number > read.number)
FROM read"""


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
        found: list[StoredRead] = []
        for day in reversed(self.days()):
            begins = start_of(day)
            if begins >= terms.until or begins + MICROSECONDS_A_DAY <= terms.since or (before and begins > before.at):
                continue
            try:
                found += self._search_day(day, terms, before=before, limit=limit + 1 - len(found))
            except DayMissing:
                continue
            if len(found) > limit:
                last = found[limit - 1]
                return Page(found[:limit], Cursor(last.row.at, last.rowid))
        return Page(found, None)

    def recent(self, limit: int) -> list[StoredRead]:
        """Return the newest reads by time of capture."""
        return self.search(SearchTerms(since=0, until=_LARGEST), limit=limit).reads

    def get(self, day: date, rowid: int) -> StoredRead | None:
        """Return one read; None when it is not, or no longer, stored."""
        if not 0 < rowid <= _LARGEST:
            return None
        try:
            found = self._select(day, "WHERE number = ?", (rowid,))
        except DayMissing:
            return None
        return found[0] if found else None

    def image(self, read: StoredRead) -> bytes:
        """Return a read's image, checked against its SHA-256. Raises `ImageMissing` or `ImageDamaged`."""
        if read.image is None:
            raise ImageMissing("This read came without an image.")
        folder = images_folder(day_folder(self._folder, read.day))
        return image_in(folder, lpr=read.row.lpr, at=read.row.at, ref=read.image)

    def image_of(self, row: ReadRow) -> bytes | None:
        """Return the image that was stored with a row, None where it came without one or is gone."""
        day = day_of(row.at)
        try:
            found = self._select(day, "WHERE id = ? AND digest = ?", (row.id, row.digest))
        except DayMissing:
            return None
        return self.image(found[0]) if found and found[0].image else None

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number, every revision counted; empty when there is no such day."""
        try:
            with reading(day_folder(self._folder, day)) as connection:
                return dict(connection.execute("SELECT lpr, count(*) FROM read GROUP BY lpr"))
        except DayMissing:
            return {}

    def dispose(self, day: date) -> DisposedDay:
        """Remove a day's reads and images for good (VI.k). Backups forget the day separately: `backup.forget_day`."""
        return dispose(self._folder, day)

    def finish_disposals(self) -> list[DisposedDay]:
        """Finish what a crash interrupted; call it at start-up."""
        return finish_disposals(self._folder)

    def _search_day(self, day: date, terms: SearchTerms, *, before: Cursor | None, limit: int) -> list[StoredRead]:
        wanted: list[str] = ["at >= ?", "at < ?"]
        values: list[object] = [terms.since, terms.until]
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
        return self._select(
            day,
            f"WHERE {' AND '.join(wanted)} ORDER BY at DESC, number DESC LIMIT ?",
            (*values, limit),
        )

    def _select(self, day: date, rest: str, values: tuple[object, ...]) -> list[StoredRead]:
        with reading(day_folder(self._folder, day)) as connection:
            found = [_stored(day, each) for each in connection.execute(f"{_SELECT} {rest}", values)]
        return self._across_midnight(day, found)

    def _across_midnight(self, day: date, reads: list[StoredRead]) -> list[StoredRead]:
        """Count in the revisions that the vendor's later word on the time has put on the day before or after."""
        for neighbour, edge in (
            (day - timedelta(days=1), start_of(day)),
            (day + timedelta(days=1), _end_of(day)),
        ):
            near = {read.row.id for read in reads if read.row.event and abs(read.row.at - edge) <= _NEAR_MIDNIGHT}
            if not near:
                continue
            try:
                with reading(day_folder(self._folder, neighbour)) as connection:
                    others = _received_of(connection, near)
            except DayMissing:
                continue
            reads = [_counting(read, others.get(read.row.id, ()), neighbour) for read in reads]
        return reads


def _end_of(day: date) -> int:
    return start_of(day) + MICROSECONDS_A_DAY


def _stored(day: date, values: tuple[object, ...]) -> StoredRead:
    *columns, rowid, revision, corrected = values
    row, image = row_from(tuple(columns))
    return StoredRead(row, day, int(str(rowid)), int(str(revision)), bool(corrected), image)


def _received_of(connection: sqlite3.Connection, ids: Iterable[bytes]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for identity in ids:
        for (received,) in connection.execute("SELECT received FROM read WHERE id = ?", (identity,)):
            found.setdefault(identity, []).append(received)
    return found


def _counting(read: StoredRead, others: Iterable[int], neighbour: date) -> StoredRead:
    mine = (read.row.received, read.day)
    later = [(received, neighbour) > mine for received in others]
    return replace(
        read,
        revision=read.revision + later.count(False),
        corrected=read.corrected or any(later),
    )
