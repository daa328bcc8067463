"""Processes that kill themselves with -9 at one of their steps.

A step is each SQL statement of Django and each of SQLite itself, each commit, each flush, and each renaming or removal
of a file, before it and after it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch


class Steps:
    """Counts the steps that reach a disk, and kills this process at one of them; at 0 it only counts."""

    def __init__(self, at: int) -> None:
        self.count, self._at = 0, at

    def reach(self) -> None:
        """Come to a step."""
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, do: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is a step, and what is after it one more."""

        def step(*given: Any, **named: Any) -> Any:
            self.reach()
            done = do(*given, **named)
            self.reach()
            return done

        return step

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the steps of this process, in all its threads, while in the block."""
        from django.db import connection

        def statement(execute: Callable[..., Any], *given: Any) -> Any:
            self.reach()
            return execute(*given)

        with ExitStack() as patches:
            patches.enter_context(connection.execute_wrapper(statement))
            patches.enter_context(patch.object(connection, "_commit", self.around(connection._commit)))  # type: ignore[attr-defined]
            patches.enter_context(patch("sqlite3.connect", self._connect(sqlite3.connect)))
            for owner, name in (
                (os, "fsync"), (Path, "replace"), (Path, "rename"), (Path, "unlink"), (shutil, "rmtree"),
            ):  # fmt: skip
                patches.enter_context(patch.object(owner, name, self.around(getattr(owner, name))))
            yield

    def _connect(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        reach = self.reach

        class Stepping(sqlite3.Connection):
            def execute(self, *given: Any) -> sqlite3.Cursor:
                reach()
                return super().execute(*given)

        return lambda *given, **named: connect(*given, **{"factory": Stepping} | named)


def in_a_child(do: Callable[[], None]) -> int:
    """Do something in a forked process; return how it ended, minus the signal if it was killed."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        do()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def live_in(place: Path) -> None:
    """Make `place` this process's home."""
    from django.conf import settings
    from django.db import connection

    from platekeeper.server.storage.home import Home

    settings.HOME = Home(place)
    connection.settings_dict["NAME"] = str(settings.HOME.records)
