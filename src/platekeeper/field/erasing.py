"""What the department has is erased from the unit after a while, as its policy has it; what it may not have, never (V.b).

By whichever clock: a wrong one erases sooner or later what the department has, and nothing else.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from platekeeper.field.spool import Spool

_AT_A_TIME = 20
"""Reads: the room that erasing takes for itself, until it is through, must be there on a disk that is nearly full."""


def erase(spool: Spool, *, after: timedelta) -> int:
    """Erase the reads that the department has had for so long, their pictures and alarms, and what was entered
    and done here that it knows of; return how many reads."""
    until = spool.now - after // timedelta(microseconds=1)
    with spool.changing() as rows:
        for table, known in (("acts", "confirmed <= ?"), ("entries", "state != 'waiting' AND made <= ?")):
            if table in _there(rows):
                rows.execute(f"DELETE FROM {table} WHERE {known}", (until,))
    return _erase(spool, "confirmed <= ? ORDER BY number", until, most=None)


def make_room(spool: Spool, *, reads: int = _AT_A_TIME) -> int:
    """Erase the oldest reads that the department has, however short a time: a full disk would cost those to come."""
    return _erase(spool, "? ORDER BY confirmed, number", 1, most=reads)


def _erase(spool: Spool, which: str, fact: int, *, most: int | None) -> int:
    erased = 0
    while most is None or erased < most:
        with spool.changing() as rows:
            chosen = rows.execute(
                f"SELECT number FROM reads WHERE outcome IS NOT NULL AND {which} LIMIT ?", (fact, _AT_A_TIME)
            ).fetchall()
            for table in _tables(rows):
                rows.executemany(f"DELETE FROM {table} WHERE number = ?", chosen)
        erased += len(chosen)
        if len(chosen) < _AT_A_TIME:
            break
    if erased:
        spool.rows("PRAGMA incremental_vacuum")
    return erased


def _tables(rows: sqlite3.Connection) -> list[str]:
    """Return the tables that name reads, the reads themselves last."""
    tables = ("alarm_steps", "alarms", "bundled", "pictures", "revisions", "reads")
    return [table for table in tables if table in _there(rows)]


def _there(rows: sqlite3.Connection) -> set[str]:
    return {name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
