"""OpenALPR and Rekor Scout: JSON bodies told apart by `data_type`.

A preview and its final group share the first of `uuids` while `best_uuid` changes, so the first one is the event id.
A preview that comes late does not count. An agent without GPS says -1, -1. A region may be a country's: "eu-de" is not
Delaware and "us" alone is no state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from platekeeper.core.formats.cameras.payload import Item, Payload, base64_picture, guarded, image_bytes, with_picture
from platekeeper.core.formats.cameras.values import (
    as_list,
    as_mapping,
    as_number,
    as_text,
    epoch,
    json_object,
    lowered,
    place,
    plate_text,
    region_state,
    share_of,
)
from platekeeper.core.formats.reads import FINAL, ParsedRead, ReadFormatError

COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
VEHICLE = {"body_type": "type", "make": "make", "make_model": "model", "color": "color", "year": "year"}


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a result that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    message = lowered(json_object(payload.told()))
    kind = as_text(message["data_type"]).lower()
    if kind == "alpr_results":
        yield from _results(message)
    elif kind in {"alpr_group", "alpr_alert"}:
        group = lowered(as_mapping(message.get("group") or message, "group"))
        image = group.get("vehicle_crop_jpeg") or lowered(group.get("best_plate")).get("plate_crop_jpeg")
        yield from with_picture(_group(group), base64_picture, image_bytes(image))
    elif kind != "heartbeat":
        raise ReadFormatError(f"data_type: {kind!r} is not known")


def _results(message: Mapping[str, Any]) -> Iterator[Item]:
    uuid = as_text(message.get("uuid"))
    for index, result in enumerate(as_list(message["results"], "results")):
        event_id = f"{uuid}-{index}" if uuid else None
        yield from guarded(partial(_result, result, event_id, message.get("epoch_time")), json.dumps(result).encode())


def _result(result: Any, event_id: str | None, epoch_time: Any) -> list[Item]:
    fields = lowered(as_mapping(result, "result"))
    read = ParsedRead(
        raw_plate=plate_text(fields.get("plate"), "plate"),
        captured_at=epoch(epoch_time, "epoch_time"),
        event_id=event_id,
        confidence=share_of(fields.get("confidence"), "confidence", whole=100),
        state=region_state(as_text(fields.get("region"))),
        state_confidence=share_of(fields.get("region_confidence"), "region_confidence", whole=100),
        candidates=_candidates(fields.get("candidates")),
    )
    return with_picture(read, base64_picture, image_bytes(fields.get("plate_crop_jpeg")))


def _group(group: Mapping[str, Any]) -> ParsedRead:
    best = lowered(group.get("best_plate"))
    uuids = [as_text(uuid) for uuid in (*as_list(group.get("uuids"), "uuids"), group.get("best_uuid"))]
    latitude, longitude = place(group.get("gps_latitude"), group.get("gps_longitude"))
    vehicle = {ours: _best_name(lowered(group.get("vehicle")).get(theirs)) for theirs, ours in VEHICLE.items()}
    return ParsedRead(
        raw_plate=plate_text(group.get("best_plate_number") or best.get("plate"), "best_plate_number"),
        captured_at=epoch(group.get("epoch_start"), "epoch_start"),
        event_id=next((uuid for uuid in uuids if uuid), None),
        confidence=share_of(group.get("best_confidence"), "best_confidence", whole=100),
        state=region_state(as_text(group.get("best_region"))),
        state_confidence=share_of(group.get("best_region_confidence"), "best_region_confidence", whole=100),
        candidates=_candidates(group.get("candidates")),
        direction=_compass(group.get("travel_direction")),
        vehicle={name: text for name, text in vehicle.items() if text},
        latitude=latitude,
        longitude=longitude,
        stage=0 if group.get("is_preview") in {True, "true", "1"} else FINAL,
    )


def _candidates(given: Any) -> tuple[tuple[str, float | None], ...]:
    return tuple(
        (as_text(entry["plate"]), share_of(entry.get("confidence"), "candidates", whole=100))
        for entry in (given if isinstance(given, list) else [])
        if isinstance(entry, Mapping) and isinstance(entry.get("plate"), str)
    )


def _compass(degrees: Any) -> str:
    number = as_number(degrees, "travel_direction")
    return COMPASS[round(number / 45) % 8] if number is not None and 0 <= number <= 360 else ""


def _best_name(given: Any) -> str:
    entries = [entry for entry in given if isinstance(entry, Mapping)] if isinstance(given, list) else []
    best = max(entries, key=lambda entry: as_number(entry.get("confidence"), "vehicle") or 0, default={})
    return as_text(best.get("name"))
