"""Which reads lie inside a barred place: the same, many at once, as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.barred import OUTSIDE, Barred, barred_by, inside
from platekeeper.core.search.areas import Circle, Polygon

_NORTH, _EAST = st.floats(-89, 89), st.floats(-180, 180)
POINTS = st.lists(st.tuples(_NORTH, _EAST), min_size=1, max_size=30)
AREAS = st.one_of(
    st.builds(Circle, _NORTH, _EAST, st.floats(1, 5_000_000)),
    st.builds(Polygon, st.lists(st.tuples(_NORTH, _EAST), min_size=3, max_size=8).map(tuple)),
)
BLOCK = Polygon(((43.0, -76.2), (43.0, -76.1), (43.1, -76.1), (43.1, -76.2)))
HALL = Circle(43.05, -76.15, 200)


def _by(places: list[Barred], *seen: tuple[float, float, int]) -> list[int]:
    norths, easts = (np.array([each[side] for each in seen], np.float64) for side in (0, 1))
    return list(barred_by(places, norths, easts, np.array([at for _, _, at in seen], np.int64)))


@given(AREAS, POINTS)
def test_many_at_once_as_one_by_one(area: Circle | Polygon, points: list[tuple[float, float]]) -> None:
    norths, easts = np.array(points).T
    assert inside(area, norths, easts).tolist() == [area.contains(*point) for point in points]


@pytest.mark.parametrize(
    ("read", "number"),
    [
        ((43.05, -76.15, 10), 7),
        ((43.05, -76.15, 9), OUTSIDE),
        ((43.05, -76.15, 19), 7),
        ((43.05, -76.15, 20), OUTSIDE),
        ((43.2, -76.15, 15), OUTSIDE),
        ((float("nan"), float("nan"), 15), OUTSIDE),
        ((43.05, float("nan"), 15), OUTSIDE),
    ],
)
def test_a_place_has_a_beginning_and_an_end(read: tuple[float, float, int], number: int) -> None:
    assert _by([Barred(7, BLOCK, since=10, until=20)], read) == [number]


def test_the_first_of_two_counts() -> None:
    places = [Barred(1, HALL, since=0), Barred(2, BLOCK, since=0)]
    assert _by(places, (43.05, -76.15, 5), (43.09, -76.11, 5), (44, -76, 5)) == [1, 2, OUTSIDE]
    assert _by([]) == _by(places) == []
