"""What members did on the unit: looked plates up, took steps on alarms. Kept before it is shown, told to the department."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from typing import Any

from platekeeper.core.moments import moment_of
from platekeeper.field.handing import Pace, hand_over
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.spool import NOT_ASIDE, TAKEN_AFTER_ALL, Kind, Spool

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

        def send(acts: Sequence[dict[str, Any]]) -> None:
            if link.post("/api/unit/acts", json.dumps({"acts": acts}).encode()).json().get("taken") != len(acts):
                raise NotTaken("The answer does not account for every act.")
            with self._spool.changing() as rows:
                for act in acts:
                    rows.execute("UPDATE acts SET confirmed = ? WHERE uid = ?", (self._spool.now, act["uid"]))
                    rows.execute(TAKEN_AFTER_ALL, (Kind.ACT, act["uid"]))

        return hand_over(self._spool, Kind.ACT, self._waiting, send, which=lambda act: act["uid"], pace=Pace(_MOST))

    def _waiting(self, most: int) -> list[dict[str, Any]]:
        """Return what waits, in the order in which it was done, whatever a clock said meanwhile."""
        found = self._spool.rows(
            f"SELECT uid, at, kind, member, plate, said FROM acts WHERE confirmed IS NULL AND uid {NOT_ASIDE} "
            "ORDER BY rowid LIMIT ?", Kind.ACT, self._spool.now, most,
        )  # fmt: skip
        names = ("uid", "at", "kind", "member", "plate", "said")
        return [dict(zip(names, row, strict=True)) | {"at": moment_of(row[1]).isoformat()} for row in found]
