"""An area on the map, written down: "circle 43.0481,-76.1474 800" (meters), or "polygon" and its corners."""

from __future__ import annotations

import re

from platekeeper.core.search.areas import Area, Circle, Polygon

MOST_CORNERS = 60
WIDEST = 200_000
"""Meters that a circle's radius may have."""
_NUMBER = r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})")
_CIRCLE = re.compile(r"circle (\S+) ([0-9]{1,6})")


def drawn(text: str) -> Area:
    """Return the area that a text writes. Raises ValueError, which says what would be one."""
    words = " ".join(text.lower().split())
    if len(words) > 40 * MOST_CORNERS:
        raise ValueError(f"An area has {MOST_CORNERS} corners at most.")
    circle = _CIRCLE.fullmatch(words)
    if circle:
        if not 0 < int(circle[2]) <= WIDEST:
            raise ValueError(f"A circle's radius is 1 to {WIDEST:,} meters.")
        return Circle(*_place(circle[1]), meters=float(circle[2]))
    kind, *corners = words.split(" ")
    if kind != "polygon" or not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError("Write circle 43.0481,-76.1474 800 (meters), or polygon and three corners or more.")
    return Polygon(tuple(_place(each) for each in corners))


def _place(text: str) -> tuple[float, float]:
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text[:40]}” is no place: write latitude,longitude in degrees, such as 43.0481,-76.1474.")
    return float(found[1]), float(found[2])
