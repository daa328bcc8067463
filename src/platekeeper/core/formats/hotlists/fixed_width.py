"""Files of fixed width, ten million lines in seconds.

Lines that are written plainly, which is nearly all of them, are read column by column for a whole block at once. Every
other line goes through `line_of`, which says what a line means; both ways mean the same (tests/core).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from platekeeper.core.categories import Category
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
    demand_sense,
    without_repeats,
)
from platekeeper.core.formats.hotlists.unpacking import LARGEST, only_member, plain_text
from platekeeper.core.matching.entries import Entries
from platekeeper.core.matching.packing import ALPHABET, characters_of, looks_of, state_code
from platekeeper.core.plates import JUNK as JUNK_PLATES
from platekeeper.core.plates import MAX_LENGTH, Plate, is_junk, parse_ncic_state, parse_plate

_BLOCK = 500_000
_LONGEST_ROW = 4_096
_SPACE = ord(" ")
_ODD = 255
_UPPER = np.zeros(256, np.uint8)
"""What a byte is in a plate, 0 where `parse_plate` must say."""
for _character in ALPHABET:
    _UPPER[[ord(_character), ord(_character.lower())]] = ord(_character)
_PRINTED = range(ord("!"), ord("~") + 1)

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FixedWidth:
    """A layout: columns are 0-based and end-exclusive; `details` are the rest of the entry's fields by name."""

    title: str
    plate: tuple[int, int]
    state: tuple[int, int]
    code: int
    codes: Mapping[str, Category]
    details: Mapping[str, tuple[int, int | None]]
    header_lines: int = 0
    largest: int = LARGEST
    is_incremental: bool = field(default=False, init=False)

    @property
    def shortest(self) -> int:
        """Characters that a line needs to be an entry."""
        return max(self.plate[1] - MAX_LENGTH + 1, self.state[1], self.code + 1)

    def rows(self, content: bytes) -> bytes:
        """Return the rows of the file or of the only one in its ZIP."""
        return plain_text(only_member(content, largest=self.largest))

    def line(self, read: ReadAt, place: int) -> HotListLine:
        """Return the entry written at a place. Raises ValueError when none is there."""
        row = read(place, _LONGEST_ROW).partition(b"\n")[0].decode("utf-8", "replace")
        found = self.line_of(0, row.rstrip("\r\x1a"))
        if isinstance(found, SkippedLine):
            raise ValueError(found.reason)
        return found

    def line_of(self, number: int, row: str) -> HotListLine | SkippedLine:
        """Return what one line means."""
        if len(row) < self.shortest:
            return SkippedLine(number, "shorter than the list code", row)
        code = row[self.code]
        category = self.codes.get(code)
        if category is None:
            return SkippedLine(number, f"unknown list code {code!r}", row)
        written = row[slice(*self.plate)]
        plate = parse_plate(written)
        if not isinstance(plate, Plate):
            return SkippedLine(number, "unreadable plate" if written.strip() else "no plate", row)
        if is_junk(plate):
            return SkippedLine(number, JUNK, row)
        raw_state = row[slice(*self.state)].strip()
        details: dict[str, Any] = {name: row[slice(*columns)].strip() for name, columns in self.details.items()}
        return HotListLine(
            plate=plate, state=parse_ncic_state(raw_state), raw_state=raw_state, code=code, category=category, **details
        )

    def category(self, kind: int) -> Category:
        """Return the category of a list code's number."""
        return self.codes[chr(kind)]

    def parse(self, rows: bytes, *, progress: Progress = lambda done, of: None) -> ParsedHotList:
        """Parse rows, block by block."""
        buffer = np.frombuffer(rows, dtype=np.uint8)
        begins, lengths = _rows_of(buffer)
        begins, lengths = begins[self.header_lines :], lengths[self.header_lines :]
        self._demand_whole(buffer, begins, lengths)
        left_out, columns = LeftOut(), _Columns()
        wide = _wide(rows, buffer, begins)
        for first in range(0, len(begins), _BLOCK):
            block = slice(first, first + _BLOCK)
            plain = self._plain(buffer, begins[block], np.where(wide[block], 0, lengths[block]), columns)
            for place in (np.flatnonzero(~plain) + first).tolist():
                begin, length = int(begins[place]), int(lengths[place])
                row = rows[begin : begin + length].decode("utf-8", "replace")
                if not row.strip():
                    continue
                found = self.line_of(place + 1 + self.header_lines, row)
                if isinstance(found, SkippedLine):
                    left_out.add(found)
                else:
                    columns.add(found, begin)
            progress(int(begins[min(first + _BLOCK, len(begins)) - 1]), len(buffer))

        def repeated(place: int) -> SkippedLine:
            at = int(np.searchsorted(begins, place))
            row = rows[place : place + int(lengths[at])].decode("utf-8", "replace")
            return SkippedLine(at + 1 + self.header_lines, REPEATED, row)

        entries = without_repeats(columns.entries(), place=repeated, left_out=left_out)
        demand_sense(left_out, rows=len(begins), entries=len(entries), title=self.title)
        counts: Counter[Category] = Counter()
        for kind, count in entries.counts().items():
            counts[self.category(kind)] += count
        return ParsedHotList(entries=entries, removed=entries.take(np.array([], int)), left_out=left_out, counts=counts)

    def _demand_whole(self, buffer: npt.NDArray[np.uint8], begins: Rows, lengths: Rows) -> None:
        if not len(begins) or not lengths.any():
            raise HotListFormatError(f"The file holds a header at most and no plates. {DELIVER_AGAIN}")
        last = buffer[int(begins[-1]) : int(begins[-1] + lengths[-1])]
        if len(last) < self.shortest and np.any(last != _SPACE):
            number = len(begins) + self.header_lines
            raise HotListFormatError(f"Line {number} breaks off: the file is not whole. {DELIVER_AGAIN}")

    def _plain(
        self, buffer: npt.NDArray[np.uint8], begins: Rows, lengths: Rows, columns: _Columns
    ) -> npt.NDArray[np.bool_]:
        """Add the plainly written lines of a block to the columns; return a mask of which they are."""

        def column(begin: int, end: int) -> npt.NDArray[np.uint8]:
            return buffer.take(begins[:, None] + np.arange(begin, end), mode="clip")

        plates, codes, states = column(*self.plate), column(self.code, self.code + 1)[:, 0], column(*self.state)
        blank, plates = plates == _SPACE, _UPPER.take(plates)
        pairs = _states_of_pairs().take(states[:, 0].astype(np.intp) << 8 | states[:, 1])
        plain: npt.NDArray[np.bool_] = (
            (lengths >= max(self.shortest, self.plate[1]))
            & self._known_codes().take(codes)
            & (pairs != _ODD)
            & ~blank[:, 0]
            & (blank | (plates != 0)).all(axis=1)
            & ~(blank[:, :-1] & ~blank[:, 1:]).any(axis=1)
        )
        plain &= ~_maybe_junk(plates)
        columns.add_block(plates[plain], states=pairs[plain], kinds=codes[plain], places=begins[plain])
        return plain

    def _known_codes(self) -> npt.NDArray[np.bool_]:
        known = np.zeros(256, dtype=bool)
        known[[ord(code) for code in self.codes]] = True
        return known


