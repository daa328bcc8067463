"""Reads against a hot list: which entries a batch of plates matches, and how (design section 4).

Most plates of the street stand on no list, so each is looked up in a bit filter first, and only the few that pass are
searched for. Columns and filter may be memory-mapped, so that processes share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.entries import KIND_BITS, NO_END, STATE_BITS, TAIL_BITS, Entries
from platekeeper.core.matching.packing import (
    NO_STATE,
    OTHER_STATES,
    Numbers,
    PlateBatch,
    looks_of,
    state_code,
    variant_of,
)
from platekeeper.core.matching.partials import PartialIndex
from platekeeper.core.matching.words import HowMatched, Match, StateAgreement
from platekeeper.core.partial import PlatePattern

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_TAIL: Final = np.uint64(TAIL_BITS)
_CHOICE_BITS: Final = 12
_CHOICE: Final = 2**_CHOICE_BITS - 1
_CHOICES: Final = np.arange(2**_CHOICE_BITS)[:, None]
_PLACES: Final = _CHOICES + (_CHOICES >> 5 | 1) * np.arange(4) & 63
"""Four of a word's bits for every twelve bits of a mixed look: a first one and an odd step."""
_BITS: Final = np.bitwise_or.reduce(np.uint64(1) << _PLACES.astype(np.uint64), axis=1)
_LEAST_FILTER = 7
_CHUNK = 500_000
_WORDS_AN_ENTRY = 0.16  # some ten to twenty bits: one plate in 200 that stands on no list is searched for in vain


class HotListIndex:
    """A list ready for matching; never changed once made, so threads share it freely."""

    def __init__(
        self, entries: Entries, *, patterns: Sequence[PlatePattern] = (), filter: Numbers | None = None
    ) -> None:
        """Make an index of complete plates and, numbered after them, of partial ones (which are in force always)."""
        self.entries = entries
        self.filter = _filter_of(entries.words) if filter is None else filter
        self._shift = _shift(len(self.filter).bit_length() - 1)
        self._partials = PartialIndex(patterns)
        self._pattern_count = len(patterns)

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[Any]]) -> HotListIndex:
        """Return an index from what `columns` gave, such as memory-mapped files."""
        return cls(Entries.from_columns(columns), filter=np.asarray(columns["filter"]))

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that files must hold, by name."""
        return {**self.entries.columns(), "filter": self.filter}

    def __len__(self) -> int:
        return len(self.entries) + self._pattern_count

    def match(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> list[Match]:
        """Return every match of a batch. `states` are those read, `at` seconds since 1970 UTC."""
        found: list[Match] = []
        passed = self._passed(batch.looks)
        if len(passed):
            looks = batch.looks.take(passed)
            places = self.entries.words.searchsorted(looks << _TAIL)
            real = self.entries.words.take(places, mode="clip") >> _TAIL == looks
            for sighting, place in zip(passed[real].tolist(), places[real].tolist(), strict=True):
                variant = variant_of(batch.texts[sighting])
                for entry, how, state, ends in self._in_force(place, variant, states[sighting], at[sighting]):
                    found.append(Match(sighting, entry, how, state, ends))
        if self._pattern_count:
            first = len(self.entries)
            for sighting, number in self._partials.match(batch):
                found.append(Match(sighting, first + number, HowMatched.PARTIAL, StateAgreement.UNKNOWN, None))
        return found

    def holds(self, *, folded: str, state: int, kind: int) -> bool:
        """Say whether an entry of exactly this O/0-folded plate, state code and kind stands on the list."""
        look = int(looks_of(PlateBatch([folded]).characters)[0])
        word = np.uint64(look << TAIL_BITS | state << KIND_BITS | kind)
        place, variant = int(self.entries.words.searchsorted(word)), variant_of(folded)
        while place < len(self.entries) and self.entries.words[place] == word:
            if self.entries.variants[place] == variant:
                return True
            place += 1
        return False

    def _passed(self, looks: Numbers) -> npt.NDArray[np.intp]:
        mixed = (looks * _MIX >> self._shift).view(np.intp)  # places are taken by signed numbers
        wanted = _BITS.take(mixed & _CHOICE)
        return np.flatnonzero(self.filter.take(mixed >> _CHOICE_BITS) & wanted == wanted)

    def _in_force(
        self, place: int, variant: int, state: str | None, at: int
    ) -> Iterator[tuple[int, HowMatched, StateAgreement, int | None]]:
        """Give the entries in force of one look, which stand side by side from `place` on."""
        entries = self.entries
        look = int(entries.words[place]) >> TAIL_BITS
        while place < len(entries) and (word := int(entries.words[place])) >> TAIL_BITS == look:
            begin = int(entries.begins[place]) if len(entries.begins) else 0
            end = int(entries.ends[place]) if len(entries.ends) else NO_END
            if begin <= at and (at < end or end == NO_END):
                how = HowMatched.PLATE if int(entries.variants[place]) == variant else HowMatched.LOOK_ALIKE
                code = word >> KIND_BITS & 2**STATE_BITS - 1
                yield place, how, agreement(code, state), None if end == NO_END else end
            place += 1


def agreement(wanted: int, seen: str | None) -> StateAgreement:
    """Compare an entry's state code with the state that was read."""
    if not seen or wanted == NO_STATE or wanted >= OTHER_STATES:
        return StateAgreement.UNKNOWN
    return StateAgreement.AGREES if wanted == state_code(seen) else StateAgreement.DIFFERS


def _filter_of(words: Numbers) -> Numbers:
    """Return a Bloom filter in blocks of one word, so that a plate costs one look into memory."""
    bits = max(_LEAST_FILTER, int(len(words) * _WORDS_AN_ENTRY).bit_length())
    flags = np.zeros(64 << bits, dtype=bool)
    for begin in range(0, len(words), _CHUNK):
        mixed = ((words[begin : begin + _CHUNK] >> _TAIL) * _MIX >> _shift(bits)).view(np.intp)
        choices = _PLACES.take(mixed & _CHOICE, axis=0)
        flags[(mixed >> _CHOICE_BITS << 6)[:, None] | choices] = True
    return np.packbits(flags, bitorder="little").view("<u8")


def _shift(bits: int) -> np.uint64:
    """Return how far a mixed look is shifted, so that it names one of 2**bits words and a choice of bits."""
    return np.uint64(52 - bits)
