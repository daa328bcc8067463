"""Frigate over MQTT: `frigate/tracked_object_update` of type `lpr`, and `frigate/events` with its before and after.

Plates are refined after the first message: every message about an object has its id, so a later one is a correction.
An event tells when the object came, not when its plate was read; that stays the same while the object is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platekeeper.core.formats.cameras.payload import Item, Payload, guarded
from platekeeper.core.formats.cameras.values import (
    any_time,
    as_mapping,
    as_text,
    json_object,
    lowered,
    plate_text,
    share_of_either,
)
from platekeeper.core.formats.reads import FINAL, ParsedRead

STAGES = {"new": 0, "update": 1}
"""Of what is said of one object; an event of another type, such as end, is the last."""
NO_VEHICLE = {"", "license_plate"}


def parse(payload: Payload) -> list[Item]:
    """Parse one message."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    message = lowered(json_object(payload.told()))
    if "after" in message or "before" in message:
        named = "after" if message.get("after") is not None else "before"
        if message.get(named) is not None:
            stage = STAGES.get(as_text(message.get("type")).lower(), FINAL)
            yield from _event(lowered(as_mapping(message[named], named)), stage)
        return
    kind = as_text(message.get("type")).lower()
    if not kind:
        raise KeyError("type")
    if kind == "lpr":
        plate, score = message["plate"], message.get("score")
        yield from _read(message, plate, score, name="plate", timed=("timestamp",), stage=STAGES["update"])


def _event(tracked: Mapping[str, Any], stage: int) -> Iterator[Item]:
    name = "recognized_license_plate"
    plate, score = tracked.get(name), tracked.get(f"{name}_score")
    if isinstance(plate, list):
        plate, score = (*plate, None, None)[:2] if score is None else ((*plate, None)[0], score)
    yield from _read(tracked, plate, score, name=name, timed=("start_time", "frame_time"), stage=stage)


def _read(
    told: Mapping[str, Any], plate: Any, score: Any, *, name: str, timed: tuple[str, ...], stage: int
) -> Iterator[Item]:
    if plate is None or plate == "":
        return
    when = next((field for field in timed if told.get(field) is not None), timed[0])
    label = as_text(told.get("label"))
    read = ParsedRead(
        raw_plate=plate_text(plate, name),
        captured_at=any_time(told.get(when), when),
        event_id=as_text(told.get("id"), longest=200) or None,
        confidence=share_of_either(score, "score" if name == "plate" else f"{name}_score"),
        vehicle={} if label in NO_VEHICLE else {"type": label},
        stage=stage,
    )
    yield read, None
