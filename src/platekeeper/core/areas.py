"""An area on the map, written down: a circle, or the corners of a polygon. Degrees are WGS 84, as GPS gives them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of the earth's mean radius (6,371 km); of longitude, times the cosine of the latitude."""
WIDEST = 200_000.0
"""Metres that a circle's radius or a polygon's side may have: beyond, the flat earth below would be wrong."""
MOST_CORNERS = 60

_NUMBER = r"-?\d{1,3}(?:\.\d{1,12})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_CIRCLE = re.compile(r"circle (\S+) (\d{1,6})", re.ASCII)


class AreaError(ValueError):
    """What was written is no area; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place: latitude and longitude in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """What surely holds an area: south to north, west to east, in degrees. It does not cross the 180th meridian."""

    south: float
    north: float
    west: float
    east: float


@dataclass(frozen=True, slots=True)
class Circle:
    """Whatever is not farther from the middle than the radius, in metres."""

    middle: Point
    radius: float

    def __contains__(self, point: Point) -> bool:
        """Say whether a point lies in it, its rim included."""
        north = (point.latitude - self.middle.latitude) * METRES_A_DEGREE
        east = (point.longitude - self.middle.longitude) * METRES_A_DEGREE * _shrink(self.middle.latitude)
        return math.hypot(north, east) <= self.radius

    def box(self) -> Box:
        """Return what surely holds it."""
        high = self.radius / METRES_A_DEGREE
        wide = high / max(_shrink(self.middle.latitude), 1e-6)
        at = self.middle
        return Box(at.latitude - high, at.latitude + high, at.longitude - wide, at.longitude + wide)

    def __str__(self) -> str:
        """Write it down, so that `parse_area` reads it back."""
        return f"circle {self.middle.latitude},{self.middle.longitude} {self.radius:.0f}"


@dataclass(frozen=True, slots=True)
class Polygon:
    """Whatever lies within its corners, three or more, joined in their order and the last with the first."""

    corners: tuple[Point, ...]

    def __contains__(self, point: Point) -> bool:
        """Say whether a point lies in it: a ray from it crosses the rim an odd number of times."""
        inside = False
        for one, other in zip(self.corners, self.corners[1:] + self.corners[:1], strict=True):
            if (one.latitude > point.latitude) != (other.latitude > point.latitude):
                share = (point.latitude - one.latitude) / (other.latitude - one.latitude)
                inside ^= point.longitude < one.longitude + share * (other.longitude - one.longitude)
        return inside

    def box(self) -> Box:
        """Return what surely holds it."""
        latitudes = [corner.latitude for corner in self.corners]
        longitudes = [corner.longitude for corner in self.corners]
        return Box(min(latitudes), max(latitudes), min(longitudes), max(longitudes))

    def __str__(self) -> str:
        """Write it down, so that `parse_area` reads it back."""
        return "polygon " + " ".join(f"{corner.latitude},{corner.longitude}" for corner in self.corners)


Area = Circle | Polygon


def parse_area(text: str) -> Area:
    """Return the area that a text writes: "circle 43.0481,-76.1474 800" (metres), or "polygon" and its corners.

    Raises `AreaError`.
    """
    words = " ".join(text.split())
    if len(words) > 40 * MOST_CORNERS:
        raise AreaError(f"An area has {MOST_CORNERS} corners at most.")
    circle = _CIRCLE.fullmatch(words)
    if circle:
        radius = float(circle[2])
        if not 0 < radius <= WIDEST:
            raise AreaError(f"A circle's radius is 1 to {WIDEST:.0f} metres.")
        return Circle(_point(circle[1]), radius)
    kind, *corners = words.split(" ")
    if kind != "polygon" or not 3 <= len(corners) <= MOST_CORNERS:
        raise AreaError("Write circle 43.0481,-76.1474 800 (metres), or polygon and three corners or more.")
    polygon = Polygon(tuple(_point(each) for each in corners))
    box = polygon.box()
    if max(box.north - box.south, box.east - box.west) * METRES_A_DEGREE > WIDEST:
        raise AreaError(f"An area is {WIDEST / 1000:.0f} km wide at most.")
    return polygon


def _point(text: str) -> Point:
    found = _POINT.fullmatch(text)
    if found is None:
        raise AreaError(f"“{text[:40]}” is no place: write latitude,longitude in degrees, such as 43.0481,-76.1474.")
    point = Point(float(found[1]), float(found[2]))
    if abs(point.latitude) > 90 or abs(point.longitude) > 180:
        raise AreaError("Latitude goes from -90 to 90, longitude from -180 to 180.")
    return point


def _shrink(latitude: float) -> float:
    return math.cos(math.radians(latitude))
