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
    """Plates as ascending words, and where each triple of neighboring characters occurs.

    A plate has a triple for each of its characters: the character and the two after it, blanks past the end. The plates
    with triple `t` are `places[starts[t]:starts[t + 1]]`, so those with two known neighbors are side by side too.
    `latest` is the second of each plate's last read.
    """

    words: Numbers
    starts: Small
    places: Small
    latest: Small

    @classmethod
    def of(cls, words: Numbers, latest: Small) -> PlateDictionary:
        """Make the dictionary of ascending words, all different, and of when each was last seen."""
        codes = np.zeros((len(words), MAX_LENGTH + 2), np.uint16)
        codes[:, :MAX_LENGTH] = codes_of(words)
        triples = codes[:, :-2] * np.uint16(BASE * BASE) + codes[:, 1:-1] * np.uint16(BASE) + codes[:, 2:]
        present = codes[:, :-2] > 0
        numbers = np.broadcast_to(np.arange(len(words), dtype=np.uint32)[:, None], triples.shape)[present]
        found = triples[present]
        starts = np.zeros(TRIPLES + 1, np.uint32)
        starts[1:] = np.cumsum(np.bincount(found, minlength=TRIPLES))
        return cls(words, starts, numbers[np.argsort(found, kind="stable")], latest)

    def __len__(self) -> int:
        return len(self.words)

    def find(self, sought: Sought, *, newest: int | None = None) -> list[str] | None:
        """Return the plates that are sought, each once; None where they are too common to be listed.

        With `newest` it is enough to return those that so many of the newest reads are of.
        """
        found = self._exact(sought) if len(sought.words) else []
        if not sought.partials:
            return found
        for partial in sought.partials:
            near = self._near(partial)
            if near is None:
                return None
            found += self._fitting(partial, near, len(near) if newest is None else newest)
        return sorted(set(found))

    def _fitting(self, partial: Partial, near: Places, newest: int) -> list[str]:
        """Return the plates that fit, the last seen first, until no other one can have any of the newest reads."""
        seen = self.latest[near]
        order = np.argsort(seen)[::-1]
        near, seen = near[order], seen[order]
        found: list[str] = []
        begin = 0
        while begin < len(near) and len(found) < newest:
            end = min(begin + max(newest, _FEW), len(near))
            end += int((seen[end:] == seen[end - 1]).sum())  # all of one second, since nothing tells which came last
            found += filter(partial.matches, texts_of(self.words[near[begin:end]]))
            begin = end
        return found

    def _exact(self, sought: Sought) -> list[str]:
        words = sought.words
        places: Places = self.words.searchsorted(words)
        if len(words) == 1:  # nearly always, and in half of the time
            place = places[0]
            return sought.plates[:1] if place < len(self.words) and self.words[place] == words[0] else []
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
