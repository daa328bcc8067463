"""Partitions of the reads: which there are, and how one comes to be. Each is a UTC day, or a step of one in minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from psycopg import errors

from platekeeper.server.storage.days import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_A_MINUTE,
    MICROSECONDS_AN_HOUR,
    DayMissing,
    day_folder,
    day_of,
    start_of,
)
from platekeeper.server.storage.postgres.connections import Connection, Reader
from platekeeper.server.storage.postgres.distributed import is_distributed
from platekeeper.server.storage.steps import step_folder
from platekeeper.server.storage.terms import LARGEST

_COLUMNS = "name, step, since, until, last, listed, spread"
_LOCK_SECONDS, _PATIENCE = 0.5, 120.0


class Part(NamedTuple):
    """A partition: of a whole day (step 0) or so many minutes, since <= captured < until.

    `last` is its highest number, `listed` the number up to which its plates are listed. `spread`: over several machines.
    """

    name: str
    step: int
    since: int
    until: int
    last: int
    listed: int | None
    spread: bool

    @property
    def plates(self) -> str:
        """Return the table of its distinct plates."""
        return plates_of(self.name)

    @property
    def day(self) -> date:
        """Return the day that it is, or is a part of."""
        return day_of(self.since)

    def reaches_into(self, since: int, until: int) -> bool:
        """Say whether it holds anything of a time."""
        return self.since < until and since < self.until

    def place(self, store: Path) -> Path:
        """Return the folder that its images lie in."""
        return place_of(store, self.since, self.step)


def plates_of(name: str) -> str:
    """Return the table of the distinct plates of the partition of a name."""
    return name.replace("read_", "plate_", 1)


def place_of(store: Path, since: int, step: int) -> Path:
    """Return the folder of a day's images, or of those of the step of so many minutes that begins then."""
    folder, begins = day_folder(store, day_of(since)), since % MICROSECONDS_A_DAY
    if not step:
        return folder
    hour, rest = divmod(begins, MICROSECONDS_AN_HOUR)
    return step_folder(folder, hour=hour, minute=rest // MICROSECONDS_A_MINUTE, lasts=step)


def length_of(step: int) -> int:
    """Return how long a part lasts, in microseconds."""
    return step * MICROSECONDS_A_MINUTE or MICROSECONDS_A_DAY


def parts_between(reader: Reader, since: int = 0, until: int = LARGEST, *, disposing: bool = False) -> list[Part]:
    """Return the parts in sight that reach into a time, oldest first; none where nobody has written anything yet.

    `disposing`: those that are out of sight.
    """
    question = (
        f"SELECT {_COLUMNS} FROM part WHERE since < %s AND until > %s AND disposing = %s ORDER BY since, until, step"
    )
    try:
        return [Part._make(row) for row in reader.rows(question, (until, since, disposing))]
    except DayMissing:
        return []


def parts_of(reader: Reader, day: date) -> list[Part]:
    """Return the parts of a day, oldest first."""
    return parts_between(reader, start_of(day), start_of(day) + MICROSECONDS_A_DAY)


def overlapping(parts: Sequence[Part]) -> list[list[Part]]:
    """Return parts, oldest first, by the time that they share: a day that has steps, too, is one with them."""
    groups: list[list[Part]] = []
    ends = 0
    for part in parts:
        if part.since >= ends:
            groups.append([])
        groups[-1].append(part)
        ends = max(ends, part.until)
    return groups


def make_part(connection: Connection, since: int, step: int) -> None:
    """Make a partition. Neither readers nor, in other partitions, the writer wait for it."""
    until = since + length_of(step)
    for (name,) in connection.execute(
        "SELECT name FROM part JOIN pg_inherits ON inhrelid = to_regclass(name) "
        "WHERE disposing AND step = %s AND since = %s",
        (step, since),
    ).fetchall():
        with suppress(errors.UndefinedTable):  # dropped meanwhile
            patiently(connection, partial(connection.execute, f"ALTER TABLE read DETACH PARTITION {name}"))
    begins = datetime.fromtimestamp(since // 1_000_000, UTC)
    with connection.transaction():
        (number,) = connection.execute("SELECT nextval('part_number')").fetchone() or (0,)
        name = f"read_{begins:%Y%m%d}{f'{begins:t%H%M}_{step}' if step else ''}_{number}"
        connection.execute(f"CREATE TABLE {name} (LIKE read INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        bounds = f"FROM ({step}, {since}) TO ({step}, {until})"
        connection.execute(f"ALTER TABLE read ATTACH PARTITION {name} FOR VALUES {bounds}")
        connection.execute(
            "INSERT INTO part (name, step, since, until, spread) VALUES (%s, %s, %s, %s, %s)",
            (name, step, since, until, is_distributed(connection, "read")),
        )


def patiently(connection: Connection, act: Callable[[], object]) -> None:
    """Do in one transaction what locks a whole table, in short tries, so that nobody waits behind us for long.

    A part that another connection attaches or detaches at that moment is an internal error to PostgreSQL ("could not find
    tuple for parent"), seen rarely; the next try finds it settled. Raises psycopg's error after two minutes.
    """
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
                act()
            return
        except (errors.LockNotAvailable, errors.InternalError_):
            if time.monotonic() > ends:
                raise
            time.sleep(_LOCK_SECONDS / 5)
