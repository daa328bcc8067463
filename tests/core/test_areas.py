"""Areas on the map: written down and read back, and what lies in them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.areas import METRES_A_DEGREE, AreaError, Circle, Point, Polygon, parse_area

SQUARE = Polygon((Point(43.0, -76.2), Point(43.0, -76.1), Point(43.1, -76.1), Point(43.1, -76.2)))
DENT = Polygon((*SQUARE.corners, Point(43.05, -76.15)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Write circle"), ("square 1,2 3", "Write circle"), ("circle 43,-76 0", "radius"),
        ("circle 43,-76 900000", "radius"),
        ("circle 43 -76 8", "Write circle"), ("circle 43;-76 800", "no place"), ("circle 91,0 8", "Latitude"),
        ("circle 0,181 8", "Latitude"), ("polygon 1,2 1,3", "three corners"), ("polygon 1,2 1,3 x", "no place"),
        ("polygon 1,2 1,9 9,2", "wide at most"), ("polygon" + " 1,2" * 61, "three corners"),
        ("polygon" + " 1,2" * 999, "at most"),
        ("circle nan,1 8", "no place"), ("circle 1e3,1 8", "no place"), ("circle ４３,1 8", "no place"),
    ],
)  # fmt: skip
def test_what_is_no_area_is_told_what_is(text: str, problem: str) -> None:
    with pytest.raises(AreaError, match=problem):
        parse_area(text)


@pytest.mark.parametrize("area", [SQUARE, DENT, Circle(Point(43.0481, -76.1474), 800)])
def test_an_area_reads_back(area: Circle | Polygon) -> None:
    assert parse_area(f"  {area} ") == area


def test_a_dent_is_outside() -> None:
    assert Point(43.05, -76.19) in SQUARE
    assert Point(43.05, -76.19) not in DENT
    assert Point(43.02, -76.15) in DENT
    assert Point(42.99, -76.15) not in SQUARE


@given(st.floats(-60, 60), st.floats(-170, 170), st.integers(1, 100_000), st.floats(0, 360), st.floats(0, 2))
def test_a_circle_holds_what_is_near_and_its_box_holds_the_circle(
    latitude: float, longitude: float, radius: int, bearing: float, share: float
) -> None:
    circle = Circle(Point(latitude, longitude), radius)
    away = share * radius / METRES_A_DEGREE
    north, east = away * math.cos(math.radians(bearing)), away * math.sin(math.radians(bearing))
    point = Point(latitude + north, longitude + east / math.cos(math.radians(latitude)))
    if abs(share - 1) > 1e-6:
        assert (point in circle) == (share < 1)
    box = circle.box()
    if share < 0.999:
        assert box.south <= point.latitude <= box.north and box.west <= point.longitude <= box.east
