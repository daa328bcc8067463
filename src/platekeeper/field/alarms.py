"""Alarms in the car: what a read matched, and the steps that were taken on it (VII.e). They lie with the reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from platekeeper.core.categories import HitAction
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.field.acts import Acts
from platekeeper.field.sighting import Sighting
from platekeeper.field.spool import ALARM, OF_EVENT, OTHER, SILENT, Spool

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
_IN_ORDER = "Verify the picture first, then confirm with dispatch."
_TOO_LATE = "This can be taken back no longer: the vehicle seen again is an alarm of its own."


class Step(StrEnum):
    """What was done on an alarm. The image comes first, dispatch next, and a stop after both (VII.e).

    It is recalled where the camera corrects what it read.
    """

    IMAGE_VERIFIED = "image_verified"
    IMAGE_DIFFERS = "image_differs"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    RECALLED = "recalled"


MAY_FOLLOW: dict[Step | None, frozenset[Step]] = {
    None: frozenset({Step.IMAGE_VERIFIED, Step.IMAGE_DIFFERS}),
    Step.IMAGE_VERIFIED: frozenset({Step.CONFIRMED, Step.NOT_CONFIRMED}),
}
"""Which steps come next after the last one; none after what ends an alarm."""
OPPOSITES: dict[Step | None, Step] = {
    Step.IMAGE_VERIFIED: Step.IMAGE_DIFFERS, Step.IMAGE_DIFFERS: Step.IMAGE_VERIFIED,
    Step.CONFIRMED: Step.NOT_CONFIRMED, Step.NOT_CONFIRMED: Step.CONFIRMED,
}  # fmt: skip
"""What takes the place of the last step where that was a slip, for as long as the vehicle does not sound again."""

_ENDS = frozenset(Step).difference(MAY_FOLLOW)
_LAST = "SELECT step FROM alarm_steps WHERE alarm = alarms.id ORDER BY rowid DESC LIMIT 1"
_RECALLED = f"EXISTS (SELECT 1 FROM alarm_steps WHERE alarm = alarms.id AND step = '{Step.RECALLED}')"
_ENDED = f"coalesce(({_LAST}), '') IN ({', '.join('?' * len(_ENDS))})"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as the page shows it. Times in microseconds UTC.

    `steps` are those that stand, `mark` is the number of the last of them, 0 before the first; `lasts` says whether the
    vehicle seen again would be this alarm.
    """

    id: int
    number: int
    plate: str
    raised: int
    hit: dict[str, Any]
    read: dict[str, Any]
    steps: tuple[Step, ...]
    mark: int
    lasts: bool

    @property
    def last(self) -> Step | None:
        """What was done last, None before anything was."""
        return self.steps[-1] if self.steps else None

    @property
    def next_steps(self) -> frozenset[Step]:
        """What may be done now."""
        return MAY_FOLLOW.get(self.last, frozenset())

    @property
    def opposite(self) -> Step | None:
        """What may take the place of the last step now."""
        return OPPOSITES.get(self.last) if self.lasts else None


