"""Thousands of partial plates against a batch in one step.

Every pattern is filed under up to four of its known characters whose place is fixed, counted from the front or from the
back of the plate. All patterns filed under the same places share a table of what they want to see there; one matrix
product looks a whole batch up in all tables at once. The few that pass are compared character by character. A pattern
without a fixed place (`*ABC*`) is filed once for every place at which it can begin.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import ALPHABET, PlateBatch
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import MAX_LENGTH, fold

_Places = tuple[int, ...]
_Known = dict[int, str]
_CODE = {character: ALPHABET.index(fold(character)) + 1 for character in ALPHABET}
_MOST = 4
_BASE = len(ALPHABET) + 1
_TABLE_BITS = 16
"""Of a table's slots: what is wanted is a number below 37**4, and few of them are wanted at once."""
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - _TABLE_BITS)
_COLUMNS = 2 * MAX_LENGTH

_CODES = np.zeros(256)
for _character, _code in _CODE.items():
    _CODES[ord(_character)] = _code


class PartialIndex:
    """Patterns ready for matching; never changed once built."""

    def __init__(self, patterns: Sequence[PlatePattern]) -> None:
        """File every pattern; they are known by their place in the sequence."""
        self._matches = [pattern.matches_folded for pattern in patterns]
        filed = _file([(number, known) for number, pattern in enumerate(patterns) for known in _fixed(pattern)])
        self._columns = _COLUMNS if any(places[-1:] >= (MAX_LENGTH,) for places in filed) else MAX_LENGTH
        self._weights = np.zeros((self._columns, len(filed)))
        self._starts = np.arange(len(filed)) << _TABLE_BITS
        self._wanted = np.zeros(len(filed) << _TABLE_BITS, dtype=bool)
        self._slots: dict[int, list[int]] = defaultdict(list)
        for table, (places, members) in enumerate(filed.items()):
            for power, place in enumerate(places):
                self._weights[place, table] = float(_BASE**power)
            wanted = [
                sum(_CODE[known[place]] * _BASE**power for power, place in enumerate(places)) for _, known in members
            ]
            slots = _mixed(np.array(wanted, np.intp)) + self._starts[table]
            self._wanted[slots] = True
            for (number, _), slot in zip(members, slots.tolist(), strict=True):
                self._slots[slot].append(number)

    def match(self, batch: PlateBatch) -> Iterator[tuple[int, int]]:
        """Give (place in the batch, number of the pattern) of every match, each once."""
        characters = batch.characters if self._columns == MAX_LENGTH else batch.from_both_ends
        # Floating point is exact here, and its product the fastest.
        seen_there = (_CODES.take(characters) @ self._weights).astype(np.intp)
        slots = (_mixed(seen_there) + self._starts).ravel()
        passed = np.flatnonzero(self._wanted.take(slots))
        seen: set[tuple[int, int]] = set()
        for cell, slot in zip(passed.tolist(), slots.take(passed).tolist(), strict=True):
            sighting = cell // len(self._starts)
            folded = fold(batch.texts[sighting])
            for number in self._slots[slot]:
                if folded and self._matches[number](folded) and (sighting, number) not in seen:
                    seen.add((sighting, number))
                    yield sighting, number


def _mixed(numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the slots of numbers within a table: a product costs a fifth of a remainder."""
    return (numbers.view(np.uint64) * _MIX >> _SHIFT).view(np.intp)


def _file(patterns: list[tuple[int, _Known]]) -> dict[_Places, list[tuple[int, _Known]]]:
    """File patterns under as few choices of places as can be found by taking the most popular one each time."""
    filed: dict[_Places, list[tuple[int, _Known]]] = {}
    while patterns:
        popular = Counter(places for _, known in patterns for places in _choices(known))
        places = max(sorted(popular), key=popular.__getitem__)
        filed[places] = [(number, known) for number, known in patterns if places in _choices(known)]
        patterns = [(number, known) for number, known in patterns if places not in _choices(known)]
    return filed


def _fixed(pattern: PlatePattern) -> Iterator[_Known]:
    """Give the known characters by column: 0 to 9 from the front, 10 to 19 so that the plate's last one is in 19."""
    first, *rest = pattern.text.split("*")
    known = {place: character for place, character in enumerate(first) if character != "?"}
    if rest:
        last = rest[-1]
        known |= {_COLUMNS - len(last) + place: c for place, c in enumerate(last) if c != "?"}
    if known or not rest:
        yield known
        return
    middle = max(rest[:-1], key=lambda piece: sum(c != "?" for c in piece), default="")
    for begin in range(len(first), MAX_LENGTH - len(middle) + 1):
        yield {begin + place: c for place, c in enumerate(middle) if c != "?"}


def _choices(known: _Known) -> list[_Places]:
    return list(combinations(sorted(known), min(_MOST, len(known))))
