"""Alarms in the car: what a read matched, and the steps that were taken on it (VII.e). They lie with the reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from platekeeper.core.categories import HitAction
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.field.acts import Acts
from platekeeper.field.sighting import Sighting
from platekeeper.field.spool import ALARM, OTHER, SILENT, Spool

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alarms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL REFERENCES reads, key TEXT NOT NULL, plate TEXT NOT NULL,
    raised INTEGER NOT NULL, silent INTEGER NOT NULL, hit TEXT NOT NULL, UNIQUE (number, key)
);
CREATE INDEX IF NOT EXISTS alarms_of_a_vehicle ON alarms (key, plate, raised);
CREATE TABLE IF NOT EXISTS alarm_steps (
    alarm INTEGER NOT NULL REFERENCES alarms, number INTEGER NOT NULL, step TEXT NOT NULL, at INTEGER NOT NULL,
    UNIQUE (alarm, step)
);
"""
MINUTE = 60_000_000


class Step(StrEnum):
    """What was done on an alarm. The image comes first, dispatch next, and a stop after both (VII.e)."""

    IMAGE_VERIFIED = "image_verified"
    IMAGE_DIFFERS = "image_differs"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


MAY_FOLLOW: dict[frozenset[Step], frozenset[Step]] = {
    frozenset(): frozenset({Step.IMAGE_VERIFIED, Step.IMAGE_DIFFERS}),
    frozenset({Step.IMAGE_VERIFIED}): frozenset({Step.CONFIRMED, Step.NOT_CONFIRMED}),
}
"""Which steps come next after those that were taken; none after what ends an alarm."""

_ENDS = frozenset(Step).difference(*MAY_FOLLOW)
_ENDED = f"EXISTS (SELECT 1 FROM alarm_steps WHERE alarm = alarms.id AND step IN ({', '.join('?' * len(_ENDS))}))"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as the page shows it. Times in microseconds UTC."""

    id: int
    number: int
    plate: str
    raised: int
    hit: dict[str, Any]
    read: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def next_steps(self) -> frozenset[Step]:
        """What may be done now."""
        return MAY_FOLLOW.get(frozenset(self.steps), frozenset())


class Alarms:
    """The alarms of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._acts = spool, Acts(spool)
        spool.make(_SCHEMA)

    def take(self, sighting: Sighting, hits: Sequence[WantedHit], *, window: int) -> int:
        """Put a read on disk with what it matched, whole or not at all; return how many new alarms sound.

        A vehicle that is seen again within `window` minutes is the same alarm. Raises `SpoolFull`.
        """
        loud = [hit for hit in hits if hit.hit_action is not HitAction.SILENT]
        rank = ALARM if loud else SILENT if hits else OTHER
        since = self._spool.since(sighting)
        with self._spool.changing() as rows:
            number = self._spool.insert(rows, sighting, rank=rank, since=since)
            return sum([self._raise(rows, number, sighting, hit, window=window) for hit in hits])

    def shown(self, most: int) -> list[Alarm]:
        """Return the alarms that a page has room for: the open ones, then those that ended, the newest first of each.

        Those that wait for silent review are left out.
        """
        found = self._spool.rows(
            "SELECT id, number, alarms.plate, raised, hit, said FROM alarms JOIN reads USING (number) WHERE NOT silent "
            f"ORDER BY {_ENDED}, id DESC LIMIT ?", *_ENDS, most,
        )  # fmt: skip
        return [
            Alarm(alarm, number, plate, raised, json.loads(hit), json.loads(said), self._steps(alarm))
            for alarm, number, plate, raised, hit, said in found
        ]

    def open_count(self) -> int:
        """Return how many alarms are open."""
        found = self._spool.rows(
            f"SELECT count(*) FROM alarms JOIN reads USING (number) WHERE NOT silent AND NOT {_ENDED}", *_ENDS
        )
        return int(found[0][0])

    def step(self, alarm: int, step: Step, *, member: str) -> bool:
        """Take a step on an alarm; return whether it could be taken now. The same one again changes nothing."""
        with self._spool.changing() as rows:
            taken = frozenset(self._steps(alarm))
            if step in taken:
                return True
            if step not in MAY_FOLLOW.get(taken, frozenset()):
                return False
            put = rows.execute(
                "INSERT INTO alarm_steps SELECT id, number, ?, ? FROM alarms WHERE id = ?",
                (step.value, self._spool.now, alarm),
            )
            for (plate,) in rows.execute("SELECT plate FROM alarms WHERE id = ?", (alarm,)).fetchall():
                self._acts.insert(rows, kind="step", member=member, plate=plate, said=step.value)
            return put.rowcount == 1

    def picture(self, number: int, *, crop: bool) -> bytes | None:
        """Return the picture of a read, or the plate alone."""
        found = self._spool.rows(f"SELECT {'crop' if crop else 'picture'} FROM pictures WHERE number = ?", number)
        return bytes(found[0][0]) if found and found[0][0] else None

    def _steps(self, alarm: int) -> tuple[Step, ...]:
        taken = self._spool.rows("SELECT step FROM alarm_steps WHERE alarm = ? ORDER BY at, rowid", alarm)
        return tuple(Step(step) for (step,) in taken)

    def _raise(self, rows: sqlite3.Connection, number: int, sighting: Sighting, hit: WantedHit, *, window: int) -> bool:
        now, silent = self._spool.now, hit.hit_action is HitAction.SILENT
        again = rows.execute(
            "SELECT 1 FROM alarms WHERE key = ? AND plate = ? AND raised > ? AND silent <= ?",
            (hit.key, sighting.plate, now - window * MINUTE, silent),
        ).fetchone()
        if again is not None:
            return False
        told = {
            "key": hit.key, "how": hit.how.value, "state": hit.state.value, "category": hit.category.value,
            "action": hit.hit_action.value, "entry": hit.entry,
        }  # fmt: skip
        rows.execute(
            "INSERT INTO alarms (number, key, plate, raised, silent, hit) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (number, hit.key, sighting.plate, now, silent, json.dumps(told)),
        )
        return not silent
