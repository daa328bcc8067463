"""Whether a place lies in an area drawn on a map. Degrees as WGS 84 has them; across the 180th meridian too."""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees, isfinite

from platekeeper.core.sphere import EARTH, distance

_MOST_CORNERS = 500


@dataclass(frozen=True, slots=True)
class Circle:
    """What is at most `meters` from a point. Raises ValueError."""

    latitude: float
    longitude: float
    meters: float

    def __post_init__(self) -> None:
        """Refuse what is on no map."""
        _demand_place(self.latitude, self.longitude)
        if not 0 < self.meters <= 20_100_000:  # half around the world
            raise ValueError("A radius is longer than nothing.")

    @property
    def latitudes(self) -> tuple[float, float]:
        """The least and the greatest latitude."""
        reach = degrees(self.meters / EARTH) + 1e-9
        return self.latitude - reach, self.latitude + reach

    def contains(self, latitude: float, longitude: float) -> bool:
        """Say whether a place lies in the area."""
        return distance((self.latitude, self.longitude), (latitude, longitude)) <= self.meters


@dataclass(frozen=True, slots=True)
class Polygon:
    """What is within corners (latitude, longitude), the last joined to the first by straight lines of the map.

    Corners follow each other by less than half around the world. Raises ValueError.
    """

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse what is no area of a map."""
        if not 3 <= len(self.corners) <= _MOST_CORNERS:
            raise ValueError(f"An area has three to {_MOST_CORNERS} corners.")
        for corner in self.corners:
            _demand_place(*corner)

    @property
    def latitudes(self) -> tuple[float, float]:
        """The least and the greatest latitude."""
        return min(latitude for latitude, _ in self.corners), max(latitude for latitude, _ in self.corners)

    def contains(self, latitude: float, longitude: float) -> bool:
        """Say whether a place lies in the area, by how often its meridian southward meets the border."""
        inside = False
        for (from_north, from_east), (to_north, to_east) in zip(
            self.corners, (*self.corners[1:], self.corners[0]), strict=True
        ):
            here, there = _eastward(from_east - longitude), _eastward(to_east - longitude)
            crossing = (here > 0) != (there > 0) and abs(here - there) < 180
            if crossing and from_north + (to_north - from_north) * here / (here - there) < latitude:
                inside = not inside
        return inside


Area = Circle | Polygon


def _eastward(difference: float) -> float:
    return (difference + 180) % 360 - 180


def _demand_place(latitude: float, longitude: float) -> None:
    if not (isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("A place has a latitude up to 90 and a longitude up to 180 degrees.")
