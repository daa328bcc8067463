"""The distinct plates of a day, so that a pattern is looked up among them and never among the reads."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import Numbers
from platekeeper.core.plates import MAX_LENGTH
from platekeeper.core.search.sought import Partial, Sought
from platekeeper.core.search.words import BASE, codes_of, texts_of

Small = npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]
TRIPLES = BASE**3
_FEW = 200
_LISTED = 1_000
"""So many plates, or a tenth of a larger dictionary, are looked at one by one for a pattern."""


@dataclass(frozen=True, slots=True)
class PlateDictionary:
    """Plates as ascending words, and where each triple of neighbouring characters occurs.

    A plate has a triple for each of its characters: the character and the two after it, blanks past the end. The plates
    with triple `t` are `places[starts[t]:starts[t + 1]]`, so those with two known neighbours are side by side too.
    """

    words: Numbers
    starts: Small
    places: Small

    @classmethod
    def of(cls, words: Numbers) -> PlateDictionary:
        """Make the dictionary of ascending words, all different."""
        codes = np.zeros((len(words), MAX_LENGTH + 2), np.uint16)
        codes[:, :MAX_LENGTH] = codes_of(words)
        triples = codes[:, :-2] * np.uint16(BASE * BASE) + codes[:, 1:-1] * np.uint16(BASE) + codes[:, 2:]
        present = codes[:, :-2] > 0
        numbers = np.broadcast_to(np.arange(len(words), dtype=np.uint32)[:, None], triples.shape)[present]
        found = triples[present]
        starts = np.zeros(TRIPLES + 1, np.uint32)
        starts[1:] = np.cumsum(np.bincount(found, minlength=TRIPLES))
        return cls(words, starts, numbers[np.argsort(found, kind="stable")])

    def __len__(self) -> int:
        return len(self.words)

    def find(self, sought: Sought) -> list[str] | None:
        """Return the plates that are sought, each once; None where they are too common to be listed."""
        found = self._exact(sought.words) if len(sought.words) else []
        if not sought.partials:
            return found
        for partial in sought.partials:
            near = self._near(partial)
            if near is None:
                return None
            found += filter(partial.matches, texts_of(self.words[near]))
        return sorted(set(found))

    def _exact(self, words: Numbers) -> list[str]:
        places: Places = self.words.searchsorted(words)
        if len(words) == 1:  # nearly always, and in half of the time
            place = places[0]
            return texts_of(words) if place < len(self.words) and self.words[place] == words[0] else []
        return texts_of(words[self.words.take(places, mode="clip") == words]) if len(self) else []

    def _near(self, partial: Partial) -> Places | None:
        """Return the fewest plates among which all that fit are; None if those are too many."""
        ways: list[tuple[int, Small | None, Places, Places]] = []
        if partial.prefix is not None:
            first, last = self.words.searchsorted(partial.prefix.begins), self.words.searchsorted(partial.prefix.ends)
            ways.append((int((last - first).sum()), None, first, last))
        if len(partial.triples.begins):
            begins = self.starts[partial.triples.begins].astype(np.intp)
            ends = self.starts[partial.triples.ends].astype(np.intp)
            counts = np.add.reduceat(ends - begins, partial.windows[:-1])
            fewest = int(counts.argmin())
            window = slice(partial.windows[fewest], partial.windows[fewest + 1])
            ways.append((int(counts[fewest]), self.places, begins[window], ends[window]))
        if not ways:
            return None
        count, places, begins, ends = min(ways, key=itemgetter(0))
        if count > max(_LISTED, len(self) // 10):
            return None
        numbers = [
            np.arange(begin, end) if places is None else places[begin:end]
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        if count < _FEW:  # numpy takes longer to begin than these take
            return np.array(sorted({number for part in numbers for number in part.tolist()}), np.intp)
        return np.unique(np.concatenate(numbers)).astype(np.intp)
