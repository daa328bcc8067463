"""Stored reads, newest first, with an early first page.

Plates are looked up in the dictionary of a day, and a day that has none of them is not opened at all. In a file the
reads are then fetched in the way that is thought to cost least (`fetching`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from platekeeper.core.search.hours import Span
from platekeeper.server.storage.columns import Found
from platekeeper.server.storage.days import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, day_of, start_of
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.sqlite.dictionaries import DayDictionary, dictionary_of, let_go, whole_dictionary
from platekeeper.server.storage.sqlite.fetching import Known, SearchedFile, newest
from platekeeper.server.storage.sqlite.layout import HourFile, days_in, times_opened
from platekeeper.server.storage.sqlite.opened import OpenDays
from platekeeper.server.storage.sqlite.reading import sealed_hours
from platekeeper.server.storage.sqlite.revisions import revisions_of
from platekeeper.server.storage.terms import Cursor, Page, SearchTerms


def search(store: Path, terms: SearchTerms, *, before: Cursor | None, limit: int, seconds: float | None) -> Page:
    """Return up to `limit` reads, newest first, going on after `before`. Raises `SearchTooWide` after so many seconds."""
    deadline = Deadline(seconds)
    while True:
        believed = _Believed(times_opened(str(store)))
        with OpenDays(store, deadline) as opened:
            page = _search(opened, terms, before, limit, believed)
        if believed.still_holds(times_opened(str(store))):
            return page


def _search(opened: OpenDays, terms: SearchTerms, before: Cursor | None, limit: int, believed: _Believed) -> Page:
    days = days_in(opened.store)
    folders = [f"{opened.store}{os.sep}{day.isoformat()}" for day in days]
    let_go(opened.store, but=frozenset(folders))
    plain = not (terms.picky or terms.lprs or terms.hours)
    found: list[Found] = []
    for day, folder in zip(reversed(days), reversed(folders), strict=True):
        opened.deadline.check()
        spans = _spans(day, terms, before)
        if not spans:
            continue
        more = limit + 1 - len(found)
        # The newest reads of all that day are those of the plates that were seen last.
        ends = plain and spans[0][1] == start_of(day) + MICROSECONDS_A_DAY
        looked_up = _look_up(folder, terms, believed, newest=more if ends else None)
        if looked_up.has_none:
            continue
        found += _Day(opened, day, looked_up, terms, before).found(spans, limit=more)
        if len(found) > limit:
            number, last, _ = found[limit - 1]
            return Page(stored(opened, found[:limit]), Cursor(last.at, number))
    return Page(stored(opened, found), None)


def stored(opened: OpenDays, found: list[Found]) -> list[StoredRead]:
    """Return reads with what is known of their other revisions."""
    standing = revisions_of(opened, [(number, row) for number, row, _ in found])
    return [
        StoredRead(row, day_of(row.at), number, revision, corrected, image)
        for (number, row, image), (revision, corrected) in zip(found, standing, strict=True)
    ]


def _spans(day: date, terms: SearchTerms, before: Cursor | None) -> list[Span]:
    """Return when on a day reads are looked for, newest first."""
    begins = start_of(day)
    until = terms.until if before is None else min(terms.until, before.at + 1)
    since, until = max(terms.since, begins), min(until, begins + MICROSECONDS_A_DAY)
    if since >= until:
        return []
    return [(since, until)] if terms.hours is None else terms.hours.spans(since, until)[::-1]


class _Believed:
    """The dictionaries by which days were passed over, or their sealed files asked alone."""

    def __init__(self, opened: int) -> None:
        """Take how often hour files had been opened before anything was looked at."""
        self._opened = opened
        self._days: dict[str, DayDictionary] = {}

    def of(self, folder: str) -> DayDictionary | None:
        """Return the dictionary of a day's folder if it surely has every plate of the day."""
        dictionary = whole_dictionary(folder, opened=self._opened)
        if dictionary is not None:
            self._days[folder] = dictionary
        return dictionary

    def still_holds(self, opened: int) -> bool:
        """Say whether all of it is right still, now that hour files have been opened so many times."""
        return opened == self._opened or all(
            (now := whole_dictionary(folder, opened=opened)) is not None and now.seen == dictionary.seen
            for folder, dictionary in self._days.items()
        )


class _LookedUp(NamedTuple):
    """A day's dictionary, if it surely has every plate of the day, and what it has of those sought: None is too many."""

    dictionary: DayDictionary | None
    plates: list[str] | None
    has_none: bool


_NONE = _LookedUp(None, None, has_none=True)
_UNKNOWN = _LookedUp(None, None, has_none=False)


def _look_up(folder: str, terms: SearchTerms, believed: _Believed, *, newest: int | None) -> _LookedUp:
    sought = terms.sought
    dictionary = believed.of(folder)
    if dictionary is None:
        return _UNKNOWN
    plates = None if sought is None else dictionary.plates.find(sought, newest=newest)
    return _NONE if plates == [] else _LookedUp(dictionary, plates, has_none=False)


class _Day:
    """A day that is searched."""

    def __init__(
        self, opened: OpenDays, day: date, looked_up: _LookedUp, terms: SearchTerms, before: Cursor | None
    ) -> None:
        self._opened, self._day, self._looked_up, self._terms, self._before = opened, day, looked_up, terms, before

    def found(self, spans: list[Span], *, limit: int) -> list[Found]:
        """Return up to `limit` reads of these spans, newest first, as the spans are."""
        first, last = (self._hour(spans[-1][0]), self._hour(spans[0][1] - 1))
        # An hour more on each side: that is where other revisions are looked for.
        searched = self._files(range(max(first - 1, 0), min(last + 1, 23) + 1))
        found: list[Found] = []
        for span in self._parts(spans, alone=searched.keys() == {None}):
            part: list[Found] = []
            for hour, file in searched.items():
                if hour is None or hour.hour == self._hour(span[0]):
                    part += file.found(span, limit=limit - len(found))
            found += newest(part, limit - len(found))
            if len(found) == limit:
                break
        return found

    def _files(self, hours: Collection[int]) -> dict[HourFile | None, SearchedFile]:
        if self._looked_up.dictionary is not None:
            sealed = self._opened.sealed_file(self._day)
            if sealed is None:
                return {}
            return {None: self._sealed(sealed, self._looked_up.dictionary, self._looked_up.plates)}
        files = self._opened.files(self._day, hours)
        searched = {hour: SearchedFile(connection, self._terms, self._before) for hour, connection in files.items()}
        if None in files:
            dictionary = dictionary_of(self._opened.store / self._day.isoformat())
            if dictionary is not None and dictionary.is_of(sealed_hours(files[None])):
                plates = dictionary.plates.find(self._terms.sought) if self._terms.sought else None
                searched[None] = self._sealed(files[None], dictionary, plates)
        return searched

    def _sealed(self, file: sqlite3.Connection, dictionary: DayDictionary, plates: list[str] | None) -> SearchedFile:
        known = Known(plates, dictionary.hints, MICROSECONDS_A_DAY)
        return SearchedFile(file, self._terms, self._before, known=known)

    def _parts(self, spans: list[Span], *, alone: bool) -> Iterator[Span]:
        """Give the spans as they are where there is the sealed file alone, else cut at the hours."""
        for since, until in spans:
            end = until
            while not alone and self._hour(since) < self._hour(end - 1):
                begin = (end - 1) // MICROSECONDS_AN_HOUR * MICROSECONDS_AN_HOUR
                yield begin, end
                end = begin
            yield since, end

    def _hour(self, at: int) -> int:
        return (at - start_of(self._day)) // MICROSECONDS_AN_HOUR
