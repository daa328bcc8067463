"""Frigate: what is understood, and what is kept as not understood."""

from __future__ import annotations

from typing import Any

import pytest

from platekeeper.core.formats.cameras import frigate
from platekeeper.core.formats.reads import FINAL, ParsedRead
from tests.core.cameras.making import AT, FRIGATE_EVENT, FRIGATE_UPDATE, MS, changed, read_of, refusal, sent

AFTER = FRIGATE_EVENT["after"]


def after(**fields: Any) -> Any:
    """Return an event whose `after` has other fields."""
    return sent({**FRIGATE_EVENT, "after": changed(AFTER, **fields)})


def test_frigate_update() -> None:
    read = ParsedRead(raw_plate="ABC1234", captured_at=AT, event_id="1772564700.1-x", confidence=0.95, stage=1)
    assert frigate.parse(sent(FRIGATE_UPDATE)) == [(read, None)]


def test_frigate_event() -> None:
    read = ParsedRead(
        raw_plate="ABC1234",
        captured_at=AT,
        event_id="1772564700.1-x",
        confidence=0.95,
        vehicle={"type": "car"},
        stage=1,
    )
    assert frigate.parse(sent(FRIGATE_EVENT)) == [(read, None)]


def test_frigate_plate_is_refined_so_every_message_of_an_object_is_one_read() -> None:
    refined = sent({**FRIGATE_UPDATE, "plate": "A8C1234", "score": 0.99, "timestamp": MS / 1000 + 1})
    ids = {read_of(frigate.parse(told)).event_id for told in (sent(FRIGATE_UPDATE), refined, sent(FRIGATE_EVENT))}
    assert ids == {"1772564700.1-x"}


def test_frigate_events_of_one_object_are_repeats_while_nothing_changes() -> None:
    assert frigate.parse(after(frame_time=MS / 1000 + 9, end_time=None)) == frigate.parse(sent(FRIGATE_EVENT))


@pytest.mark.parametrize(
    ("plate", "score"), [(["ABC1234", 0.95], None), (["ABC1234", 0.95], ...), ("ABC1234", "0.95"), ("ABC1234", 95)]
)
def test_frigate_plate_with_its_score_beside_or_inside(plate: Any, score: Any) -> None:
    told = after(recognized_license_plate=plate, recognized_license_plate_score=score)
    assert frigate.parse(told) == frigate.parse(sent(FRIGATE_EVENT))


@pytest.mark.parametrize(
    "told",
    [
        {**FRIGATE_EVENT, "after": changed(AFTER, recognized_license_plate=None)}, {"before": None, "after": None},
        {**FRIGATE_EVENT, "after": changed(AFTER, recognized_license_plate=...)}, {**FRIGATE_UPDATE, "plate": ""},
        {"type": "description", "id": "x", "description": "a car"}, {"type": "face", "id": "x", "name": "n"},
    ],
)  # fmt: skip
def test_frigate_messages_about_something_else_hold_no_read(told: Any) -> None:
    assert frigate.parse(sent(told)) == []


def test_frigate_ended_event_tells_in_before_where_after_is_gone() -> None:
    ended = {"type": "end", "before": AFTER, "after": None}
    assert frigate.parse(sent(ended)) == frigate.parse(sent({**FRIGATE_EVENT, "type": "end"}))


@pytest.mark.parametrize(("type", "stage"), [("new", 0), ("update", 1), ("end", FINAL)])
def test_frigate_end_is_the_last_word_on_an_object(type: str, stage: int) -> None:
    assert read_of(frigate.parse(sent({**FRIGATE_EVENT, "type": type}))).stage == stage


def test_frigate_names_in_another_case_and_a_number_for_a_plate() -> None:
    told = {name.upper(): value for name, value in {**FRIGATE_UPDATE, "plate": 7654321, "type": "LPR"}.items()}
    assert read_of(frigate.parse(sent(told))).raw_plate == "7654321"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"plate": ...}, "plate"), ({"plate": {"a": 1}}, "plate"), ({"timestamp": ...}, "timestamp"),
        ({"timestamp": "soon"}, "timestamp"), ({"score": 950}, "confidence"), ({"type": ...}, "type"),
        ({"timestamp": float("nan")}, "timestamp"),
    ],
)  # fmt: skip
def test_frigate_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = sent(changed(FRIGATE_UPDATE, **fields))
    unparsed = refusal(frigate.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole
