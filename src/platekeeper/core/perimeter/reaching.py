"""How far somebody gets from a scene: shortest travel times (Dijkstra), and the ring that they draw on the map."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from math import atan2, ceil, cos, pi, radians

import networkx as nx

from platekeeper.core.perimeter.roads import Network, Road, RoadsError
from platekeeper.core.perimeter.snapping import Snapper
from platekeeper.core.search.areas import Area, Circle
from platekeeper.core.sphere import Place, distance

FARTHEST = 500.0
"""Meters from a scene to the nearest road."""
_SECTORS = 48
_STEP = 20.0  # meters between the points of a road that are tried


def sources(network: Network, scene: Area, *, wrong_way: bool = False) -> frozenset[int]:
    """Return where a flight begins: the junctions within a scene, and the ends of roads that cross it between junctions.

    A scene beside the roads takes the nearest one. Raises `RoadsError` where that is far.
    """
    inside = {number for number, place in enumerate(network.places) if scene.contains(*place)}
    touched = [road for road in network.roads if not {road.begin, road.end} & inside and _crosses(road, scene)]
    if not inside and not touched:
        road, meters, _place = Snapper(network).nearest(center(scene))
        if meters > FARTHEST:
            raise RoadsError(f"The nearest road of the file is {meters:,.0f} m from the scene.")
        touched = [network.roads[road]]
    inside.update(head for road in touched for _tail, head in road.ways(wrong_way=wrong_way))
    if not inside - network.beyond:
        raise RoadsError("The scene lies at the edge of the file of roads. A larger extract is needed.")
    return frozenset(inside - network.beyond)


def _crosses(road: Road, scene: Area) -> bool:
    """Say whether a road comes into a scene, to a few meters."""
    low, high = scene.latitudes
    for one, other in pairwise(road.line):
        if max(one[0], other[0]) < low or min(one[0], other[0]) > high:
            continue
        steps = ceil(distance(one, other) / _STEP) or 1
        shares = (n / steps for n in range(steps + 1))
        if any(scene.contains(*(a + (b - a) * share for a, b in zip(one, other, strict=True))) for share in shares):
            return True
    return False


def travel_times(
    network: Network, begin: Collection[int], *, within: float, wrong_way: bool = False
) -> dict[int, float]:
    """Return the seconds after which each junction can be reached, of those within so many seconds."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(begin)
    for road in network.roads:
        for tail, head in road.ways(wrong_way=wrong_way):
            if not graph.has_edge(tail, head) or road.seconds < graph[tail][head]["weight"]:
                graph.add_edge(tail, head, weight=road.seconds)
    return dict(nx.multi_source_dijkstra_path_length(graph, set(begin), cutoff=within))


def ring(network: Network, scene: Area, times: Mapping[int, float]) -> tuple[Place, ...]:
    """Return what was reached as corners around the scene: in each direction the farthest junction; none for a few only."""
    middle = center(scene)
    stretch = cos(radians(middle[0]))
    farthest: dict[int, tuple[float, Place]] = {}
    for number in times:
        place = network.places[number]
        angle = atan2(place[0] - middle[0], (place[1] - middle[1]) * stretch)
        sector = round((angle + pi) / (2 * pi) * _SECTORS) % _SECTORS
        farthest[sector] = max(farthest.get(sector, (0.0, place)), (distance(middle, place), place))
    corners = tuple(farthest[sector][1] for sector in sorted(farthest))
    return corners if len(corners) > 2 else ()


def center(scene: Area) -> Place:
    """Return the middle of a scene."""
    if isinstance(scene, Circle):
        return scene.latitude, scene.longitude
    count = len(scene.corners)
    return sum(each[0] for each in scene.corners) / count, sum(each[1] for each in scene.corners) / count
