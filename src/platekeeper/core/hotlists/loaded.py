"""A hot list file ready for matching: its rows, and an index that says where in them each entry stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from mmap import mmap
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, incremental
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.mapped import templated
from platekeeper.core.formats.hotlists.rows import HotListFormat, HotListLine, ParsedHotList
from platekeeper.core.matching import Entries, HotListIndex, taken_off

CHANGES = "changes"
"""The format under which the sum of changes is kept: our own, and no file that is delivered."""

Layout = Mapping[str, Mapping[str, str]]
NumbersOfEntries = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file's entries. `removed` is what it takes off a list, `withdrawn` which entries of the whole list that is."""

    name: str
    format: HotListFormat
    rows: bytes | mmap
    index: HotListIndex
    removed: Entries
    withdrawn: NumbersOfEntries

    @property
    def entries(self) -> Entries:
        """The entries, by the numbers that matches give."""
        return self.index.entries

    def line(self, number: int) -> HotListLine:
        """Return what the file says of an entry."""
        return self.format.line(self._read, int(self.entries.places[number]))

    def in_order(self, numbers: NumbersOfEntries) -> Iterator[HotListLine]:
        """Give what the file says of some entries, in its own order, read as they are asked for."""
        return map(self.line, numbers[np.argsort(self.entries.places[numbers])])

    def _read(self, offset: int, length: int) -> bytes:
        return self.rows[offset : offset + length]


def format_of(name: str, layout: Layout) -> HotListFormat:
    """Return a format with a list's own template, its times in the zone that they were read in; UTC where none was kept.

    Raises ValueError for a template that makes no sense.
    """
    if name == CHANGES:
        return incremental.FORMAT
    found = HOT_LIST_FORMATS[name]
    if not isinstance(found, Delimited):
        return found
    own = templated(found, columns=layout.get("columns", {}), categories=layout.get("words", {}))
    return replace(own, zone=ZoneInfo(layout.get("times", {}).get("zone", "UTC")))


def withdrawn(base: Loaded | None, parsed: ParsedHotList) -> NumbersOfEntries:
    """Return the entries of a whole list that changes take off it, or say anew."""
    if base is None:
        return np.empty(0, np.intp)
    again = np.flatnonzero(base.entries.standing_in(parsed.entries)) if len(parsed.entries) else np.empty(0, np.intp)
    return np.union1d(taken_off(base.entries, parsed.removed), again)
