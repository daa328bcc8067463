"""The spool: every read on disk before anybody hears of it, and until the department has it (V.b).

One SQLite file, written through to the disk at each commit. The journal is truncated, not kept as a write-ahead log: that
is as fast as a camera needs, several processes may share it, and erased pages are overwritten.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from platekeeper.core.formats.reads import FINAL
from platekeeper.core.moments import microseconds
from platekeeper.core.plates import plate_text
from platekeeper.field.clock import Clock
from platekeeper.field.disk import SpoolFull, full_named, has_room, open_rows
from platekeeper.field.sighting import Sighting
from platekeeper.field.times import LIVE, Run, said_time

LARGEST_PICTURE = 8 << 20
"""Bytes. A larger picture would not fit a batch: its crop goes in its place."""
ALARM, SILENT, OTHER = range(3)
"""In which order reads go up: those that raised an alarm in the car, those that wait for review, the rest."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE, ahead INTEGER, heard INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS reads (
    number INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, rank INTEGER NOT NULL, plate TEXT NOT NULL,
    at INTEGER NOT NULL, run INTEGER NOT NULL REFERENCES runs, since INTEGER, told INTEGER,
    said TEXT NOT NULL, outcome TEXT, confirmed INTEGER, CHECK ((outcome IS NULL) = (confirmed IS NULL))
);
CREATE INDEX IF NOT EXISTS reads_waiting ON reads (rank, number) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS reads_of_run ON reads (run, since);
CREATE INDEX IF NOT EXISTS reads_by_plate ON reads (plate, at);
CREATE TABLE IF NOT EXISTS pictures (number INTEGER PRIMARY KEY REFERENCES reads, picture BLOB NOT NULL, crop BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS revisions (
    number INTEGER PRIMARY KEY REFERENCES reads, event TEXT NOT NULL, stage INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS revisions_of_event ON revisions (event, stage, number);
CREATE TABLE IF NOT EXISTS aside (
    kind TEXT NOT NULL, which NOT NULL, at INTEGER NOT NULL, said TEXT NOT NULL, PRIMARY KEY (kind, which)
);
"""
OF_EVENT = "(SELECT number FROM revisions WHERE event = ?)"
"""What a camera said of one event. Its fact: the event."""
NOT_ASIDE = "NOT IN (SELECT which FROM aside WHERE kind = ? AND abs(? - at) < 86400000000)"
"""Of what waits, that which was not put aside within a day (by a clock that may be set back). Its facts: kind, and now."""
TAKEN_AFTER_ALL = "DELETE FROM aside WHERE kind = ? AND which = ?"


class Kind(StrEnum):
    """What the server may refuse for good, and is put aside then."""

    READ = "read"
    ENTRY = "entry"
    ACT = "act"


class Outcome(StrEnum):
    """What the department made of a read."""

    KEPT = "kept"
    RECEIPTED = "receipted"  # handed in on removable media; the receipt counts what became of them
    DEAD_LETTER = "dead_letter"  # not understood: kept whole, for a person to look at
    PAST_CEILING = "past_ceiling"  # older than the policy keeps reads (VI.k)


@dataclass(frozen=True, slots=True)
class Kept:
    """A read as it lies in the spool. `told` is the time of capture as the department is told, in microseconds UTC."""

    number: int
    uid: str
    rank: int
    told: int
    said: dict[str, Any]
    image: bytes


class Spool:
    """One thread's way to the spool of a unit; every process and thread opens its own."""

    def __init__(self, place: Path, *, clock: Clock) -> None:
        """Open the spool, making it if there is none. Raises `SpoolFull`."""
        self._place, self.clock, self._rows = place, clock, open_rows(place)
        try:
            self.make(_SCHEMA)
            self._run = self._begun()
        except BaseException:
            self.close()
            raise

    def _begun(self) -> int:
        """Return the number of this run of the machine, taken down at its first sight."""
        find = "SELECT id FROM runs WHERE boot = ?"
        if not (found := self.rows(find, self.clock.boot)):
            with self.changing() as rows:
                heard = rows.execute("SELECT coalesce(max(heard), 0) FROM runs").fetchone()[0]
                rows.execute("INSERT OR IGNORE INTO runs (boot, heard) VALUES (?, ?)", (self.clock.boot, heard))
            found = self.rows(find, self.clock.boot)
        return int(found[0][0])

    def close(self) -> None:
        """Let go of it."""
        self._rows.close()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Hold the spool's only write lock for a block; on disk whole when it ends. Raises `SpoolFull`."""
        with full_named():
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                yield self._rows
                self._rows.execute("COMMIT")
            except BaseException:
                if self._rows.in_transaction:
                    self._rows.execute("ROLLBACK")
                raise

    def rows(self, question: str, *facts: object) -> list[tuple[Any, ...]]:
        """Return what a question of SQL gives."""
        with full_named():
            return self._rows.execute(question, facts).fetchall()

    def since(self, sighting: Sighting) -> int | None:
        """Return how long after the machine's start a sighting was made, None for one of a recording.

        To be asked as soon as it is there: waiting for the disk would make it look older.
        """
        behind = self.clock.wall() - microseconds(sighting.at)
        return self.clock.since() - behind if abs(behind) <= LIVE else None

    def insert(self, rows: sqlite3.Connection, sighting: Sighting, *, rank: int, since: int | None) -> int:
        """Put a read on disk inside the caller's transaction and return its number; the same sighting again changes nothing.

        Raises `SpoolFull` while there is room for other things only.
        """
        at = microseconds(sighting.at)
        put = rows.execute(
            "INSERT INTO reads (uid, rank, plate, at, run, since, said) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (sighting.uid, rank, plate_text(sighting.plate) or "", at, self._run, since, json.dumps(_said(sighting))),
        )
        if not put.rowcount:
            return int(rows.execute("SELECT number FROM reads WHERE uid = ?", (sighting.uid,)).fetchone()[0])
        if not has_room(self._place.parent):
            raise SpoolFull
        number = int(put.lastrowid or 0)
        picture = sighting.picture if len(sighting.picture) <= LARGEST_PICTURE else sighting.crop
        rows.execute("INSERT INTO pictures VALUES (?, ?, ?)", (number, picture, sighting.crop))
        if sighting.event:
            rows.execute("INSERT INTO revisions VALUES (?, ?, ?)", (number, sighting.event, sighting.stage))
            best = f"(SELECT min(rank) FROM reads WHERE number IN {OF_EVENT})"  # they go up in the order they came
            rows.execute(f"UPDATE reads SET rank = {best} WHERE number IN {OF_EVENT}", (sighting.event, sighting.event))
        return number

    def stands(self, event: str) -> int:
        """Return the number of the read that counts of an event: the latest of the last stage."""
        latest = "SELECT number FROM revisions WHERE event = ? ORDER BY stage DESC, number DESC LIMIT 1"
        return int(self.rows(latest, event)[0][0])

    def knows(self, event: str) -> bool:
        """Say whether there is a read of an event."""
        return bool(self.rows("SELECT 1 FROM revisions WHERE event = ? LIMIT 1", event))

    def hear(self, server: int) -> None:
        """Take down what a server says the time is, in microseconds UTC."""
        ahead = server - self.clock.since()
        with self.changing() as rows:
            rows.execute("UPDATE runs SET ahead = ?, heard = ? WHERE id = ?", (ahead, server, self._run))

    @property
    def clock_error(self) -> int | None:
        """How many microseconds the unit's clock is ahead of the server's, None where none was heard in this run."""
        ahead = self.rows("SELECT ahead FROM runs WHERE id = ?", self._run)[0][0]
        return None if ahead is None else self.clock.wall() - self.clock.since() - int(ahead)

    @property
    def now(self) -> int:
        """The best that is known of the time: the server's word, or the unit's clock, but not before it can be."""
        ahead, heard = self.rows("SELECT ahead, heard FROM runs WHERE id = ?", self._run)[0]
        since = self.clock.since()
        return max(self.clock.wall(), int(heard) + since if heard else 0) if ahead is None else int(ahead) + since

    def waiting(self, *, most: int, most_bytes: int) -> list[Kept]:
        """Return the next reads to hand over, all of one rank, their times said from now on; at least one if any waits.

        None that was put aside is among them, until a day is over.
        """
        chosen: list[tuple[Any, ...]] = []
        size = 0
        for row in self.rows(
            "SELECT number, rank, length(picture) FROM reads JOIN pictures USING (number) WHERE outcome IS NULL "
            f"AND number {NOT_ASIDE} ORDER BY rank, number LIMIT ?", Kind.READ, self.now, most,
        ):  # fmt: skip
            size += row[2]
            if chosen and (size > most_bytes or row[1] != chosen[0][1]):
                break
            chosen.append(row)
        return self.said([number for number, _, _ in chosen])

    def said(self, numbers: Sequence[int]) -> list[Kept]:
        """Return reads by number, each with the time it is said to be of, which never changes from here on."""
        self._say_times(numbers)
        return [
            Kept(number, uid, rank, told, json.loads(said), image)
            for each in numbers
            for number, uid, rank, told, said, image in self.rows(
                "SELECT number, uid, rank, told, said, picture FROM reads JOIN pictures USING (number) WHERE number = ?",
                each,
            )
        ]

    def waiting_numbers(self) -> list[int]:
        """Return every read that the department does not have, put aside or not, in the order they are handed over."""
        return [
            number for (number,) in self.rows("SELECT number FROM reads WHERE outcome IS NULL ORDER BY rank, number")
        ]

    def no_more_than(self, numbers: Sequence[int], most_bytes: int) -> list[int]:
        """Return the first of some reads whose pictures take no more than so many bytes together; at least one."""
        chosen: list[int] = []
        size = 0
        for number in numbers:
            size += sum(
                length for (length,) in self.rows("SELECT length(picture) FROM pictures WHERE number = ?", number)
            )
            if chosen and size > most_bytes:
                break
            chosen.append(number)
        return chosen

    def make(self, schema: str) -> None:
        """Make the tables of a part of the unit, unless they are there."""
        for statement in filter(str.strip, schema.split(";")):
            self.rows(statement)

    def teach(self, name: str, function: Callable[[str], str]) -> None:
        """Let questions of SQL use a function of one text."""
        self._rows.create_function(name, 1, function, deterministic=True)

    def confirm(self, numbers: Iterable[int], outcome: Outcome) -> None:
        """Take down that the department has these reads: from now on they may be erased."""
        now, taken = self.now, list(numbers)
        with self.changing() as rows:
            rows.executemany(
                "UPDATE reads SET outcome = ?, confirmed = ? WHERE number = ? AND outcome IS NULL",
                [(outcome.value, now, number) for number in taken],
            )
            rows.executemany(TAKEN_AFTER_ALL, [(Kind.READ, number) for number in taken])

    def put_aside(self, kind: Kind, which: object, *, said: str) -> None:
        """Take down that the server refuses something for good, and what it said: nothing waits behind it any more."""
        with self.changing() as rows:
            rows.execute("INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?)", (kind, which, self.now, said[:400]))

    def take_up_again(self) -> None:
        """Let what was put aside wait again as anything does."""
        with self.changing() as rows:
            rows.execute("DELETE FROM aside")

    def aside(self) -> dict[Kind, tuple[int, str]]:
        """Return of what kinds something is put aside, how many, and what the server said of the last."""
        found = self.rows("SELECT kind, count(*), said, max(at) FROM aside GROUP BY kind ORDER BY kind")
        return {Kind(kind): (count, said) for kind, count, said, _ in found}

    def counts(self) -> dict[str, int]:
        """Return how many reads wait (`""`), those put aside included, and how many the department has, by outcome."""
        return dict(self.rows("SELECT coalesce(outcome, ''), count(*) FROM reads GROUP BY 1"))

    def _say_times(self, numbers: Iterable[int]) -> None:
        with self.changing() as rows:
            before = rows.execute("SELECT ahead FROM runs WHERE id = ?", (self._run,)).fetchone()[0]
            for number in numbers:
                row = rows.execute(
                    "SELECT at, since, ahead, heard, (SELECT max(since) FROM reads AS last WHERE last.run = reads.run) "
                    "FROM reads JOIN runs ON run = id WHERE number = ? AND told IS NULL", (number,),
                ).fetchone()  # fmt: skip
                if row is not None:
                    told = said_time(row[0], since=row[1], run=Run(row[2], row[3], row[4] or 0), before=before)
                    rows.execute("UPDATE reads SET told = ? WHERE number = ?", (told, number))


def _said(sighting: Sighting) -> dict[str, Any]:
    """Return what a read says beside its time and image, in the words of the native format (docs/reads.md)."""
    said = {
        "plate": sighting.plate,
        "event_id": sighting.event or sighting.uid,
        "candidates": [{"plate": text, "confidence": confidence} for text, confidence in sighting.candidates],
    }
    optional = {
        "confidence": sighting.confidence,
        "state": sighting.state or None,
        "latitude": sighting.latitude,
        "longitude": sighting.longitude,
        "direction": sighting.direction or None,
        "vehicle": dict(sighting.vehicle) or None,
        "stage": sighting.stage if sighting.stage < FINAL else None,
    }
    return said | {name: value for name, value in optional.items() if value is not None}
