"""Axis License Plate Verifier: parts `event` (JSON) and `image`, or the JSON alone; numbers are mostly text.

The events new, update and lost of one car share its carID: each revises the read, and lost counts however late the
others arrive.
The camera counts carIDs anew after a restart, so the hour is part of the event id; else a new car would revise an old one.
An event whose plate fields are empty revises nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

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
    any_time,
    as_text,
    iso_time,
    json_object,
    lowered,
    place,
    plate_text,
    region_state,
    share_of_either,
)
from platekeeper.core.formats.reads import FINAL, ParsedRead

PLATES = ("plateascii", "plateutf8", "plateunicode", "platetext")
REGIONS = ("plateiso3166-2", "plateregion", "plateregioncode")
VEHICLE = {"type": "type", "brand": "make", "model": "model", "color": "color", "view": "orientation"}
STAGES = {"new": 0, "update": 1}
"""Of a car's events; lost is the last."""
NO_DIRECTION = {"unk", "unknown", "undefined"}


def parse(payload: Payload) -> list[Item]:
    """Parse one message."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    event = lowered(json_object(payload.told("event")))
    if not any(name in event for name in PLATES):
        raise KeyError("plateUTF8")
    plate = next((event[name] for name in PLATES if event.get(name)), "")
    if plate:
        sent = payload.picture("image")
        read = _read(event, plate_text(plate, "plateUTF8"))
        if sent:
            yield from with_picture(read, picture, sent)
        else:
            yield from with_picture(read, base64_picture, image_bytes(_inline_image(event.get("imagearray"))))


def _read(event: Mapping[str, Any], plate: str) -> ParsedRead:
    captured_at = _captured_at(event)
    spot, vehicle = lowered(event.get("geotag")), lowered(event.get("vehicle_info"))
    latitude, longitude = place(spot.get("lat"), spot.get("lon"))
    direction = as_text(event.get("carmovedirection"))
    return ParsedRead(
        raw_plate=plate,
        captured_at=captured_at,
        event_id=_event_id(event, captured_at),
        confidence=share_of_either(event.get("plateconfidence"), "plateConfidence"),
        state=_state(event),
        direction="" if direction.lower() in NO_DIRECTION else direction,
        vehicle={ours: as_text(vehicle[theirs]) for theirs, ours in VEHICLE.items() if as_text(vehicle.get(theirs))},
        latitude=latitude,
        longitude=longitude,
        stage=STAGES.get(as_text(event.get("carstate")).lower(), FINAL),
    )


def _captured_at(event: Mapping[str, Any]) -> datetime:
    if event.get("capture_timestamp"):
        return any_time(event["capture_timestamp"], "capture_timestamp")
    written = as_text(event.get("datetime"))
    if not written:
        raise KeyError("capture_timestamp")
    for shape in ("%Y%m%d %H%M%S%f%z", "%Y%m%d %H%M%S%f"):
        try:
            return datetime.strptime(written, shape)  # noqa: DTZ007 - without an offset it is the LPR's own time
        except ValueError:
            continue
    return iso_time(written, "datetime")


def _event_id(event: Mapping[str, Any], captured_at: datetime) -> str | None:
    camera, car = lowered(event.get("camera_info")), as_text(event.get("carid"))
    device = as_text(camera.get("serialnumber")) or as_text(camera.get("macaddress"))
    return f"{device}-{car}-{captured_at:%Y%m%d%H}" if car else None


def _state(event: Mapping[str, Any]) -> str | None:
    country = as_text(event.get("platecountry"))
    regions = [as_text(event.get(name)) for name in REGIONS]
    states = [region_state(f"{country}-{region}" if country else region) for region in regions if region]
    return next((state for state in (*states, region_state(country)) if state), None)


def _inline_image(images: Any) -> Any:
    entries = [lowered(entry) for entry in images] if isinstance(images, list) else []
    wide_first = sorted(entries, key=lambda entry: as_text(entry.get("imagetype")).lower() == "plate")
    return next((entry["binaryimage"] for entry in wide_first if entry.get("binaryimage")), None)
