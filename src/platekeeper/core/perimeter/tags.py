"""What OpenStreetMap's tags, and files derived from it, say of a road: how fast, which way, how many lanes.

https://wiki.openstreetmap.org/wiki/Key:highway, Key:maxspeed, Key:oneway, Key:lanes; of Geofabrik `fclass`, `oneway` F, T, B.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CLASSES = {  # class -> km/h where the file names no limit, rank
    "motorway": (105, 0), "trunk": (90, 0), "primary": (70, 1), "secondary": (60, 2), "tertiary": (55, 3),
    "unclassified": (50, 4), "road": (50, 4), "residential": (40, 5), "living_street": (15, 6), "service": (20, 6),
    "busway": (40, 5), "track": (20, 6),
}  # fmt: skip
_LINK = 50
_SPEED = re.compile(r"([0-9]{1,3})(?:\.[0-9]+)? ?(mph|km/h|kmh)?")
_MPH = 1.609344
_SLOWEST, _FASTEST = 5.0, 200.0
_MOST_LANES = 16
_FORBIDDEN = {"no"}
_FORWARD, _BACKWARD = {"yes", "true", "1", "f"}, {"-1", "reverse", "t"}
_BOTH = {"no", "false", "0", "b", "reversible", "alternating"}


@dataclass(frozen=True, slots=True)
class RoadTags:
    """A road as its tags describe it."""

    kmh: float
    rank: int
    forward: bool
    backward: bool
    lanes: int
    name: str


def road_tags(tags: Mapping[str, str]) -> RoadTags | None:
    """Return what a line's tags say, None for one that no car drives on. A line that says nothing of its class is a road."""
    said = tags.get("highway") or tags.get("fclass") or "unclassified"
    of_class, is_link = said.removesuffix("_link"), said.endswith("_link")
    if of_class not in _CLASSES or tags.get("area") == "yes":
        return None
    if tags.get("access") in _FORBIDDEN or tags.get("motor_vehicle") in _FORBIDDEN:
        return None
    usual, rank = _CLASSES[of_class]
    forward, backward = _ways(tags, of_class)
    both = forward and backward
    usual_lanes = (4 if both else 2) if of_class in {"motorway", "trunk"} and not is_link else 2 if both else 1
    return RoadTags(
        kmh=_speed(tags.get("maxspeed", "")) or (_LINK if is_link else usual), rank=rank, forward=forward,
        backward=backward, lanes=_lanes(tags.get("lanes", "")) or usual_lanes,
        name=(tags.get("name") or tags.get("ref") or "")[:120],
    )  # fmt: skip


def _ways(tags: Mapping[str, str], of_class: str) -> tuple[bool, bool]:
    said = tags.get("oneway", "").lower()
    if said in _FORWARD:
        return True, False
    if said in _BACKWARD:
        return False, True
    circles = tags.get("junction") in {"roundabout", "circular"}
    implied = said not in _BOTH and (circles or of_class == "motorway")
    return True, not implied


def _speed(text: str) -> float:
    found = _SPEED.fullmatch(text.strip().lower())
    if found is None:
        return 0.0
    kmh = float(found[1]) * (_MPH if found[2] == "mph" else 1)
    return min(max(kmh, _SLOWEST), _FASTEST) if kmh else 0.0


def _lanes(text: str) -> int:
    whole = text.strip().split(".")[0]
    return min(int(whole), _MOST_LANES) if whole.isascii() and whole.isdecimal() and len(whole) < 4 else 0
