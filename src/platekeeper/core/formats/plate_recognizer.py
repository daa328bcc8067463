"""Plate Recognizer Stream: the `json` part of its webhook. The image comes beside, in the part `upload`.

One message may hold several plates: each is a read of its own, whose event id is the hook's id and its place in the list.
A message without a hook id has no event ids; its reads are known by LPR, time and text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platekeeper.core.formats.reads import ParsedRead, ReadFormatError, UnparsedRead
from platekeeper.core.plates import parse_state


def parse(payload: bytes) -> list[ParsedRead | UnparsedRead]:
    """Parse one message; a result that makes no sense is unparsed by itself, the others live."""
    try:
        message = json.loads(payload)
        data = _mapping(message, "message").get("data", message)
        results = _mapping(data, "data")["results"]
        captured_at = _time(data)
        if not isinstance(results, list):
            raise ReadFormatError("results: not a list")
    except KeyError as missing:
        return [UnparsedRead(reason=f"{missing.args[0]}: missing", payload=payload)]
    except (ValueError, RecursionError) as error:
        return [UnparsedRead(reason=str(error)[:200], payload=payload)]
    hook = message.get("hook")
    hook_id = str(hook.get("id") or "") if isinstance(hook, Mapping) else ""
    return [_result(result, place, hook_id, captured_at) for place, result in enumerate(results)]


def _result(result: Any, place: int, hook_id: str, captured_at: datetime) -> ParsedRead | UnparsedRead:
    try:
        fields = _mapping(result, "result")
        plate, confidence = _plate(fields)
        region = fields.get("region") or {}
        state, state_confidence = (
            (region.get("code"), region.get("score")) if isinstance(region, Mapping) else (region, None)
        )
        return ParsedRead(
            raw_plate=plate,
            captured_at=captured_at,
            event_id=f"{hook_id}-{place}" if hook_id else None,
            confidence=_number(confidence, "score"),
            state=parse_state(str(state or "")),
            state_confidence=_number(state_confidence, "region.score"),
            candidates=tuple(_candidates(fields.get("candidates"))),
            direction=_text(fields.get("direction")),
            vehicle=_vehicle(fields),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]}: missing" if isinstance(error, KeyError) else str(error)
        return UnparsedRead(reason=reason[:200], payload=json.dumps(result).encode())


def _plate(fields: Mapping[str, Any]) -> tuple[str, Any]:
    plate = fields["plate"]
    if isinstance(plate, Mapping):  # newer versions wrap it: plate.props.plate[0].value
        best = plate["props"]["plate"][0]
        return str(best["value"]), best.get("score", fields.get("score"))
    if not isinstance(plate, str):
        raise ReadFormatError("plate: neither text nor object")
    return plate, fields.get("score")


def _time(data: Mapping[str, Any]) -> datetime:
    for name in ("timestamp", "timestamp_local"):
        if data.get(name):
            try:
                return datetime.fromisoformat(str(data[name]))
            except ValueError as error:
                raise ReadFormatError(f"{name}: {data[name]!r} is no time") from error
    raise KeyError("timestamp")


def _candidates(given: Any) -> list[tuple[str, float | None]]:
    entries = given if isinstance(given, list) else []
    return [
        (str(entry["plate"]), _number(entry.get("score"), "candidates"))
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("plate"), str)
    ]


def _vehicle(fields: Mapping[str, Any]) -> dict[str, str]:
    vehicle, make = fields.get("vehicle"), _first(fields.get("model_make"))
    found = {
        "type": _text(vehicle.get("type")) if isinstance(vehicle, Mapping) else "",
        "make": _text(make.get("make")),
        "model": _text(make.get("model")),
        "colour": _text(_first(fields.get("color")).get("color")),
        "orientation": _text(_first(fields.get("orientation")).get("orientation")),
    }
    return {name: text for name, text in found.items() if text}


def _first(given: Any) -> Mapping[str, Any]:
    return given[0] if isinstance(given, list) and given and isinstance(given[0], Mapping) else {}


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ReadFormatError(f"{name}: not an object")
    return value


def _number(value: Any, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ReadFormatError(f"{name}: not a number")
    return float(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:80]
