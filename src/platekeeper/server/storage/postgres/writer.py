"""The one writer of reads: rows go by binary COPY straight into their partition, a batch in one transaction.

A repeat makes COPY fail on the unique index; then the store is asked first which reads are new, as it is whenever images
come along, or a day has steps, too. There is one writer, which an advisory lock holds for as long as its connection lives,
so nothing comes between the question and the answer's use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, Self

from psycopg import errors

from platekeeper.server.storage.columns import ROW_COLUMNS, image_values
from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.errors import full_disk_named
from platekeeper.server.storage.postgres.connections import Connection, Place, Reader
from platekeeper.server.storage.postgres.copying import copy_rows
from platekeeper.server.storage.postgres.packing import Packs
from platekeeper.server.storage.postgres.parts import Part, length_of, make_part, parts_between
from platekeeper.server.storage.postgres.repeats import Numbered, unstored
from platekeeper.server.storage.postgres.schema import ensure
from platekeeper.server.storage.reads import A_DAY, Unsettled, WriterBusy
from platekeeper.server.storage.rows import Incoming, ReadRow
from platekeeper.server.storage.steps import minutes_of

_WARY = 100
_PATIENCE = 3.0  # seconds: the server learns a moment later that a writer was killed, on a busy machine some moments
NOTE_PENDING = (
    "INSERT INTO pending AS known (batch, received, first, last) VALUES (%s, %s, %s, %s) ON CONFLICT (batch) DO UPDATE "
    "SET first = least(known.first, excluded.first), last = greatest(known.last, excluded.last)"
)
_TOUCH = (
    f"WITH settled AS (DELETE FROM pending WHERE batch = ANY(%s)), noted AS ({NOTE_PENDING}) "
    "UPDATE part SET last = %s WHERE name = ANY(%s) AND NOT disposing RETURNING name"
)
"""All that a batch says besides its rows. No disposal begins between this and the commit."""

_ByPart = dict[Part, list[Numbered]]


class _Batch(NamedTuple):
    name: bytes
    received: int
    step: int


class _PartGone(Exception):
    """A part was disposed of since it was looked up."""


class PostgresWriter:
    """Appends reads durably. Safe to call from several threads, though it is one thread's work; close it when done."""

    def __init__(self, place: Place, folder: Path) -> None:
        """Become the store's writer. Raises `WriterBusy` and `StoreUnready`."""
        self._place, self._folder = place, folder
        self._one = threading.Lock()
        self._closed = False
        self._wary = 0  # for so many batches the store is asked first, as there have been repeats lately
        self._settled: set[bytes] = set()
        self._parts: dict[tuple[int, int], Part] = {}  # by step and beginning
        self._last = 0
        self._connection = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(
        self, *, batch: bytes, incoming: Sequence[Incoming], received: int, step: timedelta = A_DAY
    ) -> list[ReadRow]:
        """Store reads in one transaction and return the new ones in the order given; on disk on return.

        Raises `StoreFull`; then, and on any other error, acknowledge nothing. Reads of a `step` (a day, or whole minutes
        that part an hour) are disposed of together.
        """
        with full_disk_named(), self._turn():
            # Later reads have higher numbers, though the clock be set back.
            first = max(received, self._last + 1)
            self._last = first + len(incoming)
            stored = self._append(list(enumerate(incoming, first)), _Batch(batch, received, minutes_of(step)))
        if len(stored) == len(incoming):
            return [arrival.row for arrival in incoming]
        return [arrival.row for _, arrival in stored]

    def settle(self, batch: bytes) -> None:
        """Say that a batch's hits and its ledger leaf are committed; its mark goes with the next transaction."""
        with self._one:
            self._settled.add(batch)

    def unsettled(self) -> list[Unsettled]:
        """Return the batches still pending, oldest received first."""
        columns = ", ".join(ROW_COLUMNS)
        found = []
        with self._turn():
            reader = Reader(self._connection, None)
            parts = parts_between(reader)
            for batch, received, first, last in reader.rows("SELECT * FROM pending ORDER BY received, first"):
                if batch in self._settled:
                    continue
                rows: list[tuple[int, ReadRow]] = []
                for part in parts:
                    if part.last >= first:
                        question = (
                            f"SELECT number, {columns} FROM {part.name} WHERE number BETWEEN %s AND %s AND batch = %s"
                        )
                        rows += (
                            (row[0], ReadRow._make(row[1:])) for row in reader.rows(question, (first, last, batch))
                        )
                found.append(Unsettled(batch, received, [row for _, row in sorted(rows)]))
        return found

    def close(self) -> None:
        """Clear the marks of settled batches and let the next writer in."""
        with self._one:
            if self._closed:
                return
            self._closed = True
            try:
                if not self._connection.closed:
                    self._connection.execute("DELETE FROM pending WHERE batch = ANY(%s)", (list(self._settled),))
                    self._connection.execute("SELECT pg_advisory_unlock_all()")  # at once: the server ends a bit later
            finally:
                self._connection.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one thread go on at a time, with a new connection where the last one was lost."""
        with self._one:
            if self._closed:
                raise RuntimeError("This writer has been closed.")
            if self._connection.closed:
                self._connection = self._connected()
            yield

    def _connected(self) -> Connection:
        connection = self._place.connect()
        try:
            ensure(connection, self._place.schema)
            take_the_pen(connection, self._place)
            self._look_up(connection)
            self._last = max([self._last, *(part.last for part in self._parts.values())])
        except BaseException:
            connection.close()
            raise
        return connection

    def _look_up(self, connection: Connection) -> None:
        self._parts = {(part.step, part.since): part for part in parts_between(Reader(connection, None))}

    def _append(self, reads: list[Numbered], batch: _Batch) -> list[Numbered]:
        """Store what is new of these reads and return it."""
        while True:
            by_part = self._by_part(reads, batch.step)
            others = {part: self._sharing_time_with(part) for part in by_part}
            try:
                if not self._wary and not any(others.values()) and all(arrival.image is None for _, arrival in reads):
                    try:
                        self._store(by_part, batch)
                    except errors.UniqueViolation:
                        self._wary = _WARY
                    else:
                        return reads
                self._wary = max(self._wary - 1, 0)
                reader = Reader(self._connection, None)
                new = {part: unstored(reader, [part, *others[part]], some) for part, some in by_part.items()}
                self._store({part: some for part, some in new.items() if some}, batch)
                return sorted(read for some in new.values() for read in some)
            except (_PartGone, DayMissing):
                self._look_up(self._connection)

    def _by_part(self, reads: list[Numbered], step: int) -> _ByPart:
        """Return the reads by the part that they belong to, making those that are missing."""
        length = length_of(step)
        by_beginning: dict[int, list[Numbered]] = {}
        for read in reads:
            at = read[1].row.at
            by_beginning.setdefault(at - at % length, []).append(read)
        if any((step, since) not in self._parts for since in by_beginning):
            self._look_up(self._connection)  # where a try was cut off, one may have been made unknown to us
        for since in by_beginning:
            if (step, since) not in self._parts:
                make_part(self._connection, since, step)
                self._look_up(self._connection)
        return {self._parts[step, since]: some for since, some in by_beginning.items()}

    def _sharing_time_with(self, part: Part) -> list[Part]:
        """Return the other parts that may hold reads of the same time: a period of the policy has changed."""
        shared = (other for other in self._parts.values() if other.step != part.step)
        return [other for other in shared if other.reaches_into(part.since, part.until)]

    def _store(self, by_part: _ByPart, batch: _Batch) -> None:
        """Store new reads in one transaction. Raises `UniqueViolation` where one is not new, and `_PartGone`."""
        if not by_part:
            return
        numbers = [some[place][0] for some in by_part.values() for place in (0, -1)]
        names = [part.name for part in by_part]
        told = (list(self._settled), batch.name, batch.received, min(numbers), max(numbers), max(numbers), names)
        with Packs() as packs:
            with self._connection.transaction():
                if self._connection.execute(_TOUCH, told).rowcount < len(names):
                    raise _PartGone
                for part, reads in by_part.items():
                    place = part.place(self._folder)
                    rows = [
                        (number, *arrival.row[:-1], batch.name, *image_values(packs.add(place, arrival)), part.step)
                        for number, arrival in reads
                    ]
                    copy_rows(self._connection, part, rows)
                packs.sync()
            self._settled.clear()


def take_the_pen(connection: Connection, place: Place) -> None:
    """Make a connection, for as long as it lives, that of the store's one writer. Raises `WriterBusy`."""
    name, until = f"{place.schema} writer", time.monotonic() + _PATIENCE
    while True:
        taken = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        if taken == (True,):
            return
        if time.monotonic() > until:
            raise WriterBusy("Another process writes reads into this database already.")
        time.sleep(_PATIENCE / 10)
