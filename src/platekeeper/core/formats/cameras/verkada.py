"""Verkada: the webhook of type `lpr`; other webhooks are answered and hold no read.

A webhook is sent again when it is not answered in time, so its id is not the event's: camera, time and plate are.
`detected` is in milliseconds, `created`, all that older messages have, in seconds. The picture is an address only.
"""

from __future__ import annotations

from collections.abc import Iterator

from platekeeper.core.formats.cameras.payload import Item, Payload, guarded
from platekeeper.core.formats.cameras.values import (
    any_time,
    as_mapping,
    as_text,
    json_object,
    lowered,
    plate_text,
    region_state,
    share_of_either,
)
from platekeeper.core.formats.reads import ParsedRead


def parse(payload: Payload) -> list[Item]:
    """Parse one message."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    message = lowered(json_object(payload.told()))
    kind = as_text(message.get("webhook_type")).lower()
    if not kind:
        raise KeyError("webhook_type")
    if kind != "lpr":
        return
    data = lowered(as_mapping(message.get("data"), "data"))
    named = "detected" if data.get("detected") or not data.get("created") else "created"
    plate, camera = plate_text(data.get("license_plate_number"), "license_plate_number"), as_text(data.get("camera_id"))
    read = ParsedRead(
        raw_plate=plate,
        captured_at=any_time(data.get(named), named),
        event_id=f"{camera}-{as_text(data.get(named))}-{plate}" if camera else None,
        confidence=share_of_either(data.get("confidence"), "confidence"),
        state=region_state(as_text(data.get("license_plate_state"))),
    )
    yield read, None