class _Columns:
    """The columns of a file while it is being parsed."""

    def __init__(self) -> None:
        self._blocks: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8], Rows]] = []
        self._plates: list[str] = []
        self._numbers: list[tuple[int, int, int]] = []

    def add_block(
        self,
        plates: npt.NDArray[np.uint8],
        *,
        states: npt.NDArray[np.uint8],
        kinds: npt.NDArray[np.uint8],
        places: Rows,
    ) -> None:
        self._blocks.append((plates, states, kinds, places))

    def add(self, line: HotListLine, place: int) -> None:
        self._plates.append(line.plate.text)
        self._numbers.append((state_code(line.state, line.raw_state), line.kind, place))

    def entries(self) -> Entries:
        """Return everything added, sorted; what stands first in the file stays first among equals."""
        if self._plates:
            numbers = np.array(self._numbers, np.int64)
            self.add_block(
                characters_of(self._plates),
                states=numbers[:, 0].astype(np.uint8),
                kinds=numbers[:, 1].astype(np.uint8),
                places=numbers[:, 2],
            )
        plates, states, kinds, places = (np.concatenate(column) for column in zip(*self._blocks, strict=True))
        order = np.argsort(places, kind="stable") if self._plates else slice(None)
        return Entries.of(characters=plates[order], states=states[order], kinds=kinds[order], places=places[order])


def _rows_of(buffer: npt.NDArray[np.uint8]) -> tuple[Rows, Rows]:
    """Return where the rows begin, and how long they are without the ends of lines."""
    ends = np.flatnonzero(buffer == ord("\n"))
    if len(buffer) and buffer[-1] != ord("\n"):
        ends = np.append(ends, len(buffer))
    begins = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lengths = ends - begins
    for _ in range(2):  # a carriage return, and the end of file of old systems
        tails = buffer.take(ends - 1, mode="clip")
        lengths = lengths - ((lengths > 0) & np.isin(tails, list(b"\r\x1a")))
        ends = begins + lengths
    while len(begins) and not lengths[-1]:
        begins, lengths = begins[:-1], lengths[:-1]
    return begins, lengths


def _wide(rows: bytes, buffer: npt.NDArray[np.uint8], begins: Rows) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows with characters of several bytes, in which columns and bytes differ."""
    wide = np.zeros(len(begins), dtype=bool)
    if not rows.isascii():
        places = np.searchsorted(begins, np.flatnonzero(buffer >= 128), side="right") - 1
        wide[places[places >= 0]] = True
    return wide


def _maybe_junk(plates: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return a mask of the plates that may be junk: `is_junk` decides."""
    looks = looks_of(plates)
    alike = ((plates == plates[:, :1]) | (plates == 0) | np.isin(plates, list(b"O0"))).all(axis=1)
    return np.asarray(alike | np.isin(looks, looks_of(characters_of(sorted(JUNK_PLATES)))))


@cache
def _states_of_pairs() -> npt.NDArray[np.uint8]:
    """Return the state codes of all pairs of bytes, `_ODD` for those with one blank or with what is not printed."""
    codes = np.full(65_536, _ODD, np.uint8)
    codes[_SPACE << 8 | _SPACE] = state_code(None)
    for first, second in product(_PRINTED, repeat=2):
        written = chr(first) + chr(second)
        codes[first << 8 | second] = state_code(parse_ncic_state(written), written)
    return codes
