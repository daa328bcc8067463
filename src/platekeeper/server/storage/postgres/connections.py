"""Connections to the schema of the reads: the writer's own, and those that are lent to one reader after the other."""

from __future__ import annotations

import atexit
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.string import BytesBinaryDumper

from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.errors import SearchTooWide

Connection = psycopg.Connection[tuple[Any, ...]]

_MOST_IDLE = 4
_SURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """A database, as libpq's keywords name it, and the schema in it."""

    where: tuple[tuple[str, str], ...]
    schema: str

    def connect(self) -> Connection:
        """Open a connection that sees this schema alone and commits each statement by itself."""
        connection = psycopg.connect(**dict(self.where), autocommit=True, application_name="platekeeper reads")  # type: ignore[arg-type]
        # COPY looks for what writes bytea by its type, and would find the one in Python, for `psycopg.Binary`.
        connection.adapters.register_dumper(bytes, BytesBinaryDumper)
        try:
            connection.execute(f'SET search_path TO "{self.schema}"')
            # acknowledged is on disk, whatever the database's default
            connection.execute("SET synchronous_commit = on")
            connection.execute("SET jit = off")  # it costs more than any of these questions
        except BaseException:
            connection.close()
            raise
        return connection


class Reader:
    """Asks questions, all of them together within a time where one is given."""

    def __init__(self, connection: Connection, deadline: Deadline | None) -> None:
        self._connection, self._deadline = connection, deadline

    def rows(self, question: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows. Raises `SearchTooWide`, and `DayMissing` where a table is not, or no longer, there."""
        if self._deadline is not None:
            self._deadline.check()
            milliseconds = max(1, int(self._deadline.left * 1000))
            self._connection.execute("SELECT set_config('statement_timeout', %s, false)", (str(milliseconds),))
        try:
            with self._connection.cursor(binary=True) as cursor:
                return cursor.execute(question, values).fetchall()
        except errors.QueryCanceled as canceled:
            raise SearchTooWide from canceled
        except errors.UndefinedTable as gone:
            raise DayMissing(str(gone)) from gone

    def streamed(self, question: str, at_once: int) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a long answer, so many at once from the server, as they stood when it was asked."""
        try:
            with self._connection.transaction(), self._connection.cursor("rows", binary=True) as cursor:
                cursor.itersize = at_once
                yield from cursor.execute(question)
        except errors.UndefinedTable as gone:
            raise DayMissing(str(gone)) from gone


_idle: deque[tuple[float, Place, Connection]] = deque()  # the longest idle first
_lock = Lock()
_abandoned: list[object] = []


@contextmanager
def reading(place: Place, *, seconds: float | None = None) -> Iterator[Reader]:
    """Lend a connection for a block; its questions take so many seconds at most, together."""
    connection = _taken(place) or place.connect()
    try:
        yield Reader(connection, None if seconds is None else Deadline(seconds))
        if seconds is not None:
            connection.execute("SET statement_timeout = 0")
    except BaseException:
        connection.close()
        raise
    with _lock:
        _idle.append((time.monotonic(), place, connection))
        closed = [_idle.popleft() for _ in range(len(_idle) - _MOST_IDLE)]
    for _, _, each in closed:
        each.close()


def close_idle() -> None:
    """Close what nobody uses now."""
    with _lock:
        closed = list(_idle)
        _idle.clear()
    for _, _, connection in closed:
        connection.close()


def _taken(place: Place) -> Connection | None:
    """Return the connection that was used last and lives still; the server may have restarted since, or closed it."""
    while True:
        with _lock:
            found = next((kept for kept in reversed(_idle) if kept[1] == place), None)
            if found is None:
                return None
            _idle.remove(found)
        since, _, connection = found
        try:
            if time.monotonic() - since > _SURE_SECONDS:
                connection.execute("SELECT")
            return connection
        except psycopg.OperationalError:
            connection.close()


def _begin_anew() -> None:
    """Leave to the parent process what it has open."""
    global _lock
    _lock = Lock()
    _abandoned.append(list(_idle))
    _idle.clear()


atexit.register(close_idle)
os.register_at_fork(after_in_child=_begin_anew)
