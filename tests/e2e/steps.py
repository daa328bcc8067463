"""Processes that kill themselves with -9 at one of their steps, or whose disk fails them there once.

A step is each SQL statement of Django, of SQLite and of psycopg, each commit, each flush, and each renaming or removal of a
file, before it and after it.
"""

from __future__ import annotations

import errno
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

from tests.e2e.steps_on_postgresql import Patch, steps_on_postgresql

_OF_FILES = ((os, "fsync"), (Path, "replace"), (Path, "rename"), (Path, "unlink"), (shutil, "rmtree"))


class Steps:
    """Counts the steps that reach a disk, and kills this process at one of them; at 0 it only counts.

    With an error number (ENOSPC, EIO) that step fails instead, in the way of whoever takes it.
    """

    def __init__(self, at: int, *, failing: int = 0) -> None:
        self.count, self._at, self._failing = 0, at, failing

    def reach(self, error: Callable[[int], Exception] | None = None) -> None:
        """Come to a step; `error` makes the exception of an error number."""
        self.count += 1
        if not self.is_it():
            return
        if not self._failing:
            os.kill(os.getpid(), signal.SIGKILL)
        raise (error or _of_a_file)(self._failing)

    def is_it(self) -> bool:
        """Say whether the step that was reached is the one."""
        return self.count == self._at

    def around(self, do: Callable[..., Any], error: Callable[[int], Exception] | None = None) -> Callable[..., Any]:
        """Return a function that is a step, and what is after it one more."""

        def step(*given: Any, **named: Any) -> Any:
            self.reach(error)
            done = do(*given, **named)
            self.reach(error)
            return done

        return step

    def statement(self, execute: Callable[..., Any], *given: Any) -> Any:
        """Execute a statement of Django's, which is a step."""
        self.reach(_of_the_records)
        return execute(*given)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the steps of this process, in all its threads, while in the block."""
        from django.db import connection

        with ExitStack() as patches:
            for owner, name, step in (
                *((owner, name, self.around(getattr(owner, name))) for owner, name in _OF_FILES),
                *(steps_on_postgresql(self.reach) if connection.vendor == "postgresql" else self._on_sqlite(patches)),
                (sqlite3, "connect", self._connect(sqlite3.connect)),
            ):
                patches.enter_context(patch.object(owner, name, step))
            yield

    def _on_sqlite(self, patches: ExitStack) -> Iterator[Patch]:
        from django.db import connection

        patches.enter_context(connection.execute_wrapper(self.statement))
        yield connection, "_commit", self.around(connection._commit, _of_the_records)  # type: ignore[attr-defined]

    def _connect(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        reach = self.reach

        class Stepping(sqlite3.Connection):
            def execute(self, *given: Any) -> sqlite3.Cursor:
                reach(_of_sqlite)
                return super().execute(*given)

        return lambda *given, **named: connect(*given, **{"factory": Stepping} | named)


def _of_a_file(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _of_sqlite(number: int) -> sqlite3.OperationalError:
    full = number == errno.ENOSPC
    error = sqlite3.OperationalError("database or disk is full" if full else "disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL if full else sqlite3.SQLITE_IOERR
    return error


def _of_the_records(number: int) -> Exception:
    from django.db import OperationalError

    return OperationalError(str(_of_sqlite(number)))


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
