"""What every hot list format is parsed into. Parsers are pure functions of bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.matching.entries import NO_END, Entries
from platekeeper.core.matching.index import HotListIndex
from platekeeper.core.matching.packing import state_code
from platekeeper.core.plates import Plate, fold, parse_state

MOST_SKIPPED = 100_000
"""Lines left out that are listed one by one; beyond it they are counted."""
JUNK, REPEATED = "junk plate", "repeated"
_CATEGORIES = list(Category)

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have been parsed."""


ReadAt = Callable[[int, int], bytes]
"""Reads rows at an offset, up to a length."""


class HotListFormatError(ValueError):
    """The file is not of this format or not whole; nothing of it is accepted. The message says where and what to do."""


@dataclass(frozen=True, slots=True)
class HotListLine:
    """One plate of a delivered file. `state` is None where the file's own `raw_state` names none of ours.

    `removes` takes the plate off the list (incremental files); `action` is what the file says a hit does.
    """

    plate: Plate
    state: str | None
    category: Category
    raw_state: str = ""
    code: str = ""
    plate_type: str = ""
    make: str = ""
    model: str = ""
    year: str = ""
    color: str = ""
    reason: str = ""
    reference: str = ""
    agency: str = ""
    effective: datetime | None = None
    expires: datetime | None = None
    action: HitAction | None = None
    removes: bool = False

    @property
    def key(self) -> str:
        """What names this plate in every delivery that holds it: state, folded plate, list code or category."""
        return f"{self.state or self.raw_state}:{fold(self.plate.text)}:{self.code or self.category}"

    @property
    def kind(self) -> int:
        """The 7-bit number of the list code, or else of the category."""
        return kind_of(self.code or self.category)


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line left out, and why."""

    number: int
    reason: str
    text: str


@dataclass(slots=True)
class LeftOut:
    """The lines of a file that were left out: the first of them one by one, all of them by reason."""

    lines: list[SkippedLine] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, line: SkippedLine) -> None:
        """Leave a line out."""
        self.reasons[line.reason] += 1
        if len(self.lines) < MOST_SKIPPED:
            self.lines.append(line)

    @property
    def faults(self) -> int:
        """How many of them make no sense, rather than being junk or repeated."""
        return sum(count for reason, count in self.reasons.items() if reason not in {JUNK, REPEATED})


@dataclass(frozen=True, slots=True)
class ParsedHotList:
    """A whole file: its entries, what it takes off the list if it is incremental, and the lines left out."""

    entries: Entries
    removed: Entries
    left_out: LeftOut
    counts: dict[Category, int]

    @property
    def skipped(self) -> list[SkippedLine]:
        """The lines left out, in the order of the file, as far as they are listed."""
        return sorted(self.left_out.lines, key=lambda line: line.number)


class HotListFormat(Protocol):
    """A format: how a file is unpacked, parsed whole, and one of its lines read again."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def is_incremental(self) -> bool:
        """Whether a file changes the list rather than being the list."""

    def rows(self, content: bytes) -> bytes:
        """Return the rows of a file as delivered, out of its ZIP if need be. Raises `HotListFormatError`."""

    def parse(self, rows: bytes, *, progress: Progress) -> ParsedHotList:
        """Parse rows. Raises `HotListFormatError`; then nothing of them counts."""

    def line(self, read: ReadAt, place: int) -> HotListLine:
        """Return the entry written at a place of the rows, which the `places` of entries name. Raises ValueError."""

    def category(self, kind: int) -> Category:
        """Return the category that the 7-bit kind of an entry stands for."""


def kind_of(code: str) -> int:
    """Return the 7-bit number of a list code of one character, or of a category by its value."""
    return ord(code) if len(code) == 1 else _CATEGORIES.index(Category(code)) + 1


def category_of(kind: int) -> Category:
    """Return the category whose 7-bit number is `kind`."""
    return _CATEGORIES[kind - 1]


def stands_in(index: HotListIndex, key: str) -> bool:
    """Say whether the line of a key stands on a list."""
    state, folded, code = key.rsplit(":", 2)
    return index.holds(folded=folded, state=state_code(parse_state(state), state), kind=kind_of(code))


def without_repeats(entries: Entries, *, place: Callable[[int], SkippedLine], left_out: LeftOut) -> Entries:
    """Return entries each once; `place` names the line of one that says what another has said.

    Of those that hold for different times the one that ends last stays, and one whose time is another altogether.
    """
    repeated = entries.repeated()
    if len(entries.begins) or len(entries.ends):
        _choose_times(entries, repeated)
    for at in entries.places[repeated][:MOST_SKIPPED].tolist():
        left_out.add(place(at))
    if (beyond := int(np.count_nonzero(repeated)) - MOST_SKIPPED) > 0:
        left_out.reasons[REPEATED] += beyond
    return entries.take(~repeated) if repeated.any() else entries


def _choose_times(entries: Entries, repeated: npt.NDArray[np.bool_]) -> None:
    """Change a mask of repeats, so that a renewed entry is not lost to the one that has run out."""
    begins = entries.begins if len(entries.begins) else np.zeros(len(entries), np.uint32)
    ends = entries.ends if len(entries.ends) else np.full(len(entries), NO_END, np.uint32)
    firsts = np.flatnonzero(~repeated[:-1] & repeated[1:])
    for first in firsts.tolist():
        last = first + 1
        while last < len(entries) and repeated[last]:
            last += 1
        chosen: list[int] = []
        earliest = NO_END
        for at in sorted(range(first, last), key=lambda at: (-int(ends[at]), int(begins[at]))):
            if not chosen or ends[at] <= earliest:
                chosen.append(at)
                earliest = min(earliest, int(begins[at]))
        repeated[first:last] = True
        repeated[chosen] = False


def demand_sense(left_out: LeftOut, *, rows: int, entries: int, title: str) -> None:
    """Refuse a file without a plate, or of which every fifth line makes no sense."""
    if entries and left_out.faults * 5 <= rows:
        return
    first = next((line for line in left_out.lines if line.reason not in {JUNK, REPEATED}), None)
    where = f", the first is line {first.number} ({first.reason})" if first else ""
    raise HotListFormatError(
        f"{left_out.faults} of {rows} lines make no sense as {title}{where}. Check that this is the right file. "
        f"{DELIVER_AGAIN}"
    )


DELIVER_AGAIN = "Ask for the file again; the list in force stays in force."
