"""Files of roads: the same network out of OpenStreetMap XML and GeoJSON, ends that fray, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.perimeter import Network, RoadsError, Snapper, files, packed, parse_roads, propose, unpacked
from platekeeper.core.perimeter.tags import road_tags
from tests.core.perimeter.making import geojson, grid, grid_lines, osm, place_of, scene_at, town, town_lines

STREET = {"highway": "residential"}


@pytest.mark.parametrize("write", [osm, geojson])
def test_a_grid_is_read_back(write: object) -> None:
    net = parse_roads(write(grid_lines(9)))  # type: ignore[operator]
    assert (len(net.places), len(net.roads)) == (81, 144)
    assert {round(road.meters) for road in net.roads} == {111}
    assert propose(net, scene_at(4, 4), within=30, at_hand=0).needed == 4


def test_both_files_give_the_same_posts() -> None:
    lines = town_lines(400, seed=7)
    plans = [
        propose(parse_roads(write(lines)), scene_at(9, 9, meters=200), within=40, at_hand=0)
        for write in (osm, geojson)
    ]  # fmt: skip
    assert plans[0].needed == plans[1].needed > 0
    one, other = (
        sorted((round(lat, 5), round(lng, 5)) for lat, lng in (p.place for p in plan.posts)) for plan in plans
    )
    assert one == other


def test_a_way_that_goes_on_beyond_the_extract_is_a_way_out() -> None:
    lines = [([(4, 4), (4, 5), (4, 9)], STREET), ([(4, 4), (6, 4)], STREET), ([(0, 0), (9, 12)], STREET)]
    net = parse_roads(osm(lines, without=frozenset({(4, 9)})))
    plan = propose(net, scene_at(4, 4), within=10_000, at_hand=0)
    assert (plan.needed, plan.edges) == (1, 1)  # the other way is a dead end
    gap = parse_roads(osm([([(4, 3), (4, 4), (4, 5), (4, 6)], STREET)], without=frozenset({(4, 4)})))
    assert len(gap.beyond & {gap.roads[0].begin, gap.roads[-1].end}) == 2  # before and after what is missing


def test_junctions_outside_the_bounds_are_ways_out() -> None:
    south, west = place_of((1, 1))
    north, east = place_of((5, 5))
    bounds = f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>'
    net = parse_roads(osm(grid_lines(7), bounds=bounds))
    assert len(net.beyond) == 49 - 25


def test_a_file_of_anything_but_roads_is_refused_with_what_would_help() -> None:
    deep = b"[" * 100_000
    cases = {
        b"": "neither OpenStreetMap XML nor GeoJSON",
        b"{}": "no GeoJSON FeatureCollection",
        b"[1, 2]": "no GeoJSON FeatureCollection",
        deep: "neither OpenStreetMap XML nor GeoJSON",
        b'{"features": [7]}': "Feature 1 is not as GeoJSON has it",
        b'{"features": [{"properties": {}, "geometry": {"type": "LineString", "coordinates": [[1], [2]]}}]}': "Feature 1",
        b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[43, 181], [43, 99]]}}]}': "longitude first",
        b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[1, "x"], [1, 2]]}}]}': "is no place",
        b'{"features": []}': "no road for cars",
        b"<osm>": "no OpenStreetMap XML",
        b"<osm/>": "no road for cars",
        b'<osm><node id="x" lat="1" lon="1"/></osm>': "no number of a node",
        b'<osm><node id="1" lat="nan" lon="1"/></osm>': "on no map",
        b'<!DOCTYPE a [<!ENTITY b "c">]><osm>&b;</osm>': "no OpenStreetMap XML",
        osm([([(0, 0), (0, 1)], {"highway": "footway"})]): "no road for cars",
        osm([([(0, 0), (0, 1)], STREET)], without=frozenset({(0, 0), (0, 1)})): "no road for cars",
        osm([([(0, 0)], STREET)]): "no road for cars",
    }
    for content, said in cases.items():
        with pytest.raises(RoadsError, match=said):
            parse_roads(content)


def test_a_file_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1_000)
    with pytest.raises(RoadsError, match="osmium tags-filter"):
        parse_roads(osm(grid_lines(5)))
    monkeypatch.undo()
    monkeypatch.setattr(files, "MOST_ROADS", 10)
    with pytest.raises(RoadsError, match="40 roads, more than 10"):
        parse_roads(osm(grid_lines(5)))


@given(st.binary(max_size=300), st.integers(0, 4_000), st.sampled_from(["osm", "geojson"]))
def test_a_broken_file_is_refused_in_our_words(noise: bytes, at: int, kind: str) -> None:
    whole = (osm if kind == "osm" else geojson)(grid_lines(3))
    try:
        assert isinstance(parse_roads(whole[:at] + noise + whole[at + len(noise) :]), Network)
    except RoadsError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("tags", "kmh", "ways", "lanes"),
    [
        ({"highway": "motorway"}, 105, (True, False), 2),
        ({"highway": "motorway", "oneway": "no"}, 105, (True, True), 4),
        ({"highway": "motorway_link"}, 50, (True, False), 1),
        ({"highway": "residential", "maxspeed": "30 mph"}, 48.28, (True, True), 2),
        ({"highway": "residential", "maxspeed": "30"}, 30, (True, True), 2),
        ({"highway": "residential", "maxspeed": "none"}, 40, (True, True), 2),
        ({"highway": "residential", "maxspeed": "0"}, 40, (True, True), 2),
        ({"highway": "residential", "maxspeed": "999"}, 200, (True, True), 2),
        ({"highway": "tertiary", "oneway": "-1", "lanes": "3"}, 55, (False, True), 3),
        ({"highway": "tertiary", "junction": "roundabout"}, 55, (True, False), 1),
        ({"fclass": "primary", "oneway": "T"}, 70, (False, True), 1),
        ({"fclass": "primary", "oneway": "B", "lanes": "4;3"}, 70, (True, True), 2),
        ({"STNAME": "Mill Street"}, 50, (True, True), 2),
    ],
)
def test_tags(tags: dict[str, str], kmh: float, ways: tuple[bool, bool], lanes: int) -> None:
    road = road_tags(tags)
    assert road is not None
    assert (round(road.kmh, 2), (road.forward, road.backward), road.lanes) == (kmh, ways, lanes)


@pytest.mark.parametrize(
    "tags",
    [{"highway": "footway"}, {"highway": "proposed"}, {"highway": "service", "access": "no"},
     {"highway": "pedestrian", "area": "yes"}, {"highway": "residential", "motor_vehicle": "no"}],
)  # fmt: skip
def test_where_no_car_drives(tags: dict[str, str]) -> None:
    assert road_tags(tags) is None


def test_a_place_is_snapped_to_the_nearest_road() -> None:
    net = grid(9)
    latitude, longitude = place_of((4, 4))
    road, meters, place = Snapper(net).nearest((latitude + 0.0001, longitude + 0.0005))
    assert net.roads[road].name == "4 Street"
    assert meters == pytest.approx(11.1, abs=0.1)
    assert place == pytest.approx((latitude, longitude + 0.0005), abs=1e-7)


def test_a_network_is_packed_and_back() -> None:
    net = town(144, seed=1)
    assert unpacked(packed(net)) == net
