"""The files of several days, each opened once for the length of one search, so that all of it sees one moment of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from platekeeper.server.storage.days import DayMissing, day_folder
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.sqlite.layout import HourFile, sealed_path
from platekeeper.server.storage.sqlite.lending import lent
from platekeeper.server.storage.sqlite.reading import files_of

Files = Mapping[HourFile | None, sqlite3.Connection]
"""Connections by hour file; None is the sealed file."""


class OpenDays:
    """The days of a store that somebody looks into, until a deadline; closes them at the end of its block.

    What is asked of a file after the deadline ends the block with `SearchTooWide`.
    """

    def __init__(self, store: Path, deadline: Deadline | None = None) -> None:
        self.store = store
        self.deadline = deadline or Deadline(None)
        self._open: dict[date, tuple[frozenset[int], Files]] = {}
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._files.__exit__(kind, error, at)  # files that something went wrong with are not lent on

    def files(self, day: date, hours: Collection[int]) -> Files:
        """Return the files of a day that may hold reads of these hours, and perhaps of others; none without such a day."""
        self.deadline.check()
        known = self._open.get(day)
        if known is not None and known[0].issuperset(hours):
            return known[1]
        try:
            files = self._files.enter_context(files_of(day_folder(self.store, day), hours=hours, sealed_file=lent))
            self._files.enter_context(self.deadline.over(files.values()))
        except DayMissing:
            files = {}
        self._open[day] = (frozenset(hours), files)
        return files

    def sealed_file(self, day: date) -> sqlite3.Connection | None:
        """Return the sealed file of a day that has no hour files; None without such a file."""
        self.deadline.check()
        connection = self._files.enter_context(lent(sealed_path(self.store, day)))
        if connection is not None:
            self._files.enter_context(self.deadline.over([connection]))
            self._open[day] = (frozenset(range(24)), {None: connection})
        return connection
