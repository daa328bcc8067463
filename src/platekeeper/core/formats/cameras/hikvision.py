"""Hikvision ISAPI: an `EventNotificationAlert` in the part anpr.xml, or as the body, with pictures that may be empty.

The XML namespace and the nesting vary with the maker's firmware, so elements are found by local name wherever they are.
Several plates in one message are a read each; each takes only values that stand nearer to it than to another plate.
Coordinates are degrees, minutes and seconds: without an E or W, N or S beside them the sign is theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from xml.etree.ElementTree import Element, tostring

from platekeeper.core.formats.cameras.markup import local_name, outermost, xml_root
from platekeeper.core.formats.cameras.payload import Item, Payload, guarded, one_picture, picture, sharing
from platekeeper.core.formats.cameras.values import any_time, as_number, as_text, place, share_of
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError
from platekeeper.core.plates import parse_state

MOST_ALERTS, MOST_PLATES = 64, 64
PICTURES = ("detectionpicture", "licenseplatepicture")
DEGREES = (("deg", 1), ("min", 60), ("sec", 3600))
NO_DIRECTION = {"unknown", "unknow"}


def parse(payload: Payload) -> list[Item]:
    """Parse one message; an alert or a plate that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    told = payload.told("anpr.xml", "anpr")
    alerts = outermost(xml_root(told), "eventnotificationalert")
    if not alerts:
        raise KeyError("EventNotificationAlert")
    if len(alerts) > MOST_ALERTS:
        raise ReadFormatError(f"EventNotificationAlert: more than {MOST_ALERTS} in one message")
    wholes = [payload.whole] if len(alerts) == 1 else [tostring(alert) for alert in alerts]
    reads = (guarded(partial(_alert, alert, whole), whole) for alert, whole in zip(alerts, wholes, strict=True))
    yield from sharing(chain.from_iterable(reads), *one_picture(picture, _image(payload)))


def _alert(alert: Element, whole: bytes) -> Iterator[Item]:
    kind = next((_text(element) for element in _all(alert, "eventtype")), "")
    found = _all(alert, "licenseplate")
    if not found and kind.lower() != "anpr":
        if not kind:
            raise KeyError("eventType")
        return
    plates = {_text(element): element for element in reversed(found)}  # a list repeats the plate it stands beside
    if len(plates) > 1:
        plates.pop("", None)
    if not plates:
        raise KeyError("licensePlate")
    if len(plates) > MOST_PLATES:
        raise ReadFormatError(f"licensePlate: more than {MOST_PLATES} in one message")
    shared, near, used = _fields(alert, Counter(), set()), _Near(alert, list(plates.values())), Counter[str]()
    for element in reversed(plates.values()):
        fields = near.fields(element)
        uuid = fields.get("uuid") or shared.get("uuid", "")
        event_id = f"{uuid}-{used[uuid]}" if used[uuid] else uuid
        used[uuid] += 1
        piece = whole if len(plates) == 1 else tostring(near.top(element))
        yield from guarded(partial(_item, alert, {**fields, "licenseplate": _text(element)}, event_id, shared), piece)


def _item(alert: Element, fields: Mapping[str, str], event_id: str, shared: Mapping[str, str]) -> list[Item]:
    plate, original = fields["licenseplate"], fields.get("originallicenseplate", "")
    latitude, longitude = _place(alert)
    direction = fields.get("direction", "")
    vehicle = {"type": fields.get("vehicletype", ""), "color": fields.get("vehiclecolor") or fields.get("color", "")}
    read = ParsedRead(
        raw_plate=plate,
        captured_at=any_time(fields.get("datetime") or shared.get("datetime"), "dateTime"),
        event_id=event_id or None,
        confidence=share_of(fields.get("confidencelevel"), "confidenceLevel", whole=100),
        state=parse_state(fields.get("state") or fields.get("province")),
        candidates=((original, None),) if original not in {"", plate} else (),
        direction="" if direction.lower() in NO_DIRECTION else direction,
        vehicle={name: text for name, text in vehicle.items() if text},
        latitude=latitude,
        longitude=longitude,
    )
    return [(read, None)]


class _Near:
    """Which values of an alert stand nearer to which plate."""

    def __init__(self, alert: Element, plates: list[Element]) -> None:
        self._parents = {child: parent for parent in alert.iter() for child in parent}
        self._held = Counter(above for plate in plates for above in self._above(plate))

    def top(self, plate: Element) -> Element:
        """Return the largest element that holds this plate and no plate that its parent does not hold too."""
        first, *others = self._above(plate)[1:]
        for above in others:
            if self._held[above] > self._held[first]:
                break
            first = above
        return first

    def fields(self, plate: Element) -> Mapping[str, str]:
        """Return the values near a plate, by local name."""
        return _fields(self.top(plate), self._held, set(self._above(plate)))

    def _above(self, element: Element) -> list[Element]:
        path = [element]
        while path[-1] in self._parents:
            path.append(self._parents[path[-1]])
        return path


def _fields(top: Element, held: Mapping[Element, int], path: set[Element]) -> Mapping[str, str]:
    """Return the texts below an element by local name, the shallowest first, without branches of other plates."""
    fields: dict[str, str] = {}
    level = [top]
    while level:
        level = [child for parent in level for child in parent if child in path or not held.get(child)]
        for element in level:
            if _text(element):
                fields.setdefault(local_name(element), _text(element))
    return fields


def _place(alert: Element) -> tuple[float | None, float | None]:
    device = next(iter(_all(alert, "devicegpsinfo")), None)
    if device is None:
        return None, None
    said = {_text(element).upper() for element in device.iter()}
    return place(
        _degrees(device, "latitude", said & {"S", "SOUTH"}, said & {"N", "NORTH"}),
        _degrees(device, "longitude", said & {"W", "WEST"}, said & {"E", "EAST"}),
    )


def _degrees(device: Element, name: str, negative: set[str], positive: set[str]) -> float | None:
    written = next(iter(_all(device, name)), None)
    if written is None:
        return None
    texts = [
        (next((_text(part) for part in written if local_name(part).startswith(unit)), ""), share)
        for unit, share in DEGREES
    ]
    if not any(text for text, _ in texts):
        return as_number(_text(written), name)
    size = sum(abs(as_number(text, name) or 0) / share for text, share in texts)
    below = bool(negative) or (texts[0][0].startswith("-") and not positive)
    return -size if below else size


def _image(payload: Payload) -> bytes | None:
    named = [(f"{part.name} {part.filename}".lower(), part.content) for part in payload.parts]
    found = (content for wanted in PICTURES for name, content in named if wanted in name and content)
    return next(found, None) or payload.picture()


def _all(top: Element, name: str) -> list[Element]:
    return [element for element in top.iter() if local_name(element) == name]


def _text(element: Element) -> str:
    return as_text(element.text, longest=200)
