"""What may be asked of a store of reads, whatever engine keeps them: SQLite files (`sqlite`) or PostgreSQL (`postgres`).

`procedures.stores` chooses. A store is cheap to make; what it remembers of a store lies with the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol, Self

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage.backups.pieces import Piece
from platekeeper.server.storage.columns import image_values
from platekeeper.server.storage.images import ImageRef
from platekeeper.server.storage.rows import Incoming, ReadRow, StoredRead
from platekeeper.server.storage.terms import Cursor, Page, SearchTerms

A_DAY = timedelta(days=1)
Settled = Callable[[Iterable[bytes]], Collection[bytes]]
"""Tells which of the batches have their hits and their ledger leaf."""


class WriterBusy(Exception):
    """Another process or thread writes reads into this store already."""


class Unsettled(NamedTuple):
    """A batch whose reads are stored, but which nobody said was settled.

    `rows` are those of its reads that were stored first by this batch.
    """

    batch: bytes
    received: int
    rows: list[ReadRow]


@dataclass(frozen=True, slots=True)
class DisposedDay:
    """What was disposed of: reads per LPR number, SHA-256 over the sorted read ids and digests (hex), bytes on disk.

    `digest` is empty when the day's file could not be read any more; it was removed all the same.
    """

    day: date
    counts: dict[int, int]
    digest: str
    bytes_freed: int


class Arrival(NamedTuple):
    """A readable plate as it was stored: `day` and `number` name the read, `at` is in microseconds."""

    day: date
    number: int
    folded: str
    lpr: int
    at: int


class Leaving(NamedTuple):
    """A read under its number, with the place of its image, which stays in the day's packs, or its step's.

    `step` is how many minutes it is disposed of together with; 0 is its day.
    """

    number: int
    row: ReadRow
    image: ImageRef | None
    step: int = 0

    def values(self) -> tuple[object, ...]:
        """Return the values of `ALL_COLUMNS`."""
        return (self.number, *self.row, *image_values(self.image))


class ReadWriter(Protocol):
    """The one writer of a store. Safe to call from several threads, though it is one thread's work; close it when done."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def append(
        self, *, batch: bytes, incoming: Sequence[Incoming], received: int, step: timedelta = A_DAY
    ) -> list[ReadRow]:
        """Store reads and return the new ones in the order given, repeats left out; on disk on return.

        Raises `StoreFull`; then, and on any other error, acknowledge nothing: what was stored stays pending, and a repeat
        completes the rest. `received` is the batch's time of receipt in microseconds. Reads of a `step` (a day, or whole
        minutes that part an hour) are disposed of together.
        """

    def settle(self, batch: bytes) -> None:
        """Say that a batch's hits and its ledger leaf are committed."""

    def unsettled(self) -> list[Unsettled]:
        """Return the batches still pending, oldest received first: to be matched again and completed."""

    def close(self) -> None:
        """Clear the marks of settled batches and let the next writer in."""


class ReadStore(Protocol):
    """The reads of a department. Days are UTC days of capture; times are microseconds since 1970."""

    def writer(self) -> ReadWriter:
        """Become the store's only writer until closed. Raises `WriterBusy`."""

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""

    def pending(self) -> dict[bytes, int]:
        """Return the batches that are marked as not settled, each with its time of receipt in microseconds.

        The mark of one that was settled goes with the writer's next transaction.
        """

    def search(
        self, terms: SearchTerms, *, before: Cursor | None = None, limit: int, seconds: float | None = None
    ) -> Page:
        """Return up to `limit` reads, newest first, going on after `before` (the last page's `next`).

        Raises `SearchTooWide` once it has taken so many seconds.
        """

    def recent(self, limit: int) -> list[StoredRead]:
        """Return the newest reads by time of capture."""

    def get(self, day: date, rowid: int) -> StoredRead | None:
        """Return one read; None when it is not, or no longer, stored."""

    def image(self, read: StoredRead) -> bytes:
        """Return a read's image, checked against its SHA-256. Raises `ImageMissing` or `ImageDamaged`."""

    def image_of(self, row: ReadRow) -> bytes | None:
        """Return the image that was stored with a row, None where it came without one or is gone."""

    def stored_together(self, row: ReadRow, *, count: int) -> list[ReadRow]:
        """Return the reads of a row's batch, which had so many, in their order, as far as they are stored still."""

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number, every revision counted; empty when there is no such day."""

    def overtaken(self, rows: Sequence[ReadRow]) -> set[int]:
        """Return the places of the rows, all of them stored, that do not count: another revision of their reads does."""

    def scan(
        self, windows: Sequence[Window], *, plates: Sequence[str] | None = None, seconds: float | None = None
    ) -> Iterator[Sightings]:
        """Give the sightings in windows, a day at a time, oldest first; of these folded plates alone where some are given.

        Windows overlap as they like: each sighting is given once, and of revisions the one that counts.
        Raises `SearchTooWide` once so many seconds have passed since the first day was asked for.
        """

    def arrived_until(self) -> int:
        """Return a number up to which every read is in sight, 0 in an empty store; later ones get higher numbers."""

    def arrivals(self, *, after: int, until: int) -> Iterator[Arrival]:
        """Give the readable reads with after < number <= until, in no order across days."""

    def leaving(self, day: date) -> Iterator[Leaving]:
        """Yield a day's reads as they are stored, in the order of their numbers, for another store to take over."""

    def seal(self, *, before: date, settled: Settled) -> dict[date, int]:
        """Bring the days before `before` into the form in which they are kept, as far as `settled` lets; say which."""

    def pieces(self, day: date) -> Iterator[Piece]:
        """Return what a backup copies of a day, to be asked for one at a time (`backups.ReadsToCopy`)."""

    def hide(self, day: date) -> None:
        """Take a day out of sight for good, on disk on return, however much it holds; `dispose` then removes it."""

    def dispose(self, day: date) -> DisposedDay:
        """Remove a day's reads and images for good (VI.k). Backups forget the day separately.

        Repeated, it tells the same until `settle_disposal`; what was begun anew meanwhile stays for the next disposal.
        """

    def dispose_until(self, moment: int) -> DisposedDay:
        """Remove for good, of the day of a moment, what was stored in steps under a day that have ended by then (VI.k).

        Repeated as `dispose` is.
        """

    def count_until(self, moment: int) -> dict[int, int]:
        """Return the reads per LPR number that `dispose_until` would remove."""

    def settle_disposal(self, day: date) -> None:
        """Say that what was disposed of, of a day, is on record, so that it is told no more."""

    def finish_disposals(self) -> list[DisposedDay]:
        """Finish what a crash interrupted and settle it all; what is on record as unfinished must be repeated before."""
