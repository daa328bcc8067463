"""The one writer of reads. A second one would wait for locks on every batch and could lose commits on old SQLite."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, Self

from platekeeper.server.storage.days import (
    DAYS_LOCK,
    IMAGE_COLUMNS,
    ROW_COLUMNS,
    DayMissing,
    day_folder,
    day_of,
    days_in,
    images_folder,
    open_for_writing,
    reading,
    reads_file,
    row_from,
)
from platekeeper.server.storage.errors import StoreFull, is_full
from platekeeper.server.storage.images import PackWriter
from platekeeper.server.storage.locks import LockFile, LockTaken, held
from platekeeper.server.storage.rows import Incoming, ReadRow

WRITER_LOCK = "writer.lock"
_MOST_OPEN = 8  # today, yesterday, and the days of late uploads

_COLUMNS = ROW_COLUMNS + IMAGE_COLUMNS
_INSERT = (
    f"INSERT INTO read ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    "ON CONFLICT (id, digest) DO NOTHING"
)
_values_of = attrgetter(*ROW_COLUMNS)


class WriterBusy(Exception):
    """Another process or thread writes reads into this store already."""


class Unsettled(NamedTuple):
    """A batch whose reads are stored, but which nobody said was settled.

    `rows` are those of its reads that were stored first by this batch.
    """

    batch: bytes
    received: int
    rows: list[ReadRow]


@dataclass(slots=True)
class _OpenDay:
    connection: sqlite3.Connection
    known: os.stat_result


class ReadWriter:
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
        self._open: OrderedDict[date, _OpenDay] = OrderedDict()  # last used last
        self._batch_days: dict[bytes, set[date]] = {}
        self._settled: dict[date, set[bytes]] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, *, batch: bytes, incoming: Sequence[Incoming], received: int) -> list[ReadRow]:
        """Store reads and return the new ones in the order given, repeats left out; on disk on return.

        One transaction per day, each noting the batch as pending until `settle`. Raises `StoreFull`; then, and on any
        other error, acknowledge nothing: days already done of this batch stay stored and pending, and a repeat
        completes the rest.
        """
        by_day: dict[date, list[Incoming]] = {}
        for arrival in incoming:
            if arrival.row.batch != batch or arrival.row.received != received:
                raise ValueError("Every read must carry its batch and the batch's time of receipt.")
            by_day.setdefault(day_of(arrival.row.at), []).append(arrival)
        stored: set[tuple[bytes, bytes]] = set()
        with self._one, held(self._folder / DAYS_LOCK):
            if self._closed:
                raise RuntimeError("This writer has been closed.")
            self._let_go_of_disposed()
            for day in sorted(by_day):
                try:
                    stored |= self._append_to(day, by_day[day], batch=batch, received=received)
                except (sqlite3.Error, OSError) as error:
                    if is_full(error):
                        raise StoreFull("The disk is full: no read of this batch is acknowledged.") from error
                    raise
        fresh: list[ReadRow] = []
        for arrival in incoming:
            key = arrival.row.id, arrival.row.digest
            if key in stored:
                stored.remove(key)
                fresh.append(arrival.row)
        return fresh

    def settle(self, batch: bytes) -> None:
        """Say that a batch's hits and its ledger leaf are committed.

        Its mark goes with the next transaction on its days, or at `close`: no sync of its own. A mark that a crash
        leaves behind comes back from `unsettled`, where the batch is found complete and settled again.
        """
        with self._one:
            for day in self._batch_days.pop(batch, ()):
                self._settled.setdefault(day, set()).add(batch)

    def unsettled(self) -> list[Unsettled]:
        """Return the batches still pending on any day, oldest received first: to be matched again and completed."""
        found: dict[bytes, Unsettled] = {}
        with self._one:
            for day in days_in(self._folder):
                try:
                    self._collect(day, found)
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
                    self._let_go_of_disposed()
                    for day in sorted(self._settled.keys() - self._open.keys()):
                        if day_folder(self._folder, day).exists():
                            self._day(day)
                    for day in list(self._open):
                        self._close_day(day)
            finally:
                self._lock.release()

    def _append_to(
        self,
        day: date,
        arrivals: Sequence[Incoming],
        *,
        batch: bytes,
        received: int,
    ) -> set[tuple[bytes, bytes]]:
        connection = self._day(day)
        packs = PackWriter(images_folder(day_folder(self._folder, day)))
        committing = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            fresh = _fresh(connection, arrivals)
            if not fresh:
                connection.execute("ROLLBACK")
                return set()
            last = connection.execute("SELECT coalesce(max(number), 0) FROM read").fetchone()[0]
            connection.executemany(_INSERT, [_values(arrival, packs) for arrival in fresh.values()])
            connection.execute(
                "INSERT INTO pending (batch, received, first, last) VALUES (?, ?, ?, ?)",
                (batch, received, last + 1, last + len(fresh)),
            )
            self._clear_settled(connection, day)
            packs.sync()
            committing = True
            connection.execute("COMMIT")
        except BaseException as error:
            # After a commit that failed otherwise than for want of room the rows may yet be found: keep their images.
            if not committing or is_full(error):
                packs.undo()
            self._forget(day)
            raise
        finally:
            packs.close()
        self._settled.pop(day, None)
        self._batch_days.setdefault(batch, set()).add(day)
        return set(fresh)

    def _collect(self, day: date, found: dict[bytes, Unsettled]) -> None:
        with reading(day_folder(self._folder, day)) as connection:
            marks = connection.execute("SELECT batch, received, first, last FROM pending").fetchall()
            for batch, received, first, last in marks:
                if batch in self._settled.get(day, ()):
                    continue
                rows = connection.execute(
                    f"SELECT {', '.join(_COLUMNS)} FROM read WHERE number BETWEEN ? AND ? ORDER BY number",
                    (first, last),
                )
                waiting = found.setdefault(batch, Unsettled(batch, received, []))
                waiting.rows.extend(row_from(values)[0] for values in rows)
                self._batch_days.setdefault(batch, set()).add(day)

    def _clear_settled(self, connection: sqlite3.Connection, day: date) -> None:
        batches = [(batch,) for batch in self._settled.get(day, ())]
        connection.executemany("DELETE FROM pending WHERE batch = ?", batches)

    def _day(self, day: date) -> sqlite3.Connection:
        if day not in self._open:
            folder = day_folder(self._folder, day)
            connection = open_for_writing(folder)
            self._open[day] = _OpenDay(connection, reads_file(folder).stat())
            while len(self._open) > _MOST_OPEN:
                self._close_day(next(iter(self._open)))
        self._open.move_to_end(day)
        return self._open[day].connection

    def _let_go_of_disposed(self) -> None:
        """Close files that are no longer in their place: they would hold the space, and swallow what is written."""
        for day, opened in list(self._open.items()):
            try:
                in_place = os.path.samestat(opened.known, reads_file(day_folder(self._folder, day)).stat())
            except (FileNotFoundError, NotADirectoryError):
                in_place = False
            if not in_place:
                self._forget(day)
                self._settled.pop(day, None)

    def _close_day(self, day: date) -> None:
        connection = self._open[day].connection
        try:
            if self._settled.get(day):
                connection.execute("BEGIN IMMEDIATE")
                self._clear_settled(connection, day)
                connection.execute("COMMIT")
                self._settled.pop(day)
        except sqlite3.Error:
            pass  # the marks come back from `unsettled`, and are settled again
        finally:
            self._forget(day)

    def _forget(self, day: date) -> None:
        opened = self._open.pop(day, None)
        if opened is not None:
            opened.connection.close()


def _fresh(connection: sqlite3.Connection, arrivals: Sequence[Incoming]) -> dict[tuple[bytes, bytes], Incoming]:
    fresh: dict[tuple[bytes, bytes], Incoming] = {}
    for arrival in arrivals:
        key = arrival.row.id, arrival.row.digest
        known = key in fresh or connection.execute("SELECT 1 FROM read WHERE id = ? AND digest = ?", key).fetchone()
        if not known:
            fresh[key] = arrival
    return fresh


def _values(arrival: Incoming, packs: PackWriter) -> tuple[object, ...]:
    values: tuple[object, ...] = _values_of(arrival.row)
    if arrival.image is None:
        return (*values, None, None, None, None)
    image = packs.add(arrival.image, lpr=arrival.row.lpr, at=arrival.row.at)
    return (*values, image.offset, image.length, image.sha256, image.media_type)
