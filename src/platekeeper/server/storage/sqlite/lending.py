"""Connections to sealed files, lent to one search after the other: to open one costs ten times what it costs to ask it.

What nobody asked for half a minute is closed, so a day that is disposed of is not held any longer than that.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import NamedTuple

from platekeeper.server.storage.sqlite.engine import open_for_reading

_SECONDS = 30.0
_MOST = 100  # files that are kept open


class _Kept(NamedTuple):
    connection: sqlite3.Connection
    state: os.stat_result
    since: float


_kept: OrderedDict[str, _Kept] = OrderedDict()  # the longest kept first
_lock = Lock()
_waiting = False  # whether `_close_old` will be called
_abandoned: list[object] = []


@contextmanager
def lent(file: Path | str) -> Iterator[sqlite3.Connection | None]:
    """Lend a connection at one moment of a file; None where there is no such file."""
    name = os.fspath(file)
    connection = _taken(name) or open_for_reading(Path(name))
    try:
        yield connection
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    if connection is not None:
        connection.execute("ROLLBACK")
        _keep(name, connection)


def _taken(file: str) -> sqlite3.Connection | None:
    with _lock:
        kept = _kept.pop(file, None)
    if kept is None:
        return None
    try:
        if os.path.samestat(kept.state, os.stat(file)):  # noqa: PTH116 - a path takes ten times as long to make
            kept.connection.execute("BEGIN")
            return kept.connection
    except (OSError, sqlite3.Error):
        pass
    kept.connection.close()
    return None


def _keep(file: str, connection: sqlite3.Connection) -> None:
    try:
        state = os.stat(file)  # noqa: PTH116
    except OSError:  # disposed of meanwhile
        connection.close()
        return
    with _lock:
        _close_later()
        before = _kept.pop(file, None)
        _kept[file] = _Kept(connection, state, time.monotonic())
        closed = [before] if before else []
        while len(_kept) > _MOST:
            closed.append(_kept.popitem(last=False)[1])
    for each in closed:
        each.connection.close()


def _close_later() -> None:
    global _waiting
    if _waiting:
        return
    _waiting = True
    timer = Timer(_SECONDS / 2, _close_old)
    timer.daemon = True
    timer.start()


def _close_old() -> None:
    global _waiting
    old = []
    with _lock:
        _waiting = False
        while _kept and next(iter(_kept.values())).since < time.monotonic() - _SECONDS:
            old.append(_kept.popitem(last=False)[1])
        if _kept:
            _close_later()
    for each in old:
        each.connection.close()


def _begin_anew() -> None:
    """Leave to the parent process what it has open: SQLite's connections cannot be shared or closed by a child."""
    global _lock, _waiting
    _lock, _waiting = Lock(), False
    _abandoned.append(dict(_kept))
    _kept.clear()


os.register_at_fork(after_in_child=_begin_anew)
