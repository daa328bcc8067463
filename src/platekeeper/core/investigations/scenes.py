"""Plates seen at several scenes: how many, how often at each, and how usual they are there anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from platekeeper.core.investigations.sightings import DAY, Sightings, text_of

BEFORE = 7
"""So many days before the first scene tell how usual a plate is there, where the reads are not too old to be looked at."""
COMMON = 4
"""A plate seen there on so many of these days is common: a bus, a neighbor, somebody's way to work."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How often a plate was seen at the same LPRs in the days before, and on how many of them."""

    sightings: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class AtScenes:
    """A plate (folded) seen at several scenes: its sightings at each, the first and the last of all (microseconds)."""

    plate: str
    counts: tuple[int, ...]
    first: int
    last: int
    usual: Usual = Usual()

    @property
    def scenes(self) -> int:
        """At how many scenes it was seen."""
        return sum(count > 0 for count in self.counts)

    @property
    def is_common(self) -> bool:
        """Whether it is there on most days anyway."""
        return self.usual.days >= COMMON


def in_several(scenes: Sequence[Sightings], *, least: int) -> list[AtScenes]:
    """Return the plates seen at `least` of the scenes or more, by plate."""
    seen = [np.unique(scene.plates) for scene in scenes]
    plates, at_how_many = np.unique(np.concatenate(seen), return_counts=True) if seen else (np.array([], np.int64),) * 2
    wanted = plates[at_how_many >= least]
    counts = np.zeros((len(scenes), len(wanted)), np.int64)
    first, last = np.full(len(wanted), np.iinfo(np.int64).max), np.full(len(wanted), -1)
    for number, scene in enumerate(scenes):
        kept = scene.where(np.isin(scene.plates, wanted))
        place = np.searchsorted(wanted, kept.plates)
        np.add.at(counts[number], place, 1)
        np.minimum.at(first, place, kept.ats)
        np.maximum.at(last, place, kept.ats)
    rows = zip(wanted.tolist(), counts.T.tolist(), first.tolist(), last.tolist(), strict=True)
    return [AtScenes(text_of(plate), tuple(each), begin, end) for plate, each, begin, end in rows]


def usual_of(before: Sightings, *, first: int) -> dict[str, Usual]:
    """Return how usual each plate is, out of the sightings in the days (of 24 hours) before `first`."""
    return {
        text_of(plate): Usual(len(seen), len(np.unique((first - 1 - seen.ats) // DAY)))
        for plate, seen in before.by_plate()
    }


def days_before(first: int, *, not_before: int) -> int:
    """Return how many whole days before `first` may be looked at, `BEFORE` at most, if nothing before a moment may."""
    return min(BEFORE, max(0, first - not_before) // DAY)


def ranked(found: Sequence[AtScenes], usual: Mapping[str, Usual]) -> list[AtScenes]:
    """Return plates with how usual they are: at most scenes first, then the rarest there, then by plate."""
    told = [replace(each, usual=usual.get(each.plate, Usual())) for each in found]
    return sorted(told, key=lambda each: (-each.scenes, each.usual.days, each.usual.sightings, each.plate))
