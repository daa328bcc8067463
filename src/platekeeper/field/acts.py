"""What members did on the unit: looked plates up, took steps on alarms. Kept before it is shown, told to the department."""

from __future__ import annotations

import json
import secrets
import sqlite3

from platekeeper.core.moments import moment_of
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.spool import Spool

_SCHEMA = """
CREATE TABLE IF NOT EXISTS acts (
    uid TEXT PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, member TEXT NOT NULL, plate TEXT NOT NULL,
    said TEXT NOT NULL, confirmed INTEGER
);
"""
_MOST = 200


class Acts:
    """The acts of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        spool.make(_SCHEMA)

    def insert(self, rows: sqlite3.Connection, *, kind: str, member: str, plate: str, said: str) -> None:
        """Take an act down inside the caller's transaction."""
        rows.execute(
            "INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (secrets.token_hex(16), self._spool.now, kind, member, plate, said),
        )

    def hand_in(self, link: Link) -> int:
        """Tell the department of the acts that it does not know of; return how many. Raises `NotTaken`."""
        told = 0
        while waiting := self._spool.rows(
            "SELECT uid, at, kind, member, plate, said FROM acts WHERE confirmed IS NULL ORDER BY at LIMIT ?", _MOST
        ):
            acts = [
                {
                    "uid": uid,
                    "at": moment_of(at).isoformat(),
                    "kind": kind,
                    "member": member,
                    "plate": plate,
                    "said": said,
                }
                for uid, at, kind, member, plate, said in waiting
            ]
            if link.post("/api/unit/acts", json.dumps({"acts": acts}).encode()).json().get("taken") != len(acts):
                raise NotTaken("The answer does not account for every act.")
            with self._spool.changing() as rows:
                rows.executemany(
                    "UPDATE acts SET confirmed = ? WHERE uid = ?", [(self._spool.now, act["uid"]) for act in acts]
                )
            told += len(acts)
        return told
