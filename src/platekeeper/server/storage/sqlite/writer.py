"""The one writer of reads. A second one would wait for locks on every batch and could lose commits on old SQLite."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from platekeeper.server.storage.columns import ROW_COLUMNS
from platekeeper.server.storage.days import (
    MICROSECONDS_A_MINUTE,
    MICROSECONDS_AN_HOUR,
    DayMissing,
    day_folder,
    images_folder,
)
from platekeeper.server.storage.errors import full_disk_named, is_full
from platekeeper.server.storage.images import PackWriter
from platekeeper.server.storage.locks import LockFile, LockTaken, held
from platekeeper.server.storage.reads import A_DAY, Unsettled, WriterBusy
from platekeeper.server.storage.rows import Incoming, ReadRow
from platekeeper.server.storage.sqlite.engine import has_table
from platekeeper.server.storage.sqlite.hours import Hour, OpenHours
from platekeeper.server.storage.sqlite.inserting import insert, unstored
from platekeeper.server.storage.sqlite.layout import DAYS_LOCK, days_in
from platekeeper.server.storage.sqlite.reading import files_of, reading
from platekeeper.server.storage.steps import minutes_of

WRITER_LOCK = "writer.lock"


class _Batch(NamedTuple):
    """A batch on its way in; the read at place 0 has the number `first`."""

    name: bytes
    received: int
    first: int
    incoming: Sequence[Incoming]


class SqliteWriter:
    """Appends reads durably. Safe to call from several threads, though it is one thread's work; close it when done."""

    def __init__(self, folder: Path) -> None:
        """Become the store's writer. Raises `WriterBusy`."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        try:
            self._lock = LockFile(folder / WRITER_LOCK, wait=False)
        except LockTaken as taken:
            raise WriterBusy("Another process writes reads into this folder already.") from taken
        self._folder = folder
        self._one = threading.Lock()
        self._closed = False
        try:
            self._last = _last_number(folder)
            self._hours = OpenHours(folder)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(
        self, *, batch: bytes, incoming: Sequence[Incoming], received: int, step: timedelta = A_DAY
    ) -> list[ReadRow]:
        """Store reads and return the new ones in the order given, repeats left out; on disk on return.

        One transaction per hour of capture, each noting the batch as pending until `settle`. Raises `StoreFull`; then,
        and on any other error, acknowledge nothing: hours already done of this batch stay stored and pending, and a
        repeat completes the rest. `received` is the batch's time of receipt in microseconds. Reads of a `step` (a day, or
        whole minutes that part an hour) are disposed of together.
        """
        lasts = minutes_of(step)
        unit = lasts * MICROSECONDS_A_MINUTE or MICROSECONDS_AN_HOUR
        by_hour: dict[int, list[int]] = {}
        for place, arrival in enumerate(incoming):
            by_hour.setdefault(arrival.row.at // unit, []).append(place)
        new: list[int] = []
        with self._one, held(self._folder / DAYS_LOCK):
            if self._closed:
                raise RuntimeError("This writer has been closed.")
            # Later reads have higher numbers, also across files and days, and though the clock be set back.
            numbered = _Batch(batch, received, first=max(received, self._last + 1), incoming=incoming)
            self._last = numbered.first + len(incoming)
            self._hours.let_go()
            for since in sorted(by_hour):
                with full_disk_named():
                    new += self._append_to(Hour.since(since * unit, lasts=lasts), by_hour[since], numbered)
        if len(new) == len(incoming):
            return [arrival.row for arrival in incoming]
        return [incoming[place].row for place in sorted(new)]

    def settle(self, batch: bytes) -> None:
        """Say that a batch's hits and its ledger leaf are committed.

        Its mark goes with the next transaction on its hours, or at `close`: no sync of its own. A mark that a crash
        leaves behind comes back from `unsettled`, where the batch is found complete and settled again.
        """
        with self._one:
            self._hours.settle(batch)

    def unsettled(self) -> list[Unsettled]:
        """Return the batches still pending in any hour, oldest received first: to be matched again and completed."""
        found: dict[bytes, Unsettled] = {}
        with self._one:
            for day in days_in(self._folder):
                try:
                    self._collect_pending(day, found)
                except DayMissing:
                    continue
        return sorted(found.values(), key=lambda batch: batch.received)

    def close(self) -> None:
        """Clear the marks of settled batches, close every file and let the next writer in."""
        with self._one:
            if self._closed:
                return
            self._closed = True
            try:
                with held(self._folder / DAYS_LOCK):
                    self._hours.close()
            finally:
                self._lock.release()

    def _append_to(self, hour: Hour, places: Sequence[int], batch: _Batch) -> list[int]:
        """Store the reads at these places, all of one hour, in one transaction; return the places of the new ones."""
        opened = self._hours.open(hour, generation=batch.first)
        packs = PackWriter(images_folder(opened.file.place(opened.folder)))
        committing = False
        try:
            opened.connection.execute("BEGIN IMMEDIATE")
            chosen = [(batch.first + place, batch.incoming[place]) for place in places]
            numbers = insert(opened.connection, unstored(opened, chosen), batch=batch.name, packs=packs)
            if not numbers:
                opened.connection.execute("ROLLBACK")
                packs.undo()
                return []
            opened.connection.execute(
                "INSERT INTO pending (batch, received, first, last) VALUES (?, ?, ?, ?)",
                (batch.name, batch.received, numbers[0], numbers[-1]),
            )
            self._hours.clear_settled(opened)
            packs.sync()
            committing = True
            opened.connection.execute("COMMIT")
        except BaseException as error:
            # After a commit that failed otherwise than for want of room the rows may yet be found: keep their images.
            if not committing or is_full(error):
                packs.undo()
            self._hours.forget(opened)
            raise
        finally:
            packs.close()
        self._hours.committed(opened)
        self._hours.pending(batch.name, opened.hour, opened.file)
        return [number - batch.first for number in numbers]

    def _collect_pending(self, day: date, found: dict[bytes, Unsettled]) -> None:
        columns, settled = ", ".join(ROW_COLUMNS), self._hours.settled()
        folder = day_folder(self._folder, day)
        with files_of(folder) as files:
            for file, connection in files.items():
                if not has_table(connection, "pending"):
                    continue
                marks = connection.execute("SELECT batch, received, first, last FROM pending").fetchall()
                for batch, received, first, last in marks:
                    if batch in settled:
                        continue
                    rows = connection.execute(
                        f"SELECT {columns} FROM read WHERE number BETWEEN ? AND ? ORDER BY number", (first, last)
                    )
                    waiting = found.setdefault(batch, Unsettled(batch, received, []))
                    waiting.rows.extend(ReadRow._make(values) for values in rows)
                    if file is not None:
                        self._hours.pending(batch, Hour.of(folder.name, file), file)


def _last_number(folder: Path) -> int:
    """Return the highest number given so far, 0 in an empty store."""
    last = 0
    for day in days_in(folder):
        try:
            with reading(day_folder(folder, day)) as connections:
                found = (each.execute("SELECT max(number) FROM read").fetchone()[0] for each in connections)
                last = max(last, *(number or 0 for number in found), 0)
        except DayMissing:
            continue
    return last
