"""What a search asks is read back from the log, and areas are read from text."""

from __future__ import annotations

from typing import Any

import pytest

from platekeeper.core.search.areas import Circle, Polygon
from platekeeper.core.search.asked import Asked, plates_of, told
from platekeeper.core.search.drawn import drawn
from platekeeper.core.search.overview import Sighting, overview
from platekeeper.server.config.tiles import tile_sources

SPAN = {"since": "2026-03-01T10:00:00+00:00", "until": "2026-03-02T10:00:00+00:00", "lprs": [3]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Write circle"), ("square 1,2 3", "Write circle"), ("circle 43,-76 0", "radius"),
        ("circle 43,-76 900000", "radius"),
        ("circle 43 -76 8", "Write circle"), ("circle 43;-76 800", "no place"), ("circle 91,0 8", "latitude"),
        ("circle 0,181 8", "longitude"), ("polygon 1,2 1,3", "three corners"), ("polygon 1,2 1,3 x", "no place"),
        ("polygon" + " 1,2" * 61, "three corners"), ("polygon" + " 1,2" * 999, "at most"), ("circle nan,1 8", "no place"),
        ("circle 1e3,1 8", "no place"), ("circle ４３,1 8", "no place"),
    ],
)  # fmt: skip
def test_what_is_no_area_is_told_what_is(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        drawn(text)


@pytest.mark.parametrize(
    ("terms", "plates"),
    [
        ({}, set()), ({"plate": ""}, set()), ({"plate": "", "plates": []}, set()), ({"plate": "ABC1234"}, {"ABC1234"}),
        ({"plate": "AB?1*, XYZ9876"}, {"AB?1*", "XYZ9876"}),
        ({"plate": "A1, B2", "plates": ["A1", "B2"], "tool": "stake_out"}, {"A1", "B2"}),
        ({"plate": "", "tool": "scenes", "scenes": []}, set()),
    ],
)  # fmt: skip
def test_a_query_asks_for_one_plate_or_several_or_any(terms: dict[str, Any], plates: set[str]) -> None:
    assert plates_of(terms) == plates


def test_areas_are_read() -> None:
    assert drawn(" circle  43.0481,-76.1474 800 ") == Circle(43.0481, -76.1474, 800)
    assert drawn("Circle 43.0481,-76.1474 800") == Circle(43.0481, -76.1474, 800)  # as a phone begins a field
    assert drawn("polygon 43,-76 43,-75 44,-75") == Polygon(((43, -76), (43, -75), (44, -75)))


@pytest.mark.parametrize(
    ("terms", "plates", "words"),
    [
        ({"plate": "ABC1234"}, ("ABC1234",), []),
        ({"plate": ""}, (), []),
        ({"plate": "A, B", "plates": ["A", "B"], "look_alikes": True}, ("A", "B"), ["look-alike characters accepted"]),
        (
            {"plate": "A", "states": ["NY"], "colors": ["gray"], "area": "circle 1,2 3", "hits": "none"},
            ("A",),
            ["state: NY", "color: gray", "in circle 1,2 3", "no hits"],
        ),
        (
            {"plate": "A", "hours": {"zone": "UTC", "weekdays": [4, 0], "begin": 1320, "end": 360}},
            ("A",),
            ["Monday, Friday from 22:00 to 06:00"],
        ),
        ({"plate": "A", "hours": {"zone": "UTC", "weekdays": [0], "begin": 0, "end": 1440}}, ("A",), ["Monday"]),
    ],
)
def test_terms_are_read_back_and_told(terms: dict[str, Any], plates: tuple[str, ...], words: list[str]) -> None:
    assert Asked.of(SPAN | terms).plates == plates
    assert told(SPAN | terms) == words


def test_an_overview_tells_the_usual_place_first() -> None:
    seen = [Sighting(at, lpr) for at, lpr in ((10, 1), (0, 2), (5, 2), (10, 2))]
    found = overview(seen, hour_of=[1, 0, 0, 1])
    assert [(place.lpr, place.count, place.first, place.last, place.shares) for place in found.places] == [
        (2, 3, 0, 10, (0.0, 0.5, 1.0)), (1, 1, 10, 10, (1.0,)),
    ]  # fmt: skip
    assert (found.first, found.last, found.hours[:2]) == (0, 10, (2, 2))
    assert overview([Sighting(7, 1)], hour_of=[3]).places[0].shares == (0.5,)
    assert overview([], hour_of=[]).places == ()


@pytest.mark.parametrize(
    ("template", "sources"),
    [
        ("", []),
        ("https://tiles.example.org/{z}/{x}/{y}.png", ["https://tiles.example.org"]),
        ("http://127.0.0.1:8080/{z}", ["http://127.0.0.1:8080"]),
    ],
)
def test_tiles_come_from_one_place(template: str, sources: list[str]) -> None:
    assert tile_sources(template) == sources


@pytest.mark.parametrize(
    "template", ["tiles/{z}", "https://{s}.tiles.example.org/{z}", "javascript:alert(1)", "//x/{z}"]
)
def test_no_other_place_is_opened(template: str) -> None:
    with pytest.raises(ValueError, match="PLATEKEEPER_MAP_TILES"):
        tile_sources(template)
