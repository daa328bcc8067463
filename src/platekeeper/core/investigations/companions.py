"""Plates that travel with a given one: seen near it at the same LPR, again and again, more than chance would have it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from platekeeper.core.investigations.sightings import DAY, MINUTE, Sightings, text_of

APART = 10 * MINUTE
"""Sightings closer together than this are one occasion: one drive down a street is no habit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What counts: within so many microseconds, on so many occasions, at so many places (LPRs)."""

    within: int
    occasions: int
    places: int


@dataclass(frozen=True, slots=True)
class Companion:
    """A plate (folded) near the given one: `together` are the sightings of the given one that it was near, oldest first."""

    plate: str
    together: Sightings
    occasions: int
    places: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A companion against what it does otherwise: `otherwise` sightings at the same LPRs in `days`, away from the given one.

    `expected`: the occasions that chance alone would bring; `surprise`: -log10 of the probability of this many or more.
    """

    companion: Companion
    otherwise: int
    days: int
    expected: float
    surprise: float


def companions(given: Sightings, near: Sightings, wanted: Wanted) -> list[Companion]:
    """Return the plates that were near a given one often enough, by plate; `near` may hold anything, the given one too."""
    place, plate = _pairs(given, near, wanted.within)
    apart = ~np.isin(plate, given.plates)
    together = np.unique(np.stack((plate[apart], place[apart]), axis=1), axis=0)
    plates, first, count = np.unique(together[:, 0], return_index=True, return_counts=True)
    often = count >= max(wanted.occasions, wanted.places)
    found = []
    for number, begin, length in zip(plates[often].tolist(), first[often], count[often], strict=True):
        met = given.where(together[begin : begin + length, 1])
        met = met.where(np.argsort(met.ats, kind="stable"))
        companion = Companion(text_of(number), met, occasions_of(met.ats.tolist()), len(np.unique(met.lprs)))
        if companion.occasions >= wanted.occasions and companion.places >= wanted.places:
            found.append(companion)
    return found


def occasions_of(ats: Iterable[int]) -> int:
    """Return how many occasions times in order are: one begins `APART` or more after the last one began."""
    count, begun = 0, -APART
    for at in ats:
        if at - begun >= APART:
            count, begun = count + 1, at
    return count


def judged(
    given: Sightings, found: Sequence[Companion], usual: Sightings, *, within: int, span: tuple[int, int]
) -> list[Judged]:
    """Return companions against how often they are there anyway, the least likely by chance first.

    `usual`: the companions' sightings at the given one's LPRs during `span` (from, until). Those near the given one are
    left out; in place of never, a plate counts as seen once more than it was.
    """
    place, _ = _pairs(given, usual, within, rows=True)
    away = np.ones(len(usual), np.bool_)
    away[place] = False
    rest = {text_of(plate): Counter(seen.lprs.tolist()) for plate, seen in usual.where(away).by_plate()}
    length = max(span[1] - span[0], 1)
    visits = Counter(given.lprs.tolist())
    told = []
    for each in found:
        otherwise = rest.get(each.plate, Counter[int]())
        rates = {lpr: (otherwise[lpr] + 1 / len(visits)) / length for lpr in visits}
        expected = sum(count * -math.expm1(-rates[lpr] * 2 * within) for lpr, count in visits.items())
        days = math.ceil(length / DAY)
        told.append(Judged(each, otherwise.total(), days, expected, surprise(each.occasions, expected)))
    return sorted(told, key=lambda each: (-each.surprise, -len(each.companion.together), each.companion.plate))


def surprise(seen: int, expected: float) -> float:
    """Return -log10 of the probability that a Poisson count of mean `expected` (above 0) is `seen` or more."""
    if seen <= 0:
        return 0.0
    first = seen * math.log(expected) - expected - math.lgamma(seen + 1)  # of the first term of the tail
    total, term, number = 1.0, 1.0, seen
    while term > 1e-12 * total:
        number += 1
        term *= expected / number
        total += term
    return max(0.0, -(first + math.log(total)) / math.log(10))


def _pairs(given: Sightings, near: Sightings, within: int, *, rows: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each sighting near a given one at the same LPR, the given one's place and the plate near it.

    With `rows`, the place of the one that is near instead of the given one's.
    """
    order = np.lexsort((near.ats, near.lprs))
    lprs, ats = near.lprs[order], near.ats[order]
    places, rows_near = [np.array([], np.intp)], [np.array([], np.intp)]
    for number, (lpr, at) in enumerate(zip(given.lprs.tolist(), given.ats.tolist(), strict=True)):
        begin, end = np.searchsorted(lprs, [lpr, lpr + 1])
        first = begin + np.searchsorted(ats[begin:end], at - within, side="left")
        last = begin + np.searchsorted(ats[begin:end], at + within, side="right")
        rows_near.append(order[first:last])
        places.append(np.full(last - first, number))
    chosen = np.concatenate(rows_near)
    return (chosen if rows else np.concatenate(places)), near.plates[chosen]
