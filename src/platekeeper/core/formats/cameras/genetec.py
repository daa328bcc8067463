"""Genetec AutoVu: its XML and JSON exports, whose field names users edit; `payload.mapping` is our name to theirs.

A mapped name replaces its defaults: what stands under a default name then is something else. Names are matched case,
spaces and nesting aside. Times are UTC and dates day first: 03/04/2026 is the third of April, in America too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element, tostring

from platekeeper.core.formats.cameras.markup import local_name, looks_like_xml, outermost, xml_root
from platekeeper.core.formats.cameras.payload import (
    Item,
    Payload,
    base64_picture,
    guarded,
    image_bytes,
    picture,
    with_picture,
)
from platekeeper.core.formats.cameras.values import (
    as_mapping,
    as_text,
    json_value,
    place,
    plate_text,
    region_state,
    share_of_either,
)
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError

DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "plate": ("Plate",),
    "state": ("State",),
    "date": ("UTCDate", "DateUtc"),
    "time": ("UTCTime", "TimeUtc"),
    "camera": ("CameraName",),
    "image": ("ContextImage",),
    "plate_image": ("PlateImage",),
    "longitude": ("LongitudeX", "Longitude"),
    "latitude": ("LatitudeY", "Latitude"),
    "id": ("Guid",),
    "confidence": ("ConfidenceScore",),
    "direction": ("Relative Motion",),
}
"""Our names, and theirs in XML and in JSON."""
Flat = Callable[[], Mapping[str, Any]]
"""Gives one read's values by the key of their names."""
DATES = ("%Y:%m:%d", "%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d")


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a read that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    told = payload.told()
    if looks_like_xml(told):
        root = xml_root(told)
        elements = outermost(root, "autovu") or [root]
        several: list[tuple[Flat, Callable[[], bytes]]] = [
            (partial(_flat_xml, element), partial(tostring, element)) for element in elements
        ]
    else:
        message = json_value(told)
        objects = message if isinstance(message, list) else [message]
        if not objects:
            raise KeyError("message")
        several = [(partial(_flat_json, given), partial(_json, given)) for given in objects]
    for flat, written in several:
        yield from guarded(partial(_item, flat, payload), payload.whole if len(several) == 1 else written())


def _item(flat: Flat, payload: Payload) -> list[Item]:
    fields = _Fields(flat(), payload.mapping)
    latitude, longitude = place(fields["latitude"], fields["longitude"])
    read = ParsedRead(
        raw_plate=plate_text(fields["plate"], fields.name("plate")),
        captured_at=_captured_at(fields),
        event_id=as_text(fields["id"], longest=200) or None,
        confidence=share_of_either(fields["confidence"], fields.name("confidence")),
        state=region_state(as_text(fields["state"])),
        direction=as_text(fields["direction"]),
        latitude=latitude,
        longitude=longitude,
    )
    image = fields["image"] or fields["plate_image"]
    if not image:
        return with_picture(read, picture, payload.picture())
    return with_picture(read, base64_picture, image_bytes(image))


class _Fields:
    """One read's values by our names."""

    def __init__(self, values: Mapping[str, Any], mapping: Mapping[str, str]) -> None:
        self._values = values
        self._names = {ours: (mapping[ours],) if mapping.get(ours) else theirs for ours, theirs in DEFAULTS.items()}

    def name(self, ours: str) -> str:
        """Return their name of a value, the one it stands under where there are several."""
        names = self._names[ours]
        return next((name for name in names if _key(name) in self._values), names[0])

    def __getitem__(self, ours: str) -> Any:
        return self._values.get(_key(self.name(ours)))


def _captured_at(fields: _Fields) -> datetime:
    day, clock = (as_text(fields[ours]) for ours in ("date", "time"))
    for ours, text in (("date", day), ("time", clock)):
        if not text:
            raise KeyError(fields.name(ours))
    try:
        moment = time.fromisoformat(f"0{clock}" if clock[1:2] == ":" else clock)
    except ValueError as error:
        raise ReadFormatError(f"{fields.name('time')}: {clock!r} is no time") from error
    return datetime.combine(_day(day, fields.name("date")), moment, tzinfo=moment.tzinfo or UTC)


def _day(text: str, name: str) -> date:
    for shape in DATES:
        try:
            return datetime.strptime(text, shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise ReadFormatError(f"{name}: {text!r} is no date")


def _json(given: Any) -> bytes:
    return json.dumps(given).encode()


def _flat_json(given: Any) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    level = [as_mapping(given, "message")]
    while level:  # outer values come before those of Attributes
        for fields in level:
            for name, value in fields.items():
                if not isinstance(value, Mapping):
                    values.setdefault(_key(name), value)
        level = [value for fields in level for value in fields.values() if isinstance(value, Mapping)]
    return values


def _flat_xml(top: Element) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    level = [top]
    while level:  # outer values come before inner ones, attributes beside elements
        for element in level:
            for name, value in element.attrib.items():
                values.setdefault(_key(name), value)
            if not len(element):
                values.setdefault(_key(local_name(element)), (element.text or "").strip())
        level = [child for parent in level for child in parent]
    return values


def _key(name: str) -> str:
    return "".join(name.lower().replace("_", " ").split())
