"""What a list is with its newest delivery: a whole file, less what changes took off it, and what they added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.rows import HotListLine, kind_of, stands_in
from platekeeper.core.hotlists.loaded import Loaded, NumbersOfEntries
from platekeeper.core.matching import Entries, Match, PlateBatch, taken_off
from platekeeper.core.matching.packing import characters_of, state_code
from platekeeper.core.plates import parse_state

Found = tuple[Match, HotListLine]
Missing = tuple[int, Iterator[HotListLine]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A list as it stands. Either part may be missing: a list may be one file, or nothing but changes."""

    whole: Loaded | None = None
    changed: Loaded | None = None

    def __len__(self) -> int:
        return len(self.whole.entries) - len(self._withdrawn) + self._added if self.whole else self._added

    def match(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> Iterator[Found]:
        """Give every match of a batch with what the file says of its entry; `at` in seconds since 1970 UTC."""
        if self.whole is not None:
            for match in self.whole.index.match(batch, states=states, at=at):
                if not _among(self._withdrawn, match.entry):
                    yield match, self.whole.line(match.entry)
        if self.changed is not None:
            for match in self.changed.index.match(batch, states=states, at=at):
                yield match, self.changed.line(match.entry)

    def holds(self, key: str) -> bool:
        """Say whether the line of a key stands on the list."""
        if self.changed is not None and stands_in(self.changed.index, key):
            return True
        if self.whole is None or not stands_in(self.whole.index, key):
            return False
        return self.changed is None or not len(taken_off(_entry_of(key), self.changed.removed))

    def has(self, entries: Entries) -> npt.NDArray[np.bool_]:
        """Return a mask of the entries whose plate, state and kind stand on the list."""
        found = np.zeros(len(entries), dtype=bool)
        if self.whole is not None:
            found |= entries.standing_in(self._left)
        if self.changed is not None:
            found |= entries.standing_in(self.changed.entries)
        return found

    def missing_in(self, other: Standing) -> Missing:
        """Return how many entries do not stand on another list, and what is said of them, in the files' order."""
        parts: list[tuple[Loaded, NumbersOfEntries]] = []
        if self.whole is not None and not (other.whole is not None and other.whole.name == self.whole.name):
            stays = np.setdiff1d(np.arange(len(self.whole.entries)), self._withdrawn, assume_unique=True)
            parts.append((self.whole, stays[~other.has(self.whole.entries.take(stays))]))
        elif self.whole is not None:
            gone = np.setdiff1d(other._withdrawn, self._withdrawn)
            parts.append((self.whole, gone[~other.has(self.whole.entries.take(gone))]))
        if self.changed is not None:
            parts.append((self.changed, np.flatnonzero(~other.has(self.changed.entries))))
        lines = (line for loaded, numbers in parts for line in loaded.in_order(numbers))
        return sum(len(numbers) for _, numbers in parts), lines

    def lines(self) -> Iterator[HotListLine]:
        """Give what is said of every entry."""
        return self.missing_in(Standing())[1]

    def counts(self) -> Counter[Category]:
        """Return the plates by category."""
        parts = [(self.whole, self._left)] if self.whole is not None else []
        if self.changed is not None:
            parts.append((self.changed, self.changed.entries))
        counted: Counter[Category] = Counter()
        for loaded, entries in parts:
            for kind, count in entries.counts().items():
                counted[loaded.format.category(kind)] += count
        return counted

    @property
    def names(self) -> set[str]:
        """The names of the indexes that this list is made of."""
        return {loaded.name for loaded in (self.whole, self.changed) if loaded is not None}

    @property
    def _withdrawn(self) -> NumbersOfEntries:
        return self.changed.withdrawn if self.changed is not None else np.empty(0, np.intp)

    @property
    def _added(self) -> int:
        return len(self.changed.entries) if self.changed is not None else 0

    @property
    def _left(self) -> Entries:
        assert self.whole is not None
        if not len(self._withdrawn):
            return self.whole.entries
        stays = np.ones(len(self.whole.entries), dtype=bool)
        stays[self._withdrawn] = False
        return self.whole.entries.take(stays)


def shown(lines: Iterator[HotListLine], most: int) -> list[str]:
    """Return the first lines in words."""
    return [
        f"{line.plate.text} {line.state or line.raw_state or '--'} {line.category.value}"
        for line in islice(lines, most)
    ]


def _among(numbers: NumbersOfEntries, number: int) -> bool:
    place = int(numbers.searchsorted(number))
    return place < len(numbers) and int(numbers[place]) == number


def _entry_of(key: str) -> Entries:
    state, folded, code = key.rsplit(":", 2)
    return Entries.of(
        characters=characters_of([folded]),
        states=[state_code(parse_state(state), state)],
        kinds=[kind_of(code)],
        places=[0],
    )
