"""Delimited files (CSV, TSV, `;`): which of their columns is which of ours is data, so that a template can be saved.

Rows are read one by one, quotes and line breaks within quotes included.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

import numpy as np

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists.dates import moment
from platekeeper.core.formats.hotlists.records import records
from platekeeper.core.formats.hotlists.rows import (
    DELIVER_AGAIN,
    JUNK,
    REPEATED,
    HotListFormatError,
    HotListLine,
    LeftOut,
    ParsedHotList,
    Progress,
    ReadAt,
    SkippedLine,
    category_of,
    demand_sense,
    without_repeats,
)
from platekeeper.core.formats.hotlists.unpacking import LARGEST, only_member, plain_text
from platekeeper.core.matching.entries import NO_END, Entries, seconds
from platekeeper.core.matching.packing import characters_of, state_code
from platekeeper.core.plates import Plate, is_junk, parse_plate, parse_state

FIELDS = (
    "plate", "state", "category", "reason", "make", "model", "year", "color", "reference", "agency", "effective",
    "expires", "action", "operation",
)  # fmt: skip
"""Our names of what a column can hold."""
_DELIMITERS = ",;\t|"
_REMOVALS = frozenset({"remove", "removed", "delete", "deleted", "del", "d", "r", "cancel", "clear", "-"})
_ADDITIONS = frozenset(
    {"", "add", "added", "a", "new", "insert", "i", "update", "updated", "u", "change", "changed", "+"}
)
_OPERATIONS = _ADDITIONS | _REMOVALS
_REPORT_EVERY = 50_000
_LONGEST_ROW = 65_536
_LONGEST_DELIVERED = _LONGEST_ROW // 4  # our own file of changes may quote it, and stays readable
_BEFORE_HEADING = re.compile(rb"(?:[^\S\n]*+\n)*+(?:(?i:sep=).\s*?\n)?")  # a spreadsheet's own line may stand there


@dataclass(frozen=True)
class Delimited:
    """A layout. `columns` maps our names to theirs, several where makers differ; without `has_header` they are in order.

    `categories` maps their words, in lower case, to ours; what is not there is `other_category`, or left out without one.
    A day or time that names no zone is one of `zone`.
    A row without a heading must reach the column `reaches`, for what is cut off must not pass for what has no end.
    """

    title: str
    columns: Mapping[str, tuple[str, ...]]
    delimiter: str | None = None
    has_header: bool = True
    categories: Mapping[str, Category] = field(default_factory=dict)
    other_category: Category | None = Category.OTHER
    actions: Mapping[str, HitAction] = field(default_factory=dict)
    is_incremental: bool = False
    day_first: bool = False
    zone: tzinfo = UTC
    reaches: str = "plate"
    largest: int = LARGEST

    def rows(self, content: bytes) -> bytes:
        """Return the rows of the file or of the only one in its ZIP, the heading in front of them."""
        return plain_text(only_member(content, largest=self.largest))

    def line(self, read: ReadAt, place: int) -> HotListLine:
        """Return the entry written at a place. Raises ValueError when none is there."""
        places, delimiter, _ = self._layout(read(0, _LONGEST_ROW))
        text = io.StringIO(read(place, _LONGEST_ROW).decode("utf-8", "replace"))
        try:
            row = next(csv.reader(text, delimiter=delimiter), [])
        except csv.Error as error:
            raise ValueError(str(error)) from error
        found = self.line_of(0, row, places)
        if isinstance(found, SkippedLine):
            raise ValueError(found.reason)
        return found

    def category(self, kind: int) -> Category:
        """Return the category of its number: these files have no list codes."""
        return category_of(kind)

    def line_of(self, number: int, row: list[str], places: Mapping[str, int]) -> HotListLine | SkippedLine:
        """Return what one row means."""

        def left_out(reason: str) -> SkippedLine:
            return SkippedLine(number, reason, ",".join(row))

        def told(name: str) -> str:
            place = places.get(name)
            return row[place].strip() if place is not None and place < len(row) else ""

        if not self.has_header and (len(row) <= places[self.reaches] or any(map(str.strip, row[len(self.columns) :]))):
            return left_out(f"not the {len(self.columns)} columns of the format")
        plate = parse_plate(told("plate"))
        if not isinstance(plate, Plate):
            return left_out("unreadable plate" if told("plate") else "no plate")
        if is_junk(plate):
            return left_out(JUNK)
        operation = told("operation").lower()
        if self.is_incremental and operation not in _OPERATIONS:
            return left_out(f"unknown operation {operation!r}")
        word = told("category").lower()
        category = self.categories.get(word, self.other_category)
        if category is None:
            return left_out(f"unknown category {told('category')!r}")
        try:
            effective = moment(told("effective"), zone=self.zone, day_first=self.day_first)
            expires = moment(told("expires"), zone=self.zone, day_first=self.day_first, whole_day=True)
        except ValueError as error:
            return left_out(str(error))
        return HotListLine(
            plate=plate,
            state=parse_state(told("state")),
            raw_state=told("state")[:20],
            category=category,
            make=told("make"),
            model=told("model"),
            year=told("year"),
            color=told("color"),
            reason=": ".join(filter(None, (told("category") if word not in self.categories else "", told("reason")))),
            reference=told("reference"),
            agency=told("agency"),
            effective=effective,
            expires=expires,
            action=self.actions.get(told("action").lower()),
            removes=self.is_incremental and operation in _REMOVALS,
        )

    def lines(self, rows: bytes) -> Iterator[tuple[int, int, HotListLine | SkippedLine]]:
        """Give (line number, place, what it means) of every row that is not blank."""
        places, delimiter, begin = self._layout(rows[:_LONGEST_ROW])
        least = max(places.values()) + 1
        for number, place, end, row in records(rows, begin, delimiter):
            if end == len(rows) and len(row) < least and not rows.endswith((b"\n", b"\r")):
                raise HotListFormatError(f"Line {number} breaks off: the file is not whole. {DELIVER_AGAIN}")
            if end - place > _LONGEST_DELIVERED:
                start = rows[place : place + 200].decode("utf-8", "replace")
                yield number, place, SkippedLine(number, f"longer than {_LONGEST_DELIVERED} bytes", start)
            elif any(cell.strip() for cell in row):
                yield number, place, self.line_of(number, row, places)

    def parse(self, rows: bytes, *, progress: Progress = lambda done, of: None) -> ParsedHotList:
        """Parse rows one by one."""
        left_out, counts = LeftOut(), Counter[Category]()
        wanted, gone = _Columns(), _Columns()
        numbers: dict[int, int] = {}
        for number, place, found in self.lines(rows):
            if number % _REPORT_EVERY == 0:
                progress(place, len(rows))
            if isinstance(found, SkippedLine):
                left_out.add(found)
            else:
                (gone if found.removes else wanted).add(found, place)
                numbers[place] = number

        def repeated(place: int) -> SkippedLine:
            return SkippedLine(
                numbers[place], REPEATED, rows[place : place + 200].split(b"\n")[0].decode("utf-8", "replace")
            )

        entries, removed = without_repeats(wanted.entries(), place=repeated, left_out=left_out), gone.entries()
        demand_sense(left_out, rows=len(numbers) + left_out.faults, entries=len(numbers), title=self.title)
        for kind, count in entries.counts().items():
            counts[self.category(kind)] = count
        return ParsedHotList(entries=entries, removed=removed, left_out=left_out, counts=counts)

    def _layout(self, rows: bytes) -> tuple[dict[str, int], str, int]:
        """Return where each of our columns stands, the delimiter, and where the first row begins."""
        before = _BEFORE_HEADING.match(rows)
        begin = before.end() if before else 0
        first, newline, _ = rows[begin:].partition(b"\n")
        if not first.strip():
            raise HotListFormatError(f"The file is empty. {DELIVER_AGAIN}")
        if not self.has_header:
            return {name: place for place, name in enumerate(self.columns) if name in FIELDS}, self.delimiter or ",", 0
        if len(first) >= _LONGEST_DELIVERED:
            raise HotListFormatError(f"The first line is no heading: it is longer than {_LONGEST_DELIVERED} bytes.")
        heading = first.decode("utf-8", "replace").rstrip("\r")
        found = {each: self._places(_cells(heading, each)) for each in self.delimiter or _DELIMITERS}
        # Names of columns may hold delimiters, so the one by which most columns of ours are found is the file's.
        delimiter = max(found, key=lambda each: (len(found[each]), heading.count(each)))
        if "plate" not in found[delimiter]:
            raise HotListFormatError(
                f"The first line has no column named {' or '.join(self.columns['plate'])}; "
                f"it has: {', '.join(_cells(heading, delimiter))[:200]}."
            )
        return found[delimiter], delimiter, begin + len(first) + len(newline)

    def _places(self, cells: list[str]) -> dict[str, int]:
        return {ours: found[0] for ours, names in self.columns.items() if (found := _places_of(names, cells))}


class _Columns:
    """The columns of a file while it is being parsed."""

    def __init__(self) -> None:
        self._plates: list[str] = []
        self._states: list[int] = []
        self._kinds: list[int] = []
        self._places: list[int] = []
        self._begins: list[float | None] = []
        self._ends: list[float | None] = []

    def add(self, line: HotListLine, place: int) -> None:
        self._plates.append(line.plate.text)
        self._states.append(state_code(line.state, line.raw_state))
        self._kinds.append(0 if line.removes else line.kind)  # a plate goes off the list whatever it was on it for
        self._places.append(place)
        self._begins.append(line.effective.timestamp() if line.effective else None)
        self._ends.append(line.expires.timestamp() if line.expires else None)

    def entries(self) -> Entries:
        return Entries.of(
            characters=characters_of(self._plates),
            states=np.array(self._states, np.uint8),
            kinds=np.array(self._kinds, np.uint8),
            places=np.array(self._places, np.uint32),
            begins=seconds(self._begins, missing=0),
            ends=seconds(self._ends, missing=NO_END),
        )


def _cells(heading: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error as error:
        raise HotListFormatError(f"Line 1: {error}. {DELIVER_AGAIN}") from error


def _places_of(names: tuple[str, ...], cells: list[str]) -> list[int]:
    """Return the columns of some names, best first: the first name's first column, as it is written or nearly so."""
    for alike in (_cased, _named):
        theirs = [alike(cell) for cell in cells]
        if found := [theirs.index(alike(name)) for name in names if alike(name) in theirs]:
            return found
    return []


def _cased(heading: str) -> str:
    return heading.strip().lower()


def _named(heading: str) -> str:
    """Return a column's name without what people write differently: case, blanks and marks (`PLATE_NO.`, `PlateNo`)."""
    return re.sub(r"[\W_]+", "", heading.lower()) or _cased(heading)
