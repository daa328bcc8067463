"""Reads fetched from one file in the way that is thought to cost least: by plate, by LPR or by time.

By plate where few plates are sought, by LPR where few LPRs are, by time where so many reads agree that a page is soon
full. A plus before a column keeps SQLite from an index that is not meant.
"""

from __future__ import annotations

import sqlite3
from math import inf
from typing import NamedTuple

from platekeeper.core.search.hours import Span
from platekeeper.server.storage.columns import ALL_COLUMNS, Found, row_from
from platekeeper.server.storage.days import MICROSECONDS_AN_HOUR
from platekeeper.server.storage.sqlite.dictionaries import Hints
from platekeeper.server.storage.sqlite.filters import add_functions, row_filters
from platekeeper.server.storage.terms import Cursor, SearchTerms

_LISTED = 1_000
_AT_ONCE = 10_000
_MANY = 50
_COMMON = 0.1
_SEEK, _FETCH, _STEP = 12.0, 8.0, 2.0
"""Microseconds, about: to find a plate in an index, to fetch one of its reads, to look at the next read in time."""


class Known(NamedTuple):
    """The plates that are sought, as far as a file has them; None where all are or where they are too many to be listed.

    `lasts` is how long a time the file's reads are spread over, in microseconds.
    """

    plates: list[str] | None
    hints: Hints
    lasts: int


class SearchedFile:
    """A file that is searched. What is `known` of it comes from a dictionary, or else is asked when it is needed."""

    def __init__(
        self, connection: sqlite3.Connection, terms: SearchTerms, before: Cursor | None, *, known: Known | None = None
    ) -> None:
        self._asked = known
        self._connection, self._terms, self._before = connection, terms, before
        self._filters, self._values = row_filters(terms)
        add_functions(connection, terms)

    def found(self, span: Span, *, limit: int) -> list[Found]:
        """Return up to `limit` reads of a span, newest first."""
        plates = self._known().plates
        if plates == []:
            return []
        by_plate, by_lpr, by_time = _costs(self._terms, self._known(), span, limit)
        if plates is not None and by_plate <= min(by_lpr, by_time):
            return self._by_plate(plates, span, limit)
        return self._by_lpr(span, limit) if by_lpr < by_time else self._by_time(span, limit)

    def _known(self) -> Known:
        if self._asked is None:
            self._asked = Known(self._listed(), Hints(reads=20_000, plates=15_000, lprs=50), MICROSECONDS_AN_HOUR)
        return self._asked

    def _listed(self) -> list[str] | None:
        """Look for the plates in the index by plate, for want of a dictionary."""
        sought = self._terms.sought
        if sought is None:
            return None
        wanted, values = sought.sql("folded")
        question = f"SELECT DISTINCT folded FROM read WHERE {wanted} LIMIT {_LISTED + 1}"
        plates = [text for (text,) in self._connection.execute(question, values)]
        return None if len(plates) > _LISTED else plates

    def _by_plate(self, plates: list[str], span: Span, limit: int) -> list[Found]:
        lprs, numbers = _among("+lpr", self._terms.lprs)
        found: list[Found] = []
        for begin in range(0, len(plates), _AT_ONCE):
            wanted, texts = _among("folded", plates[begin : begin + _AT_ONCE])
            condition = f"+at >= ? AND +at < ?{wanted}{lprs}"
            found += self._fetched(
                condition, [*span, *texts, *numbers], "+at DESC, +number DESC", limit, by_key=len(texts) >= _MANY
            )
        return newest(found, limit)

    def _by_lpr(self, span: Span, limit: int) -> list[Found]:
        wanted, texts = self._sought()
        found: list[Found] = []
        for lpr in self._terms.lprs:
            condition = f"lpr = ? AND at >= ? AND at < ?{wanted}"
            found += self._fetched(condition, [lpr, *span, *texts], "at DESC, +number DESC", limit)
        return newest(found, limit)

    def _by_time(self, span: Span, limit: int) -> list[Found]:
        wanted, texts = self._sought()
        lprs, numbers = _among("+lpr", self._terms.lprs)
        condition = f"at >= ? AND at < ?{wanted}{lprs}"
        return self._fetched(condition, [*span, *texts, *numbers], "at DESC, number DESC", limit)

    def _sought(self) -> tuple[str, list[str]]:
        if self._terms.sought is None:
            return "", []
        condition, values = self._terms.sought.sql("+folded")
        return f" AND {condition}", values

    def _fetched(
        self, condition: str, values: list[object], order: str, limit: int, *, by_key: bool = False
    ) -> list[Found]:
        """Fetch the first rows of an order; `by_key` finds them first, in the index if that has all that is asked."""
        page, place = "", []
        if self._before is not None:
            page, place = " AND (+at < ? OR +number < ?)", [self._before.at, self._before.rowid]
        rest = f"FROM read WHERE {condition}{page}{self._filters} ORDER BY {order} LIMIT ?"
        question = f"SELECT {ALL_COLUMNS} {rest}"
        if by_key:
            question = f"SELECT {ALL_COLUMNS} FROM read WHERE number IN (SELECT number {rest}) ORDER BY {order}"
        rows = self._connection.execute(question, [*values, *place, *self._values, limit])
        return [(row[0], *row_from(row[1:])) for row in rows]


def newest(found: list[Found], limit: int) -> list[Found]:
    """Return the newest of what was found, newest first."""
    return sorted(found, key=lambda each: (each[1].at, each[0]), reverse=True)[:limit]


def _costs(terms: SearchTerms, known: Known, span: Span, limit: int) -> tuple[float, float, float]:
    """Return what it costs to fetch reads by plate, by LPR and by time, about."""
    plates, hints = known.plates, known.hints
    in_time = hints.reads * (span[1] - span[0]) / known.lasts
    share = 1.0 if terms.sought is None else _COMMON if plates is None else len(plates) / max(hints.plates, 1)
    of_lprs = min(len(terms.lprs) / max(hints.lprs, 1), 1.0) if terms.lprs else 1.0
    enough = inf if terms.picky else limit / max(share, 1e-9)
    by_plate = inf if plates is None else len(plates) * (_SEEK + _FETCH * hints.reads / max(hints.plates, 1))
    by_lpr = sum(min(in_time / max(hints.lprs, 1), enough) * _FETCH + _SEEK for _ in terms.lprs) or inf
    by_time = min(in_time, enough / of_lprs) * _STEP
    return by_plate, by_lpr, by_time


def _among(column: str, choices: tuple[int, ...] | list[str]) -> tuple[str, list[object]]:
    return (f" AND {column} IN ({', '.join('?' * len(choices))})", [*choices]) if choices else ("", [])
