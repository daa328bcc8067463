"""Blue Iris with CodeProject.AI: an alert's JSON body, which users write by hand around the macros' values.

`ai_dump` holds what every model said; only `alpr` is read, and each of its predictions is a read of its own.
Confidence is of 1 or of 100, the time ISO or since 1970. There is no event id: LPR, time and text know the read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from platekeeper.core.formats.cameras.payload import (
    Item,
    Payload,
    base64_picture,
    guarded,
    image_bytes,
    one_picture,
    sharing,
)
from platekeeper.core.formats.cameras.values import (
    any_time,
    as_list,
    as_mapping,
    as_text,
    json_object,
    lowered,
    plate_text,
    share_of_either,
)
from platekeeper.core.formats.reads import ParsedRead


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a prediction that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    message = lowered(json_object(payload.told()))
    if "ai_dump" not in message:
        raise KeyError("ai_dump")
    dump = message["ai_dump"]
    models = [dump] if isinstance(dump, Mapping) else as_list(dump, "ai_dump")
    reads = (guarded(partial(_model, model, message), json.dumps(model).encode()) for model in models)
    yield from sharing(chain.from_iterable(reads), *one_picture(base64_picture, image_bytes(message.get("image"))))


def _model(model: Any, message: Mapping[str, Any]) -> Iterator[Item]:
    said = lowered(as_mapping(model, "ai_dump"))
    if "api" not in said:
        raise KeyError("api")
    if as_text(said["api"]).lower() != "alpr":
        return
    found = lowered(as_mapping(said.get("found"), "found"))
    if "predictions" not in found and found.get("success") is not False:
        raise KeyError("predictions")
    for prediction in as_list(found.get("predictions"), "predictions"):
        yield from guarded(partial(_prediction, prediction, message), json.dumps(prediction).encode())


def _prediction(prediction: Any, message: Mapping[str, Any]) -> list[Item]:
    fields = lowered(as_mapping(prediction, "prediction"))
    read = ParsedRead(
        raw_plate=plate_text(fields.get("plate"), "plate"),
        captured_at=any_time(message.get("timestamp"), "timestamp"),
        confidence=share_of_either(fields.get("confidence"), "confidence"),
    )
    return [(read, None)]
