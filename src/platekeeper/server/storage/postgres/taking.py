"""A day of reads taken over from another store, under the numbers that they have there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from itertools import islice

from platekeeper.server.storage.days import MICROSECONDS_A_DAY, start_of
from platekeeper.server.storage.postgres.connections import Connection, Place, Reader
from platekeeper.server.storage.postgres.copying import copy_rows
from platekeeper.server.storage.postgres.distributed import DDL_IN_TURN, is_distributed
from platekeeper.server.storage.postgres.parts import Part, length_of, make_part, parts_of, plates_of
from platekeeper.server.storage.postgres.schema import ensure
from platekeeper.server.storage.postgres.writer import NOTE_PENDING, take_the_pen
from platekeeper.server.storage.reads import Leaving

_AT_ONCE = 10_000


def take_over(place: Place, day: date, reads: Iterable[Leaving], waiting: Mapping[bytes, int]) -> None:
    """Hold these reads of a day instead of all it has of the day: all of them or none.

    Nobody may write meanwhile: raises `WriterBusy`. Images stay where they are. `waiting`: batches that are not settled,
    with their times of receipt.
    """
    with closing(place.connect()) as connection:
        ensure(connection, place.schema)
        take_the_pen(connection, place)
        with connection.transaction():
            if is_distributed(connection, "read"):
                connection.execute(DDL_IN_TURN)
            _drop(connection, day)
            coming = iter(reads)
            while some := list(islice(coming, _AT_ONCE)):
                _note(connection, some, waiting)
                for part, rows in _by_part(connection, day, some):
                    copy_rows(connection, part, rows)
                    connection.execute("UPDATE part SET last = %s WHERE name = %s", (rows[-1][0], part.name))


def _drop(connection: Connection, day: date) -> None:
    begins = start_of(day)
    held = connection.execute(
        "DELETE FROM part WHERE since >= %s AND until <= %s RETURNING name", (begins, begins + MICROSECONDS_A_DAY)
    ).fetchall()
    for (name,) in held:
        connection.execute(f"DROP TABLE IF EXISTS {name}, {plates_of(name)}")


def _note(connection: Connection, some: Iterable[Leaving], waiting: Mapping[bytes, int]) -> None:
    for each in some:
        if each.row.batch in waiting:
            told = (each.row.batch, waiting[each.row.batch], each.number, each.number)
            connection.execute(NOTE_PENDING, told)


def _by_part(
    connection: Connection, day: date, some: Iterable[Leaving]
) -> Iterator[tuple[Part, list[tuple[object, ...]]]]:
    rows: defaultdict[tuple[int, int], list[tuple[object, ...]]] = defaultdict(list)
    for each in some:
        since = each.row.at - each.row.at % length_of(each.step)
        rows[each.step, since].append((*each.values(), each.step))
    parts = {(part.step, part.since): part for part in parts_of(Reader(connection, None), day)}
    for step, since in rows.keys() - parts.keys():
        make_part(connection, since, step)
    for part in parts_of(Reader(connection, None), day):
        if (part.step, part.since) in rows:
            yield part, rows[part.step, part.since]
