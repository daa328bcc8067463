"""A day that is over gets the list of its distinct plates, by which parts of plates are found, and its statistics.

The list says up to which number it is whole. Late reads are looked at beside it until the next run has added theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date

from psycopg import errors

from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.postgres.connections import Connection, Place, Reader
from platekeeper.server.storage.postgres.parts import Part, parts_between
from platekeeper.server.storage.postgres.schema import trigrams


def seal(place: Place, *, before: date) -> dict[date, int]:
    """List the plates of every part that ends before a day begins; return how many of each day were listed anew."""
    sealed: Counter[date] = Counter()
    with closing(place.connect()) as connection, keeping_days(connection, place):
        for part in parts_between(Reader(connection, None), until=start_of(before)):
            if part.step or part.until > start_of(before) or (part.listed or 0) >= part.last:
                continue
            try:
                _list_plates(connection, part)
            except errors.UndefinedTable:  # disposed of meanwhile
                continue
            sealed[part.day] += 1
    return dict(sealed)


@contextmanager
def keeping_days(connection: Connection, place: Place) -> Iterator[None]:
    """Hold what disposals and sealings take turns by, waiting for it first."""
    name = f"{place.schema} days"
    connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def _list_plates(connection: Connection, part: Part) -> None:
    late = "" if part.listed is None else f" AND number > {part.listed}"
    distinct = f"SELECT DISTINCT folded FROM {part.name} WHERE folded IS NOT NULL{late}"
    with connection.transaction():
        if part.listed is None:
            connection.execute(f"CREATE TABLE {part.plates} AS {distinct}")
            connection.execute(f"CREATE UNIQUE INDEX ON {part.plates} (folded)")
            connection.execute(f"CREATE INDEX ON {part.plates} USING gin (folded {trigrams(connection)})")
        else:
            connection.execute(f"INSERT INTO {part.plates} {distinct} ON CONFLICT DO NOTHING")
        connection.execute("UPDATE part SET listed = %s WHERE name = %s", (part.last, part.name))
    connection.execute(f"ANALYZE {part.plates}")
    connection.execute(f"ANALYZE {part.name}")
