"""Verkada: what is understood, and what is kept as not understood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from platekeeper.core.formats.cameras import verkada
from platekeeper.core.formats.reads import ParsedRead
from tests.core.cameras.making import AT, MS, VERKADA, changed, read_of, refusal, sent


def test_verkada_webhook() -> None:
    read = ParsedRead(
        raw_plate="ABC1234", captured_at=AT, event_id=f"c-1-{MS}-ABC1234", confidence=0.96, state="CA"
    )  # fmt: skip
    assert verkada.parse(sent(VERKADA)) == [(read, None)]


def test_verkada_redelivery_under_another_webhook_id_is_the_same_event() -> None:
    again = {**VERKADA, "webhook_id": "w-2", "created_at": MS // 1000 + 2}
    assert verkada.parse(sent(again)) == verkada.parse(sent(VERKADA))


@pytest.mark.parametrize("kind", ["notification", "sensor_alert", "LPR_other"])
def test_verkada_other_webhooks_hold_no_read(kind: str) -> None:
    assert verkada.parse(sent({**VERKADA, "webhook_type": kind})) == []


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"detected": str(MS)}, AT), ({"detected": MS // 1000}, AT.replace(microsecond=0)), ({"detected": MS / 1000}, AT),
        ({"detected": ...}, AT.replace(microsecond=0)), ({"detected": None}, AT.replace(microsecond=0)),
    ],
)  # fmt: skip
def test_verkada_time_in_milliseconds_or_seconds(fields: dict[str, Any], at: datetime) -> None:
    message = {**VERKADA, "data": changed(VERKADA["data"], **fields)}
    assert read_of(verkada.parse(sent(message))).captured_at == at


def test_verkada_without_camera_has_no_event_id() -> None:
    assert read_of(verkada.parse(sent({**VERKADA, "data": changed(VERKADA["data"], camera_id=...)}))).event_id is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"license_plate_number": ...}, "license_plate_number"), ({"license_plate_number": [1]}, "license_plate_number"),
        ({"detected": "x"}, "detected"), ({"detected": ..., "created": ...}, "detected"), ({"confidence": 700}, "confidence"),
        ({"detected": 1e300}, "detected"),
    ],
)  # fmt: skip
def test_verkada_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = sent({**VERKADA, "data": changed(VERKADA["data"], **fields)})
    unparsed = refusal(verkada.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole


@pytest.mark.parametrize(("fields", "named"), [({"webhook_type": ...}, "webhook_type"), ({"data": None}, "data")])
def test_verkada_message_without_type_or_data_is_named(fields: dict[str, Any], named: str) -> None:
    assert named in refusal(verkada.parse(sent(changed(VERKADA, **fields)))).reason
