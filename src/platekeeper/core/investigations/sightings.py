"""Sightings as columns of numbers, so that a day of a town's reads is compared in one step.

A plate is one number: ten places of base 37, padded on the right, over its O/0-folded text. Times are microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import ALPHABET, characters_of
from platekeeper.core.plates import MAX_LENGTH

Numbers = npt.NDArray[np.int64]

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
NO_PLATE = 0

_BASE = len(ALPHABET) + 1
_VALUES = np.zeros(256)
_VALUES[[ord(character) for character in ALPHABET]] = np.arange(1, _BASE)
# 37^10 is below 2^53: floating point is exact here, and its dot product the fastest.
_PLACES = np.array([float(_BASE) ** (MAX_LENGTH - 1 - place) for place in range(MAX_LENGTH)])


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Where and when: since <= captured < until, at these LPRs (none named: all)."""

    since: int
    until: int
    lprs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sightings:
    """Plates seen: three columns of one length, in any order."""

    plates: Numbers
    lprs: Numbers
    ats: Numbers

    def __len__(self) -> int:
        return len(self.ats)

    @classmethod
    def of(cls, seen: Iterable[tuple[str, int, int]]) -> Self:
        """Build them from (folded plate, LPR, time)."""
        rows = list(seen)
        plates, lprs, ats = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(numbers_of(plates), np.array(lprs, np.int64), np.array(ats, np.int64))

    @classmethod
    def joined(cls, parts: Iterable[Sightings]) -> Self:
        """Put several together."""
        whole = list(parts)
        if not whole:
            return cls.of(())
        return cls(*(np.concatenate([getattr(part, name) for part in whole]) for name in ("plates", "lprs", "ats")))

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Sightings:
        """Return those chosen by a mask or by their places."""
        return Sightings(self.plates[chosen], self.lprs[chosen], self.ats[chosen])

    def by_plate(self) -> Iterator[tuple[int, Sightings]]:
        """Give each plate with its sightings, oldest first."""
        ordered = self.where(np.lexsort((self.ats, self.plates)))
        plates, first = np.unique(ordered.plates, return_index=True)
        for plate, begin, end in zip(plates.tolist(), first, np.append(first, len(self))[1:], strict=True):
            yield plate, ordered.where(np.arange(begin, end))


def numbers_of(plates: Sequence[str]) -> Numbers:
    """Return folded plates as numbers; "" is `NO_PLATE`."""
    numbers: Numbers = (_VALUES.take(characters_of(plates)) @ _PLACES).astype(np.int64)
    return numbers


def text_of(plate: int) -> str:
    """Return the folded plate that a number stands for."""
    text = ""
    for _ in range(MAX_LENGTH):
        plate, value = divmod(plate, _BASE)
        text = (ALPHABET[value - 1] if value else "") + text
    return text


def merged(windows: Iterable[Window]) -> list[Window]:
    """Return windows of one LPR each, or of all, that cover the same and do not overlap."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.lprs, each.since)):
        if found and found[-1].lprs == window.lprs and window.since <= found[-1].until:
            found[-1] = Window(found[-1].since, max(found[-1].until, window.until), window.lprs)
        else:
            found.append(window)
    return found