class Alarms:
    """The alarms of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._acts = spool, Acts(spool)
        spool.make(_SCHEMA)

    def take(self, sighting: Sighting, hits: Sequence[WantedHit], *, window: int) -> int:
        """Put a read on disk with what it matched, whole or not at all; return how many new alarms sound.

        A vehicle that is seen again within `window` minutes is the same alarm. Of an event what its camera said last counts:
        alarms of what it said before are recalled, and what comes late raises none. Raises `SpoolFull`.
        """
        loud = [hit for hit in hits if hit.hit_action is not HitAction.SILENT]
        rank = ALARM if loud else SILENT if hits else OTHER
        since = self._spool.since(sighting)
        with self._spool.changing() as rows:
            number = self._spool.insert(rows, sighting, rank=rank, since=since)
            if sighting.event:
                if self._spool.stands(sighting.event) != number:
                    return 0
                self._recall(rows, sighting, number, loud={hit.key for hit in loud}, every={hit.key for hit in hits})
            return sum([self._raise(rows, number, sighting, hit, window=window) for hit in hits])

    def shown(self, most: int, *, window: int) -> list[Alarm]:
        """Return the alarms that a page has room for: the open ones, then those that ended, the newest first of each.

        Those that wait for silent review are left out.
        """
        return self._alarms(f"NOT silent ORDER BY {_ENDED}, id DESC LIMIT ?", *_ENDS, most, window=window)

    def open_count(self) -> int:
        """Return how many alarms are open."""
        found = self._spool.rows(
            f"SELECT count(*) FROM alarms JOIN reads USING (number) WHERE NOT silent AND NOT {_ENDED}", *_ENDS
        )
        return int(found[0][0])

    def step(self, number: int, step: Step, *, after: int, member: str, window: int) -> None:
        """Take a step on an alarm, or the opposite of its last one in its place. Raises ValueError where it cannot be now.

        `after` is the mark that the alarm had when it was looked at: what is sent again, or comes from somebody who did
        not see the last step, changes nothing.
        """
        with self._spool.changing() as rows:
            if not (found := self._alarms("id = ?", number, window=window)):
                raise ValueError("This alarm is not on the unit any more.")
            (alarm,) = found
            if step is alarm.last:
                return
            if after != alarm.mark:
                raise ValueError("Another step was taken on this alarm meanwhile. Look at it again.")
            if step not in {*alarm.next_steps, alarm.opposite}:
                raise ValueError(_TOO_LATE if step is OPPOSITES.get(alarm.last) else _IN_ORDER)
            fact = (alarm.id, alarm.number, step.value, self._spool.now)
            rows.execute("INSERT INTO alarm_steps VALUES (?, ?, ?, ?)", fact)
            rows.execute("DELETE FROM alarm_steps WHERE alarm = ? AND step = ?", (alarm.id, OPPOSITES[step]))
            self._acts.insert(rows, kind="step", member=member, plate=alarm.plate, said=step.value)

    def picture(self, number: int, *, crop: bool) -> bytes | None:
        """Return the picture of a read, or the plate alone."""
        found = self._spool.rows(f"SELECT {'crop' if crop else 'picture'} FROM pictures WHERE number = ?", number)
        return bytes(found[0][0]) if found and found[0][0] else None

    def _alarms(self, which: str, *facts: object, window: int) -> list[Alarm]:
        question = "SELECT id, number, alarms.plate, raised, hit, said FROM alarms JOIN reads USING (number) WHERE "
        since, found = self._spool.now - window * MINUTE, []
        for alarm, number, plate, raised, hit, said in self._spool.rows(question + which, *facts):
            taken = self._spool.rows("SELECT rowid, step FROM alarm_steps WHERE alarm = ? ORDER BY rowid", alarm)
            steps, mark = tuple(Step(step) for _, step in taken), taken[-1][0] if taken else 0
            shown = Alarm(alarm, number, plate, raised, json.loads(hit), json.loads(said), steps, mark, raised > since)
            found.append(shown)
        return found

    def _recall(
        self,
        rows: sqlite3.Connection,
        sighting: Sighting,
        standing: int,
        *,
        loud: Collection[str],
        every: Collection[str],
    ) -> None:
        """Recall the alarms of what was said of an event before, where that matches no more; what sounded, no more loudly.

        A vehicle that was read as the earlier text once more, as another event, stays an alarm.
        """
        question = (
            f"SELECT id, number, key, silent FROM alarms WHERE number IN {OF_EVENT} AND number != ? AND NOT {_RECALLED} "
            "AND NOT EXISTS (SELECT 1 FROM reads WHERE reads.plate = alarms.plate AND reads.number > alarms.number "
            f"AND reads.number NOT IN {OF_EVENT})"
        )
        facts = (sighting.event, standing, sighting.event)
        for alarm, number, key, silent in rows.execute(question, facts).fetchall():
            if key not in (every if silent else loud):
                fact = (alarm, number, Step.RECALLED.value, self._spool.now)
                rows.execute("INSERT INTO alarm_steps VALUES (?, ?, ?, ?)", fact)

    def _raise(self, rows: sqlite3.Connection, number: int, sighting: Sighting, hit: WantedHit, *, window: int) -> bool:
        now, silent = self._spool.now, hit.hit_action is HitAction.SILENT
        again = rows.execute(
            f"SELECT 1 FROM alarms WHERE key = ? AND silent <= ? AND NOT {_RECALLED} "
            f"AND ((plate = ? AND raised > ?) OR number IN {OF_EVENT})",
            (hit.key, silent, sighting.plate, now - window * MINUTE, sighting.event),
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
