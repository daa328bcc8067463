"""The fewest places that nobody passes on the way out of a ring unread: a minimum cut (Ford and Fulkerson 1956).

Flight begins at the scene and ends wherever it cannot get within the ring's time. Each road takes one LPR, whichever way it
is driven, or one a lane. Of several smallest sets networkx finds the outermost: there is most time to get there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import networkx as nx
from networkx.algorithms.flow import shortest_augmenting_path

from platekeeper.core.perimeter.reaching import ring, sources, travel_times
from platekeeper.core.perimeter.roads import Network, Road
from platekeeper.core.search.areas import Area
from platekeeper.core.sphere import Place

SCENE, OUT = -1, -2
"""What stands for everything reached during the head start, and for everything out of reach."""


@dataclass(frozen=True, slots=True)
class Post:
    """A road of the cut: how many LPRs it needs and how many it gets. A car from the scene is there after `seconds`."""

    road: int
    place: Place
    seconds: float
    need: int
    given: int

    @property
    def is_open(self) -> bool:
        """Whether somebody gets out here unread."""
        return self.given < self.need


@dataclass(frozen=True, slots=True)
class Plan:
    """Where LPRs stand: the most important posts first. `standing`: roads of the cut that an LPR reads already.

    `edges` counts the ends of the file within the ring: what lies beyond is unknown, so each is a way out.
    """

    posts: tuple[Post, ...]
    standing: tuple[int, ...]
    ring: tuple[Place, ...]
    reached: int
    edges: int

    @property
    def needed(self) -> int:
        """How many LPRs would leave no way out."""
        return sum(post.need for post in self.posts)

    @property
    def is_shut(self) -> bool:
        """Whether no road of the file leads out of the ring: it is shut off, or the file is too small for the ring."""
        return not self.posts and not self.standing

    @property
    def open_posts(self) -> tuple[Post, ...]:
        """The ways out that are left."""
        return tuple(post for post in self.posts if post.is_open)


def propose(
    network: Network, scene: Area, *, within: float, at_hand: int, head_start: float = 0.0,
    standing: Collection[int] = (), per_lane: bool = False, wrong_way: bool = False,
) -> Plan:  # fmt: skip
    """Return the fewest posts between what was reached after `head_start` seconds and what cannot be within `within`.

    With fewer LPRs than needed, any so many of a smallest cut leave the fewest ways out that can be left, since one LPR
    closes one at most; major highways get theirs first (V.e), then what is reached soonest. Raises `RoadsError`.
    """
    begin = sources(network, scene, wrong_way=wrong_way)
    times = travel_times(network, begin, within=within, wrong_way=wrong_way)
    sides = {
        number: SCENE if seconds <= head_start else number
        for number, seconds in times.items()
        if number not in network.beyond
    }
    held = _held_back(network, sides, standing=set(standing), per_lane=per_lane, wrong_way=wrong_way)

    def crosses(tail: int, head: int) -> bool:
        return tail in sides and sides[tail] in held and sides.get(head, OUT) not in held

    crossed = [
        (number, road, min(times[tail] for tail, head in road.ways(wrong_way=wrong_way) if crosses(tail, head)))
        for number, road in enumerate(network.roads)
        if any(crosses(tail, head) for tail, head in road.ways(wrong_way=wrong_way))
    ]
    crossed.sort(key=lambda each: (each[1].rank, each[2], each[0]))
    return Plan(
        posts=tuple(_posts([each for each in crossed if each[0] not in standing], at_hand, per_lane=per_lane)),
        standing=tuple(number for number, _road, _seconds in crossed if number in standing),
        ring=ring(network, scene, times), reached=len(sides),
        edges=sum(number in network.beyond for number in times),
    )  # fmt: skip


def flight_graph(
    network: Network, sides: Mapping[int, int], *, standing: Collection[int], per_lane: bool, wrong_way: bool
) -> nx.DiGraph[int]:
    """Return the ways of flight from `SCENE` to `OUT`; the capacity of each is how many LPRs it takes to read it."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from({SCENE, OUT, *sides.values()})
    for number, road in enumerate(network.roads):
        if number in standing:
            continue
        for tail, head in road.ways(wrong_way=wrong_way):
            here, there = sides.get(tail, OUT), sides.get(head, OUT)
            if here not in {OUT, there} and there != SCENE:
                known = graph.get_edge_data(here, there, {"capacity": 0})["capacity"]
                graph.add_edge(here, there, capacity=known + _need(road, per_lane=per_lane))
    return graph


def _held_back(
    network: Network, sides: Mapping[int, int], *, standing: Collection[int], per_lane: bool, wrong_way: bool
) -> set[int]:
    """Return the junctions on the scene's side of a minimum cut."""
    graph = flight_graph(network, sides, standing=standing, per_lane=per_lane, wrong_way=wrong_way)
    _size, (scene_side, _outside) = nx.minimum_cut(graph, SCENE, OUT, flow_func=shortest_augmenting_path)
    return {*scene_side}


def _posts(crossed: Collection[tuple[int, Road, float]], at_hand: int, *, per_lane: bool) -> Iterator[Post]:
    for number, road, seconds in crossed:
        need = _need(road, per_lane=per_lane)
        given = min(need, at_hand)
        at_hand -= given
        yield Post(road=number, place=road.middle, seconds=seconds, need=need, given=given)


def _need(road: Road, *, per_lane: bool) -> int:
    return road.lanes_a_way if per_lane else 1
