"""Plate Recognizer Stream: the `json` part of its webhook, and the image in the part `upload`.

One message may hold several plates, each a read of its own. The hook's id is the camera's name and every message has the
same, so there is no event id: LPR, time and text know the read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from platekeeper.core.formats.cameras.payload import Item, Payload, guarded, one_picture, picture, sharing
from platekeeper.core.formats.cameras.values import (
    any_time,
    as_list,
    as_mapping,
    as_text,
    country_state,
    json_object,
    lowered,
    plate_text,
    share_of_either,
)
from platekeeper.core.formats.reads import ParsedRead


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a result that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    message = lowered(json_object(payload.told("json")))
    data = lowered(as_mapping(message.get("data", message), "data"))
    named = "timestamp" if data.get("timestamp") else "timestamp_local"
    captured_at = any_time(data.get(named), named if named in data else "timestamp")
    if "results" not in data:
        raise KeyError("results")
    results = as_list(data["results"], "results")
    reads = (guarded(partial(_item, result, captured_at), json.dumps(result).encode()) for result in results)
    yield from sharing(chain.from_iterable(reads), *one_picture(picture, payload.picture("upload")))


def _item(result: Any, captured_at: datetime) -> list[Item]:
    fields = lowered(as_mapping(result, "result"))
    plate, confidence = _plate(fields)
    region = fields.get("region") or {}
    state, state_confidence = (
        (region.get("code"), region.get("score")) if isinstance(region, Mapping) else (region, None)
    )
    read = ParsedRead(
        raw_plate=plate,
        captured_at=captured_at,
        confidence=share_of_either(confidence, "score"),
        state=country_state(as_text(state)),
        state_confidence=share_of_either(state_confidence, "region.score"),
        candidates=tuple(_candidates(fields.get("candidates"))),
        direction=as_text(fields.get("direction")),
        vehicle=_vehicle(fields),
    )
    return [(read, None)]


def _plate(fields: Mapping[str, Any]) -> tuple[str, Any]:
    plate = fields["plate"]
    if isinstance(plate, Mapping):  # newer versions wrap it: plate.props.plate[0].value
        readings = as_list(as_mapping(plate["props"], "plate.props")["plate"], "plate.props.plate")
        best = as_mapping(readings[0] if readings else None, "plate.props.plate[0]")
        return plate_text(best["value"], "plate.props.plate[0].value"), best.get("score", fields.get("score"))
    return plate_text(plate, "plate"), fields.get("score")


def _candidates(given: Any) -> list[tuple[str, float | None]]:
    entries = given if isinstance(given, list) else []
    return [
        (as_text(entry["plate"]), share_of_either(entry.get("score"), "candidates"))
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("plate"), str)
    ]


def _vehicle(fields: Mapping[str, Any]) -> dict[str, str]:
    vehicle, make = fields.get("vehicle"), _first(fields.get("model_make"))
    found = {
        "type": as_text(vehicle.get("type")) if isinstance(vehicle, Mapping) else "",
        "make": as_text(make.get("make")),
        "model": as_text(make.get("model")),
        "color": as_text(_first(fields.get("color")).get("color")),
        "orientation": as_text(_first(fields.get("orientation")).get("orientation")),
    }
    return {name: text for name, text in found.items() if text}


def _first(given: Any) -> Mapping[str, Any]:
    return given[0] if isinstance(given, list) and given and isinstance(given[0], Mapping) else {}
