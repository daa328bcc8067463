"""Files of roads: an OpenStreetMap extract in XML, or GeoJSON lines. Their size is bounded and hostile XML is refused."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from platekeeper.core.perimeter.roads import Bounds, Network, RoadsError, Way, network_of
from platekeeper.core.perimeter.tags import RoadTags, road_tags
from platekeeper.core.sphere import Place

LARGEST = 48 * 1024 * 1024
"""Bytes that a file may have."""
MOST_ROADS = 100_000
_SMALLER = "Cut the extract smaller, or keep the roads alone: osmium tags-filter FILE w/highway."
_PRECISION = 7  # decimals of a degree: points of a GeoJSON file that agree so far are one


def parse_roads(content: bytes) -> Network:
    """Return the roads of a file, whatever of the two it is. Raises `RoadsError`."""
    if len(content) > LARGEST:
        raise RoadsError(f"The file is larger than {LARGEST // 1024**2} MB. {_SMALLER}")
    is_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    network = _of_osm(content) if is_xml else _of_geojson(content)
    if len(network.roads) > MOST_ROADS:
        raise RoadsError(f"There are {len(network.roads):,} roads, more than {MOST_ROADS:,}. {_SMALLER}")
    return network


def _of_osm(content: bytes) -> Network:
    places: dict[int, Place] = {}
    found: list[tuple[list[int], RoadTags]] = []
    bounds: Bounds | None = None
    try:
        for _event, element in iterparse(BytesIO(content), events=("end",), forbid_dtd=True):
            if element.tag == "node":
                places[_whole(element, "id")] = _place(element.get("lat"), element.get("lon"))
            elif element.tag == "way":
                tags = road_tags({each.get("k", ""): each.get("v", "") for each in element.iter("tag")})
                if tags is not None:
                    found.append(([_whole(each, "ref") for each in element.iter("nd")], tags))
            elif element.tag == "bounds":
                corners = (element.get("minlat"), element.get("minlon")), (element.get("maxlat"), element.get("maxlon"))
                bounds = (*_place(*corners[0]), *_place(*corners[1]))
            if element.tag in {"node", "way", "relation"}:
                element.clear()
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise RoadsError(f"This is no OpenStreetMap XML: {error}") from error
    return _with_loose_ends(found, places, bounds)


def _with_loose_ends(
    found: list[tuple[list[int], RoadTags]], places: dict[int, Place], bounds: Bounds | None
) -> Network:
    """Join the ways; where one names a node that the file lacks, it ends, and leads out of the file."""
    known: dict[Any, Place] = dict(places)
    ways: list[Way] = []
    frayed: list[tuple[str, int]] = []

    def loose(beside: int) -> tuple[str, int]:
        end = ("beyond", len(frayed))
        frayed.append(end)
        known[end] = places[beside]
        return end

    for refs, tags in found:
        piece: list[Any] = [refs[0]] if refs and refs[0] in places else []
        for before, ref in pairwise(refs):
            if ref in places:
                piece += [ref] if before in places else [loose(ref), ref]
            elif before in places:
                ways.append(Way((*piece, loose(before)), tags))
                piece = []
        if len(piece) > 1:
            ways.append(Way(tuple(piece), tags))
    return network_of(ways, known, bounds=bounds, frayed=frayed)


def _of_geojson(content: bytes) -> Network:
    try:
        whole = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RoadsError(f"This is neither OpenStreetMap XML nor GeoJSON: {error}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("features"), list):
        raise RoadsError("This JSON is no GeoJSON FeatureCollection.")
    ways: list[Way] = []
    places: dict[Any, Place] = {}
    for number, feature in enumerate(whole["features"], start=1):
        try:
            tags = road_tags(_properties(feature))
            for line in _lines(feature) if tags is not None else ():
                refs = [(round(each[0], _PRECISION), round(each[1], _PRECISION)) for each in line]
                refs = [ref for place, ref in enumerate(refs) if not place or ref != refs[place - 1]]
                if len(refs) > 1 and tags is not None:
                    places.update((ref, ref) for ref in refs)
                    ways.append(Way(tuple(refs), tags))
        except (TypeError, KeyError, IndexError, AttributeError) as error:
            raise RoadsError(f"Feature {number} is not as GeoJSON has it.") from error
    return network_of(ways, places, bounds=_box(whole.get("bbox")))


def _properties(feature: dict[str, Any]) -> dict[str, str]:
    given: dict[str, Any] = feature.get("properties") or {}
    return {str(name): str(value) for name, value in given.items() if isinstance(value, str | int | float)}


def _lines(feature: dict[str, Any]) -> list[list[Place]]:
    geometry = feature.get("geometry") or {}
    match geometry.get("type"):
        case "LineString":
            lines = [geometry["coordinates"]]
        case "MultiLineString":
            lines = geometry["coordinates"]
        case _:
            lines = []
    return [[_place(point[1], point[0]) for point in line] for line in lines]


def _box(box: Any) -> Bounds | None:
    if not isinstance(box, list) or len(box) != 4:
        return None
    return (*_place(box[1], box[0]), *_place(box[3], box[2]))


def _whole(element: Element, name: str) -> int:
    text = element.get(name, "")
    try:
        return int(text[:20])
    except ValueError as error:
        raise RoadsError(f"“{text[:20]}” is no number of a node.") from error


def _place(latitude: Any, longitude: Any) -> Place:
    try:
        place = float(latitude), float(longitude)
    except (TypeError, ValueError) as error:
        raise RoadsError(f"“{str(latitude)[:20]}, {str(longitude)[:20]}” is no place.") from error
    if not (abs(place[0]) <= 90 and abs(place[1]) <= 180):
        raise RoadsError(f"{place[0]}, {place[1]} is on no map; GeoJSON writes the longitude first.")
    return place
