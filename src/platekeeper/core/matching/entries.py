"""Entries of a hot list as columns of numbers, sorted for searching; ten million of them take some 200 MB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import NO_STATE, Numbers, looks_of, variants_of
from platekeeper.core.plates import MAX_LENGTH

KIND_BITS, STATE_BITS = 7, 7
TAIL_BITS = KIND_BITS + STATE_BITS
NO_END = 2**32 - 1

Small = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Entries:
    """Columns of equal length, sorted by word and variant.

    A word is the look (50 bits), the state's code (7) and the kind (7, what the list says of the plate). `begins` and
    `ends` are seconds since 1970 UTC, `NO_END` for none; both are empty where no entry of the list has any. `places` say
    where in its source the entry is written.
    """

    words: Numbers
    variants: Small
    begins: Small
    ends: Small
    places: Small

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def of(
        cls,
        *,
        characters: npt.NDArray[np.uint8],
        states: npt.ArrayLike,
        kinds: npt.ArrayLike,
        places: npt.ArrayLike,
        begins: npt.ArrayLike = (),
        ends: npt.ArrayLike = (),
    ) -> Self:
        """Sort entries given in any order; plates are rows of ten bytes."""
        tails = np.asarray(states, np.uint64) << np.uint64(KIND_BITS) | np.asarray(kinds, np.uint64)
        looks = np.empty(len(characters), np.uint64)
        variants = np.empty(len(characters), np.uint32)
        for begin in range(0, len(characters), _CHUNK):  # packing passes through floating point, eight times as wide
            rows = characters[begin : begin + _CHUNK].reshape(-1, MAX_LENGTH)
            looks[begin : begin + _CHUNK], variants[begin : begin + _CHUNK] = looks_of(rows), variants_of(rows)
        words = looks << np.uint64(TAIL_BITS) | tails
        order = _order(words, variants)
        return cls(
            words=words[order],
            variants=variants[order],
            begins=_sorted_times(begins, order, 0),
            ends=_sorted_times(ends, order, NO_END),
            places=np.asarray(places, np.uint32)[order],
        )

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return entries from columns as `columns` gives them, such as memory-mapped ones."""
        return cls(**{field.name: np.asarray(columns[field.name]) for field in fields(cls)})

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, chosen: npt.NDArray[Any]) -> Self:
        """Return the entries of a mask or of ascending numbers."""
        return type(self)(
            **{name: column[chosen] if len(column) else column for name, column in self.columns().items()}
        )

    def repeated(self) -> npt.NDArray[np.bool_]:
        """Return a mask of the entries that say what the one before them says."""
        same = np.zeros(len(self), dtype=bool)
        same[1:] = (self.words[1:] == self.words[:-1]) & (self.variants[1:] == self.variants[:-1])
        return same

    def standing_in(self, other: Entries) -> npt.NDArray[np.bool_]:
        """Return a mask of the entries whose plate, state and kind also stand in another list."""
        at = np.searchsorted(other.words, self.words)
        found = np.zeros(len(self), dtype=bool)
        waiting = np.arange(len(self))
        while len(waiting):  # entries of one word differ in their variant and stand side by side
            places = at[waiting]
            waiting = waiting[places < len(other)]
            places = at[waiting]
            waiting = waiting[other.words[places] == self.words[waiting]]
            agree = other.variants[at[waiting]] == self.variants[waiting]
            found[waiting[agree]] = True
            waiting = waiting[~agree]
            at[waiting] += 1
        return found

    def counts(self) -> dict[int, int]:
        """Return the number of entries by kind."""
        tally = np.bincount((self.words & np.uint64(2**KIND_BITS - 1)).astype(np.uint8), minlength=1)
        return {int(kind): int(tally[kind]) for kind in np.flatnonzero(tally)}


def taken_off(entries: Entries, removals: Entries) -> npt.NDArray[np.intp]:
    """Return the numbers of the entries that removals take off, ascending: same plate, and state if one is given.

    What a removal says of the kind is passed over: a plate goes off the list whatever it was on it for.
    """
    tail, kind_bits = np.uint64(TAIL_BITS), np.uint64(KIND_BITS)
    looks = removals.words >> tail
    begins = entries.words.searchsorted(looks << tail)
    ends = entries.words.searchsorted((looks + np.uint64(1)) << tail)
    counts = ends - begins
    # One row for every pair of a removal and an entry that looks like it.
    removal = np.repeat(np.arange(len(removals)), counts)
    number = np.repeat(begins - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
    states = removals.words[removal] >> kind_bits & np.uint64(2**STATE_BITS - 1)
    same = (states == NO_STATE) | (states == entries.words[number] >> kind_bits & np.uint64(2**STATE_BITS - 1))
    same &= removals.variants[removal] == entries.variants[number]
    return np.unique(number[same])


_CHUNK = 500_000


def _order(words: Numbers, variants: Small) -> npt.NDArray[np.intp]:
    """Return the order by word and variant: by word alone first, then mended where words repeat."""
    order = np.argsort(words, kind="stable")
    ordered = words[order]
    repeats = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(repeats):
        among = np.union1d(repeats, repeats + 1)
        members = order[among]
        order[among] = members[np.lexsort((members, variants[members], words[members]))]
    return order


def _sorted_times(times: npt.ArrayLike, order: npt.NDArray[np.intp], open_time: int) -> Small:
    given = np.asarray(times, np.uint32)
    return given[order] if np.any(given != open_time) else np.empty(0, np.uint32)


def seconds(times: Iterable[float | None], *, missing: int) -> Small:
    """Return times in seconds as a column, `missing` for none; what lies outside is held at the edge."""
    return np.array([missing if t is None else min(max(int(t), 0), NO_END) for t in times], dtype=np.uint32)
