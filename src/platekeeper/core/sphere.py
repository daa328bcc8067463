"""The Earth as a sphere, along whose great circles distances are measured. Degrees as WGS 84 has them."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH = 6_371_008.8
"""Its mean radius in meters."""
Place = tuple[float, float]
"""Latitude and longitude."""


def distance(one: Place, other: Place) -> float:
    """Return meters between two places."""
    here, there = radians(one[0]), radians(other[0])
    chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(chord, 1.0)))
