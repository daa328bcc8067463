"""Stored reads, newest first, partition by partition, so that a page is done as soon as it is full.

Parts of plates are looked up among the distinct plates of a partition by their trigrams; a partition that has none of them
is not asked. Where its plates are not listed yet (today's), its reads are looked at in the order of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from platekeeper.core.search.hours import Span
from platekeeper.server.storage.columns import ALL_COLUMNS, Found, row_from
from platekeeper.server.storage.days import DayMissing, day_of
from platekeeper.server.storage.postgres import distributed
from platekeeper.server.storage.postgres.asking import Condition, of_plates, of_rows
from platekeeper.server.storage.postgres.connections import Reader
from platekeeper.server.storage.postgres.parts import Part, overlapping, parts_between
from platekeeper.server.storage.postgres.repeats import revisions_of
from platekeeper.server.storage.revisions import standing
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.terms import Cursor, Page, SearchTerms

_LISTED = 1_000  # plates; more are not worth being looked up one by one
_FEW = 200
_NEWEST = "ORDER BY at DESC, number DESC LIMIT %s"


def search(reader: Reader, terms: SearchTerms, *, before: Cursor | None, limit: int) -> Page:
    """Return up to `limit` reads, newest first, going on after `before`."""
    found: list[Found] = []
    until = terms.until if before is None else min(terms.until, before.at + 1)
    for together in reversed(overlapping(parts_between(reader, terms.since, until))):
        some: list[Found] = []
        for part in together:
            spans = _spans(part, terms, until)
            if spans:
                with suppress(DayMissing):  # disposed of meanwhile
                    some += _found(reader, part, terms, of_rows(terms, spans, before), limit + 1 - len(found))
        found += sorted(some, key=lambda each: (each[1].at, each[0]), reverse=True)
        if len(found) > limit:
            number, last, _ = found[limit - 1]
            return Page(stored(reader, found[:limit]), Cursor(last.at, number))
    return Page(stored(reader, found), None)


def stored(reader: Reader, found: list[Found]) -> list[StoredRead]:
    """Return reads with what is known of their other revisions."""
    numbered = [(number, row) for number, row, _ in found]
    revisions = standing(numbered, revisions_of(reader, [row for _, row in numbered]))
    return [
        StoredRead(row, day_of(row.at), number, revision, corrected, image)
        for (number, row, image), (revision, corrected) in zip(found, revisions, strict=True)
    ]


def select(reader: Reader, part: Part, rest: str, values: Sequence[object]) -> list[Found]:
    """Return what a partition has of it, nothing where it is gone."""
    try:
        return _fetched(reader, f"SELECT {ALL_COLUMNS} FROM {part.name} {rest}", values)
    except DayMissing:
        return []


def _spans(part: Part, terms: SearchTerms, until: int) -> list[Span]:
    since, until = max(terms.since, part.since), min(until, part.until)
    if since >= until:
        return []
    return [(since, until)] if terms.hours is None else terms.hours.spans(since, until)


def _found(reader: Reader, part: Part, terms: SearchTerms, asked: Condition, limit: int) -> list[Found]:
    few = False
    if terms.sought is not None:
        wanted = of_plates(terms.sought)
        plates = _listed(reader, part, terms)
        if plates is None:
            asked.demand(wanted.sql, *wanted.values)
        elif not plates:
            return []
        else:
            asked.demand(f"{distributed.KEY if part.spread else 'folded'} = ANY(%s::text[])", plates)
            few = len(plates) <= _FEW
    question = f"SELECT {ALL_COLUMNS} FROM {part.name} WHERE {asked.sql}"
    if few:  # all of them fetched by plate first: going back in time to look for few is what takes long
        question = f"WITH found AS MATERIALIZED ({question}) SELECT {ALL_COLUMNS} FROM found"
    return _fetched(reader, f"{question} {_NEWEST}", (*asked.values, limit))


def _listed(reader: Reader, part: Part, terms: SearchTerms) -> list[str] | None:
    """Return the plates that are sought, as far as a part may have them; None where they are too many, or not listed."""
    sought = terms.sought
    if sought is None or (part.listed is None and sought.partials):
        return None
    if part.listed is None or not sought.partials:
        return sought.plates
    wanted = of_plates(sought)
    question = f"SELECT folded FROM {part.plates} WHERE {wanted.sql}"
    values = [*wanted.values]
    if part.last > part.listed:  # late reads
        question += f" UNION SELECT folded FROM {part.name} WHERE number > %s AND {wanted.sql}"
        values += [part.listed, *wanted.values]
    plates = [text for (text,) in reader.rows(f"{question} LIMIT {_LISTED + 1}", values)]
    return None if len(plates) > _LISTED else plates


def _fetched(reader: Reader, question: str, values: Sequence[object]) -> list[Found]:
    return [(number, *row_from(tuple(columns))) for number, *columns in reader.rows(question, values)]
