"""Where and when reads were made, at a glance: their places, and each sighting's place on a line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """A read as far as this is concerned: when (microseconds since 1970 UTC), at which LPR, where if that is known."""

    at: int
    lpr: int
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An LPR that saw something: how often, first and last, and each sighting as a share (0 to 1) of the time looked at."""

    lpr: int
    count: int
    first: int
    last: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Sightings put together: the places, the most usual first, and how many fell into each hour of the day."""

    count: int
    places: tuple[Place, ...]
    hours: tuple[int, ...]

    @property
    def first(self) -> int:
        """The first of all."""
        return min(place.first for place in self.places)

    @property
    def last(self) -> int:
        """The last of all."""
        return max(place.last for place in self.places)


def overview(sightings: Sequence[Sighting], *, hour_of: Sequence[int]) -> Overview:
    """Put sightings together; `hour_of` gives for each the hour of the day on the department's clocks."""
    begins = min((each.at for each in sightings), default=0)
    lasts = max((each.at for each in sightings), default=0) - begins
    seen: dict[int, list[int]] = {}
    for each in sightings:
        seen.setdefault(each.lpr, []).append(each.at)
    places = [
        Place(lpr, len(ats), min(ats), max(ats), tuple((at - begins) / lasts if lasts else 0.5 for at in sorted(ats)))
        for lpr, ats in seen.items()
    ]
    hours = [0] * 24
    for hour in hour_of:
        hours[hour] += 1
    places.sort(key=lambda place: (-place.count, place.first))
    return Overview(len(sightings), tuple(places), tuple(hours))
