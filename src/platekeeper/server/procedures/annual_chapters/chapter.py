"""A chapter of the audit packet: a table to read in print, and whole as CSV and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platekeeper.core.document import Part, Table
from platekeeper.server.register.period import Period

PRINTED = 120
"""A chapter prints so many rows; all of them are in its file."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: `rows` by column in the order of the first, `printed` the columns to print as (column, heading, share)."""

    name: str
    heading: str
    words: tuple[str, ...]
    printed: tuple[tuple[str, str, int], ...]
    rows: Sequence[Mapping[str, Any]]
    empty: str
    facts: tuple[tuple[str, str], ...] = ()

    def part(self) -> Part:
        """Return it as it is printed."""
        more = len(self.rows) - PRINTED
        cut = (f"The first {PRINTED} of {len(self.rows):,} are printed; {self.name}.csv has all.",) if more > 0 else ()
        cells = tuple(tuple(said(row[name]) for name, _, _ in self.printed) for row in self.rows[:PRINTED])
        columns = tuple((heading, share) for _, heading, share in self.printed)
        return Part(self.heading, (*self.words, *cut), self.facts, Table(columns, cells, self.empty))


def day(period: Period, moment: datetime | None) -> str:
    """Return a moment's day in the department's calendar, empty for none."""
    return period.day_of(moment) if moment else ""


def minute(period: Period, moment: datetime | None) -> str:
    """Return a moment in the department's zone, empty for none."""
    return f"{moment.astimezone(period.zone):%Y-%m-%d %H:%M}" if moment else ""


def said(value: Any) -> str:
    """Return a value as it is printed."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}" if value >= 10_000 else str(value)
        case list():
            return ", ".join(map(str, value))
        case None:
            return ""
        case _:
            return str(value)
