"""Roads as a graph: junctions, and the roads between them with their travel time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from platekeeper.core.perimeter.tags import RoadTags
from platekeeper.core.sphere import Place, distance

Bounds = tuple[float, float, float, float]
"""South, west, north, east."""

_ON_THE_EDGE = 1e-6  # degrees, a tenth of a meter


class RoadsError(ValueError):
    """A file holds no roads that could be used; the message says what is wrong and what would help."""


@dataclass(frozen=True, slots=True)
class Way:
    """A line of a file before it is split at junctions. Points of one `ref` are one place: roads meet there."""

    refs: tuple[Hashable, ...]
    tags: RoadTags


@dataclass(frozen=True, slots=True)
class Road:
    """A road between two junctions, or to a dead end. `rank` is 0 for major highways, and more for lesser roads."""

    begin: int
    end: int
    line: tuple[Place, ...]
    meters: float
    kmh: float
    forward: bool
    backward: bool
    lanes: int
    rank: int
    name: str

    @property
    def seconds(self) -> float:
        """How long it takes to drive along it."""
        return self.meters * 3.6 / self.kmh

    @property
    def middle(self) -> Place:
        """The place half-way along."""
        pieces = list(pairwise(self.line))
        lengths = [distance(one, other) for one, other in pieces]
        left = sum(lengths) / 2
        for (one, other), length in zip(pieces, lengths, strict=True):
            if length and left <= length:
                part = left / length
                return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part
            left -= length
        return self.line[-1]

    def ways(self, *, wrong_way: bool = False) -> Iterator[tuple[int, int]]:
        """Give the directions in which it can be driven; both for somebody who does not mind the signs."""
        if self.forward or wrong_way:
            yield self.begin, self.end
        if self.backward or wrong_way:
            yield self.end, self.begin

    @property
    def lanes_a_way(self) -> int:
        """Lanes of one direction."""
        return max(1, self.lanes // 2) if self.forward and self.backward else max(1, self.lanes)


@dataclass(frozen=True, slots=True)
class Network:
    """Junctions by number, roads by number, and the junctions at which the file ends though the road goes on."""

    places: tuple[Place, ...]
    roads: tuple[Road, ...]
    beyond: frozenset[int] = frozenset()


def network_of(
    ways: Sequence[Way], places: Mapping[Hashable, Place], *, bounds: Bounds | None = None,
    frayed: Iterable[Hashable] = (),
) -> Network:  # fmt: skip
    """Split ways where they meet, and join them to a network. Raises `RoadsError` when there is no road.

    `frayed` are points after which the file lacks the rest of a way. Dead ends on the rim of `bounds`, or of all roads
    where none are given, count as such, and so does every junction outside: what else meets there is not in the file.
    """
    if not ways:
        raise RoadsError("There is no road for cars in this file.")
    used = Counter(ref for way in ways for ref in way.refs)
    joints = {ref for ref, count in used.items() if count > 1}
    joints.update(ref for way in ways for ref in (way.refs[0], way.refs[-1]))
    numbers = {
        ref: number
        for number, ref in enumerate(dict.fromkeys(ref for way in ways for ref in way.refs if ref in joints))
    }
    roads = [
        _road(piece, way.tags, numbers, places) for way in ways for piece in _split(way.refs, joints) if len(piece) > 1
    ]
    known = tuple(places[ref] for ref in numbers)
    rim = bounds or _bounds(known)
    degrees = Counter(node for road in roads for node in (road.begin, road.end))
    outside = {n for n, place in enumerate(known) if _is_outside(place, rim, is_end=degrees[n] == 1)}
    return Network(known, tuple(roads), frozenset(outside | {numbers[ref] for ref in frayed if ref in numbers}))


def _road(
    refs: Sequence[Hashable], tags: RoadTags, numbers: Mapping[Hashable, int], places: Mapping[Hashable, Place]
) -> Road:
    line = tuple(places[ref] for ref in refs)
    return Road(
        begin=numbers[refs[0]], end=numbers[refs[-1]], line=line, kmh=tags.kmh, forward=tags.forward,
        meters=sum(distance(one, other) for one, other in pairwise(line)), backward=tags.backward, lanes=tags.lanes,
        rank=tags.rank, name=tags.name,
    )  # fmt: skip


def _split(refs: Sequence[Hashable], joints: set[Hashable]) -> Iterator[Sequence[Hashable]]:
    start = 0
    for place in range(1, len(refs)):
        if refs[place] in joints:
            yield refs[start : place + 1]
            start = place


def _is_outside(place: Place, rim: Bounds, *, is_end: bool) -> bool:
    """Say whether a junction lies outside, or, if it is a dead end, on the rim."""
    south, west, north, east = rim
    inward = _ON_THE_EDGE if is_end else -_ON_THE_EDGE
    return not (south + inward < place[0] < north - inward and west + inward < place[1] < east - inward)


def _bounds(places: Sequence[Place]) -> Bounds:
    latitudes, longitudes = [each[0] for each in places], [each[1] for each in places]
    return min(latitudes), min(longitudes), max(latitudes), max(longitudes)
