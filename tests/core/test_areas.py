"""Places in and out of areas, on both sides of the 180th meridian."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.search.areas import Area, Circle, Polygon

BANK = (43.05, -76.15)
BLOCK = Polygon(((43.0, -76.2), (43.0, -76.1), (43.1, -76.1), (43.1, -76.2)))
L_SHAPE = Polygon(((0, 0), (0, 2), (1, 2), (1, 1), (2, 1), (2, 0)))
FIJI = Polygon(((-18, 179), (-18, -179), (-16, -179), (-16, 179)))


@pytest.mark.parametrize(
    ("area", "place", "inside"),
    [
        (BLOCK, BANK, True),
        (BLOCK, (43.2, -76.15), False),
        (BLOCK, (43.05, -76.3), False),
        (BLOCK, (42.9, -76.15), False),
        (L_SHAPE, (0.5, 1.5), True),
        (L_SHAPE, (1.5, 1.5), False),
        (FIJI, (-17, 179.5), True),
        (FIJI, (-17, -179.5), True),
        (FIJI, (-17, 178.5), False),
        (FIJI, (-17, 0.5), False),
        (Circle(*BANK, 200), (43.0517, -76.15), True),
        (Circle(*BANK, 200), (43.0519, -76.15), False),
        (Circle(-17, 179.999, 500), (-17, -179.999), True),
        (Circle(89.99, 0, 5_000), (89.99, 180), True),
    ],
)
def test_inside_and_outside(area: Area, place: tuple[float, float], inside: bool) -> None:
    assert area.contains(*place) is inside


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 20_000_000), st.floats(-90, 90), st.floats(-180, 180))
def test_what_is_inside_lies_between_the_latitudes(
    north: float, east: float, meters: float, latitude: float, longitude: float
) -> None:
    circle = Circle(north, east, meters)
    least, greatest = circle.latitudes
    assert not circle.contains(latitude, longitude) or least <= latitude <= greatest


@pytest.mark.parametrize(
    "given", [(91, 0, 5), (0, 181, 5), (float("nan"), 0, 5), (0, 0, 0), (0, 0, -1), (0, 0, float("nan"))]
)
def test_circles_on_no_map_are_refused(given: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"place|radius"):
        Circle(*given)


@pytest.mark.parametrize("corners", [(), ((0, 0), (1, 1)), ((0, 0), (1, 1), (200, 0)), ((0, 0),) * 501])
def test_areas_of_no_map_are_refused(corners: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match=r"corners|place"):
        Polygon(corners)
