"""How long a search may take: it stops by itself, or when who waits for it says so; what it had open can be used on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from threading import Event
from time import monotonic

from platekeeper.server.storage.errors import SearchStopped, SearchTooWide

_stopped: ContextVar[Event | None] = ContextVar("stopped", default=None)
_waited_for: dict[Event, int] = {}
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock: about a millisecond


class Deadline:
    """A moment that begins so many seconds from now; never without a number."""

    def __init__(self, seconds: float | None) -> None:
        self._ends = inf if seconds is None else monotonic() + seconds
        self._stopped = _stopped.get() or Event()

    @property
    def left(self) -> float:
        """How many seconds are left, none or less once it is over: what a further search of the same question gets."""
        return 0.0 if self._stopped.is_set() else self._ends - monotonic()

    def check(self) -> None:
        """Raise `SearchTooWide` once it is over, `SearchStopped` where somebody stopped it."""
        if self.left <= 0:
            raise self._why()

    def _why(self) -> SearchTooWide:
        return SearchStopped() if self._stopped.is_set() else SearchTooWide()

    @contextmanager
    def over(self, connections: Iterable[sqlite3.Connection]) -> Iterator[None]:
        """Interrupt what these connections are asked within the block once it is over. Raises `SearchTooWide`.

        They may be lent to somebody else afterwards, so nothing of it stays on them.
        """
        watched = [] if self._ends == inf else list(connections)
        try:
            for connection in watched:
                connection.set_progress_handler(lambda: self.left <= 0, _STEPS)
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise self._why() from error
            raise
        finally:
            for connection in watched:
                connection.set_progress_handler(None, 0)


@contextmanager
def stoppable(person: int) -> Iterator[None]:
    """Let every search that begins within the block be one that this person waits for, and may stop."""
    stopped = Event()
    _waited_for[stopped] = person
    begun = _stopped.set(stopped)
    try:
        yield
    finally:
        _stopped.reset(begun)
        del _waited_for[stopped]


def stop(person: int) -> None:
    """Stop what a person waits for in this process; elsewhere it ends at its deadline."""
    for stopped, who in list(_waited_for.items()):
        if who == person:
            stopped.set()
