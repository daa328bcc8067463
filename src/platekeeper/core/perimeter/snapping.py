"""Which road a place is on."""

from __future__ import annotations

from itertools import pairwise
from math import cos, radians

import numpy as np

from platekeeper.core.perimeter.roads import Network, RoadsError
from platekeeper.core.sphere import Place

_DEGREE = 111_195.08  # meters a degree of latitude, on the mean sphere


class Snapper:
    """The pieces of all roads as columns. Over a town the earth is flat enough for the nearest road."""

    def __init__(self, network: Network) -> None:
        """Lay the roads out."""
        pieces = [
            (number, *one, *other) for number, road in enumerate(network.roads) for one, other in pairwise(road.line)
        ]
        if not pieces:
            raise RoadsError("There are no roads.")
        columns = np.array(pieces, np.float64)
        self._roads = columns[:, 0].astype(np.int64)
        self._begins, self._ends = columns[:, 1:3], columns[:, 3:5]

    def nearest(self, place: Place) -> tuple[int, float, Place]:
        """Return the number of the nearest road, the meters to it, and the nearest place on it."""
        scale = np.array([_DEGREE, _DEGREE * cos(radians(place[0]))])
        at = np.array(place)
        begins, along = (self._begins - at) * scale, (self._ends - self._begins) * scale
        lengths = np.einsum("ij,ij->i", along, along)
        parts = np.clip(-np.einsum("ij,ij->i", begins, along) / np.where(lengths > 0, lengths, 1), 0, 1)
        nearest = begins + along * parts[:, None]
        meters = np.hypot(nearest[:, 0], nearest[:, 1])
        best = int(np.argmin(meters))
        there = at + nearest[best] / scale
        return int(self._roads[best]), float(meters[best]), (float(there[0]), float(there[1]))
