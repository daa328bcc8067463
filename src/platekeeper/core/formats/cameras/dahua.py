"""Dahua ITSAPI: the JSON of TollgateInfo; a keep-alive holds no read, nor does a picture without a plate.

Confidence is out of 100, yet some firmware counts to 255: what is above 100 is out of 255.
Times have no offset. A picture without an id of its own is known by device, time and plate, so it can be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from platekeeper.core.formats.cameras.payload import (
    Item,
    Payload,
    base64_picture,
    guarded,
    image_bytes,
    with_picture,
)
from platekeeper.core.formats.cameras.values import (
    any_time,
    as_mapping,
    as_number,
    as_text,
    json_object,
    lowered,
    plate_text,
    share_of,
)
from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.plates import parse_state

TOLLGATE, KEEP_ALIVE = "NotificationInfo/TollgateInfo", "NotificationInfo/KeepAlive"
"""What a camera appends to the address it is given."""
IMAGES = ("normalpic", "vehiclepic", "cutoutpic")
IDS = ("uuid", "messageid", "msgid")
VEHICLE = {"vehicletype": "type", "vehiclesign": "make", "vehicleseries": "model", "vehiclecolor": "color"}
NO = {"false", "0", "no"}


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a picture that makes no sense is unparsed by itself, the others live."""
    if payload.below.lower() == KEEP_ALIVE.lower() and b"plate" not in payload.whole.lower():
        return []
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    told = payload.told()
    message = lowered(json_object(told))
    if "picture" not in message and "plate" not in message:
        if "active" in message:
            return
        raise KeyError("Picture")
    pictures = message.get("picture", message)  # some firmware leaves the outer object out
    several = pictures if isinstance(pictures, list) else [pictures]
    for each in several:
        whole = payload.whole if len(several) == 1 else json.dumps(each).encode()
        yield from guarded(partial(_picture, each, message if len(several) == 1 else {}, payload), whole)


def _picture(given: Any, message: Mapping[str, Any], payload: Payload) -> Iterator[Item]:
    shot = lowered(as_mapping(given, "Picture"))
    if "plate" not in shot:
        raise KeyError("Plate")
    plates = shot["plate"] if isinstance(shot["plate"], list) else [shot["plate"]]
    inside = (lowered(shot.get(name)).get("content") for name in IMAGES)
    image = next((image for image in inside if image), None)
    for count, each in enumerate(plates):
        plate = lowered(as_mapping(each, "Plate"))
        if str(plate.get("isexist")).strip().lower() in NO:
            continue
        read = _read(shot, plate, message, count)
        if image is None and payload.picture():
            yield read, payload.picture()
        else:
            yield from with_picture(read, base64_picture, image_bytes(image))


def _read(shot: Mapping[str, Any], plate: Mapping[str, Any], message: Mapping[str, Any], count: int) -> ParsedRead:
    snap, vehicle = lowered(shot.get("snapinfo")), lowered(shot.get("vehicle"))
    text = plate_text(plate.get("platenumber"), "PlateNumber")
    named = "AccurateTime" if snap.get("accuratetime") else "SnapTime"
    captured_at = any_time(snap.get(named.lower()), named)
    device = as_text(snap.get("deviceid"))
    ids = (as_text(level.get(name), longest=200) for level in (shot, snap, message) for name in IDS)
    given = next(filter(None, ids), "")
    known = f"{given}-{count}" if given and count else given
    confidence = plate.get("confidence")
    return ParsedRead(
        raw_plate=text,
        captured_at=captured_at,
        event_id=known or (f"{device}-{captured_at.isoformat()}-{text}" if device else None),
        confidence=share_of(
            confidence, "Confidence", whole=255 if (as_number(confidence, "Confidence") or 0) > 100 else 100
        ),
        state=parse_state(as_text(plate.get("state"))),
        direction=as_text(snap.get("direction")),
        vehicle={ours: as_text(vehicle[theirs]) for theirs, ours in VEHICLE.items() if as_text(vehicle.get(theirs))},
    )
