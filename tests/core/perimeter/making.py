"""Roads for tests: a grid as a public map has it, and a town with arterials, one-ways, dead ends and gaps."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from platekeeper.core.perimeter.roads import Network, Way, network_of
from platekeeper.core.perimeter.tags import road_tags
from platekeeper.core.search.areas import Circle
from platekeeper.core.sphere import Place

Line = tuple[Sequence[tuple[int, int]], dict[str, str]]
SOUTH, WEST = 43.0, -76.2
STEP = 0.001  # degrees of latitude, about 111 m
_EAST = STEP / 0.7314  # the same on the ground, at this latitude


def place_of(cell: tuple[int, int], *, chance: random.Random | None = None) -> Place:
    """Return where a crossing of the grid lies, or near it."""
    off = (chance.uniform(-0.3, 0.3), chance.uniform(-0.3, 0.3)) if chance else (0.0, 0.0)
    return SOUTH + (cell[0] + off[0]) * STEP, WEST + (cell[1] + off[1]) * _EAST


def scene_at(row: int, column: int, *, meters: float = 60) -> Circle:
    """Return a small circle around a crossing."""
    return Circle(*place_of((row, column)), meters=meters)


def grid_lines(size: int, *, tags: dict[str, str] | None = None) -> Iterator[Line]:
    """Give the streets of a square grid with so many crossings a side, each street one way of the file."""
    for n in range(size):
        yield [(n, m) for m in range(size)], {"highway": "residential", "name": f"{n} Street"} | (tags or {})
        yield [(m, n) for m in range(size)], {"highway": "residential", "name": f"{n} Avenue"} | (tags or {})


def grid(size: int, **tags: str) -> Network:
    """Return a square grid."""
    return network(grid_lines(size, tags=tags))


def town_lines(nodes: int, *, seed: int) -> list[Line]:
    """Return streets of a town of about so many crossings: an arterial each eighth street, a motorway through the middle
    with few junctions, a fifth of the streets one-way, an eighth of the blocks missing, and dead ends."""
    chance, size = random.Random(seed), round(nodes**0.5)
    found: list[Line] = []
    for n in range(size):
        for m in range(size):
            for there in ((n, m + 1), (n + 1, m)):
                if max(there) >= size:
                    continue
                street = n if there[0] == n else m
                arterial = street % 8 == 0
                if not arterial and chance.random() < 0.125:
                    continue
                tags = {"highway": "primary" if arterial else "residential", "name": f"Street {street}"}
                if arterial:
                    tags["lanes"] = "4"
                elif chance.random() < 0.2:
                    tags["oneway"] = chance.choice(("yes", "-1"))
                found.append(([(n, m), there], tags))
    half = size // 2
    motorway = [(half, m) for m in range(0, size, 8)]
    found.append((motorway, {"highway": "motorway", "name": "I-90", "oneway": "yes"}))
    found.append((motorway[::-1], {"highway": "motorway", "name": "I-90", "oneway": "yes"}))
    return found


def town(nodes: int, *, seed: int) -> Network:
    """Return a town, its crossings moved off the grid."""
    return network(town_lines(nodes, seed=seed), chance=random.Random(seed))


def network(lines: Iterable[Line], *, chance: random.Random | None = None) -> Network:
    """Return the network of lines."""
    places: dict[Any, Place] = {}
    ways = []
    for cells, given in lines:
        tags = road_tags(given)
        assert tags is not None
        for cell in cells:
            places.setdefault(cell, place_of(cell, chance=chance))
        ways.append(Way(tuple(cells), tags))
    return network_of(ways, places)


def osm(lines: Iterable[Line], *, bounds: str = "", without: frozenset[tuple[int, int]] = frozenset()) -> bytes:
    """Write lines as OpenStreetMap XML, some of the nodes left out as a cut extract does."""
    lines = list(lines)
    cells = list(dict.fromkeys(cell for refs, _tags in lines for cell in refs))
    number = {cell: n for n, cell in enumerate(cells, start=1)}
    nodes = [
        f'<node id="{number[cell]}" lat="{place_of(cell)[0]:.7f}" lon="{place_of(cell)[1]:.7f}"/>'
        for cell in cells
        if cell not in without
    ]
    ways = [
        f'<way id="{n}">'
        + "".join(f'<nd ref="{number[cell]}"/>' for cell in refs)
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        + "</way>"
        for n, (refs, tags) in enumerate(lines, start=1)
    ]
    return f'<?xml version="1.0"?><osm version="0.6">{bounds}{"".join(nodes)}{"".join(ways)}</osm>'.encode()


def geojson(lines: Iterable[Line], **more: Any) -> bytes:
    """Write lines as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": tags,
            "geometry": {
                "type": "LineString",
                "coordinates": [[place_of(cell)[1], place_of(cell)[0]] for cell in refs],
            },
        }
        for refs, tags in lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()
