"""Places where collecting is barred: which reads lie inside one, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platekeeper.core.search.areas import Area, Circle, Polygon
from platekeeper.core.sphere import EARTH

OUTSIDE = -1
_NEVER = np.iinfo(np.int64).max
Degrees = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Barred:
    """A place under its number. It is barred from `since` up to, not with, `until`: microseconds since 1970 UTC, None for no
    end."""

    number: int
    area: Area
    since: int
    until: int | None = None


def barred_by(
    places: Sequence[Barred], latitudes: Degrees, longitudes: Degrees, at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each read the number of the first place that bars it, `OUTSIDE` for none; a read without a place (NaN) is
    outside. The three have the shape (reads,), and so has what is returned."""
    found = np.full(len(at), OUTSIDE, np.int64)
    for place in places:
        south, north = place.area.latitudes
        until = _NEVER if place.until is None else place.until
        near = (found == OUTSIDE) & (latitudes >= south) & (latitudes <= north) & (at >= place.since) & (at < until)
        if near.any():
            within = np.flatnonzero(near)
            found[within[inside(place.area, latitudes[within], longitudes[within])]] = place.number
    return found


def inside(area: Area, latitudes: Degrees, longitudes: Degrees) -> NDArray[np.bool_]:
    """Say of each place whether it lies in an area, as `area.contains` does."""
    match area:
        case Circle():
            return _in_circle(area, latitudes, longitudes)
        case Polygon():
            return _in_polygon(area, latitudes, longitudes)


def _in_circle(circle: Circle, latitudes: Degrees, longitudes: Degrees) -> NDArray[np.bool_]:
    here, there = np.radians(circle.latitude), np.radians(latitudes)
    across = np.radians(longitudes - circle.longitude)
    chord = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.minimum(chord, 1.0))) <= circle.meters)


def _in_polygon(polygon: Polygon, latitudes: Degrees, longitudes: Degrees) -> NDArray[np.bool_]:
    corners = np.array(polygon.corners)
    odd = np.zeros(len(latitudes), np.bool_)
    for (from_north, from_east), (to_north, to_east) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        here, there = _eastward(from_east - longitudes), _eastward(to_east - longitudes)
        crossing = ((here > 0) != (there > 0)) & (np.abs(here - there) < 180)
        run = np.where(crossing, here - there, 1.0)  # what does not cross is not asked how far north it would
        odd ^= crossing & (from_north + (to_north - from_north) * here / run < latitudes)
    return odd


def _eastward(difference: Degrees) -> Degrees:
    return (difference + 180) % 360 - 180
