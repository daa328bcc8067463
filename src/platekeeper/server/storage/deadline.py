"""How long a search may take: it stops by itself, and what it had open can be used on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic

from platekeeper.server.storage.errors import SearchTooWide

_STEPS = 10_000  # of SQLite's machine, between two looks at the clock: about a millisecond


class Deadline:
    """A moment that begins so many seconds from now; never without a number."""

    def __init__(self, seconds: float | None) -> None:
        self._ends = inf if seconds is None else monotonic() + seconds

    @property
    def left(self) -> float:
        """How many seconds are left, none or less once it is over: what a further search of the same question gets."""
        return self._ends - monotonic()

    def check(self) -> None:
        """Raise `SearchTooWide` once it is over."""
        if self.left <= 0:
            raise SearchTooWide

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
                raise SearchTooWide from error
            raise
        finally:
            for connection in watched:
                connection.set_progress_handler(None, 0)
