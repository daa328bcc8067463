"""Which of the reads on their way in are new, and which revisions of a read are stored.

Both ask for rows by the columns of the unique index. Of a day on this machine each row is looked up by itself; of one that
is spread over several, Citus takes no such question, so all are asked for together, and what is too much does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from platekeeper.server.storage.days import DayMissing
from platekeeper.server.storage.postgres.connections import Reader
from platekeeper.server.storage.postgres.parts import Part, parts_between
from platekeeper.server.storage.revisions import Told, around, order_of
from platekeeper.server.storage.rows import Incoming, ReadRow

Numbered = tuple[int, Incoming]
_Key = tuple[object, ...]

# OFFSET keeps the planner from scanning the whole part for a join.
_STORED = (
    "SELECT given.* FROM unnest(%s::bytea[], %s::bytea[], %s::bigint[], %s::bigint[]) AS given (id, digest, lpr, at) "
    "WHERE EXISTS (SELECT FROM {} stored WHERE stored.lpr = given.lpr AND stored.at = given.at "
    "AND stored.id = given.id AND stored.digest = given.digest OFFSET 0)"
)
_REVISIONS = (
    "SELECT found.* FROM unnest(%s::bytea[], %s::bigint[], %s::bigint[], %s::bigint[]) AS given (id, lpr, since, until), "
    "LATERAL (SELECT id, digest, at, stage, number, received FROM {} stored WHERE stored.lpr = given.lpr "
    "AND stored.at BETWEEN given.since AND given.until AND stored.id = given.id OFFSET 0) AS found"
)
_TOGETHER = (
    "SELECT {} FROM {} WHERE id = ANY(%s::bytea[]) AND lpr = ANY(%s::bigint[]) AND at BETWEEN %s::bigint AND %s::bigint"
)


def unstored(reader: Reader, parts: Iterable[Part], reads: Sequence[Numbered]) -> list[Numbered]:
    """Return the reads that are in none of these parts, each the first of its like. Raises `DayMissing`."""
    keys = [_key_of(arrival.row) for _, arrival in reads]
    known = {tuple(key) for part in parts for key in _stored(reader, part, keys)}
    first: dict[_Key, Numbered] = {}
    for key, read in zip(keys, reads, strict=True):
        if key not in known:
            first.setdefault(key, read)
    return list(first.values())


def revisions_of(reader: Reader, rows: Sequence[ReadRow]) -> list[Told]:
    """Return every stored revision of the reads that these rows are of."""
    if not rows:
        return []
    sought = [(row.id, row.lpr, *around(row)) for row in rows]
    earliest, latest = min(since for _, _, since, _ in sought), max(until for *_, until in sought)
    found: list[Told] = []
    for part in parts_between(reader, earliest, latest + 1):
        near = [each for each in sought if each[2] < part.until and each[3] >= part.since]
        try:
            told = _revisions(reader, part, near) if near else []
        except DayMissing:
            continue
        found += (Told(identity, digest, order_of(*rest), at) for identity, digest, at, *rest in told)
    return found


def _key_of(row: ReadRow) -> _Key:
    return row.id, row.digest, row.lpr, row.at


def _stored(reader: Reader, part: Part, keys: Sequence[_Key]) -> list[tuple[object, ...]]:
    ids, digests, lprs, ats = (list(column) for column in zip(*keys, strict=True))
    if not part.spread:
        return reader.rows(_STORED.format(part.name), (ids, digests, lprs, ats))
    question = _TOGETHER.format("id, digest, lpr, at", part.name)
    return reader.rows(question, (ids, lprs, min(ats), max(ats)))


def _revisions(
    reader: Reader, part: Part, near: Sequence[tuple[bytes, int, int, int]]
) -> list[tuple[bytes, bytes, int, int, int, int]]:
    ids, lprs, since, until = (list(column) for column in zip(*near, strict=True))
    if not part.spread:
        return reader.rows(_REVISIONS.format(part.name), (ids, lprs, since, until))
    question = _TOGETHER.format("id, digest, at, stage, number, received", part.name)
    return reader.rows(question, (ids, lprs, min(since), max(until)))
