"""Genetec AutoVu: what is understood, and what is kept as not understood."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from platekeeper.core.formats.cameras import genetec
from platekeeper.core.formats.cameras.payload import Part, Payload, body
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import CROP, GENETEC, GENETEC_XML, JPEG, b64, changed, image_of, read_of, refusal, sent

AT = datetime(2026, 4, 3, 19, 5, 7, 250_000, tzinfo=UTC)
READ = ParsedRead(
    raw_plate="ABC1234", captured_at=AT, event_id="g-1", confidence=0.97, state="NY", direction="Closer",
    latitude=41.03, longitude=-73.76,
)  # fmt: skip
INNER = GENETEC_XML.partition("?>")[2]


def xml(text: str) -> Payload:
    """Return an XML message."""
    return body(text.encode())


def test_genetec_json_and_xml_say_the_same() -> None:
    assert genetec.parse(sent(GENETEC)) == genetec.parse(xml(GENETEC_XML)) == [(READ, JPEG)]


def test_genetec_dates_are_day_first_in_america_too() -> None:
    assert read_of(genetec.parse(sent({**GENETEC, "DateUtc": "03/04/2026"}))).captured_at.month == 4
    assert "DateUtc" in refusal(genetec.parse(sent({**GENETEC, "DateUtc": "04/13/2026"}))).reason


@pytest.mark.parametrize(
    ("day", "clock", "at"),
    [
        ("2026:04:03", "19:05:07.250", AT), ("2026-04-03", "19:05:07.25", AT), ("2026/04/03", "19:05:07.2500000", AT),
        ("03/04/2026", "9:05:07", AT.replace(hour=9, microsecond=0)),
        ("03/04/2026", "19:05:07.250-05:00", AT.replace(tzinfo=timezone(timedelta(hours=-5)))),
    ],
)  # fmt: skip
def test_genetec_times_are_utc_unless_they_say_otherwise(day: str, clock: str, at: datetime) -> None:
    assert read_of(genetec.parse(sent({**GENETEC, "DateUtc": day, "TimeUtc": clock}))).captured_at == at


def test_genetec_field_names_are_edited_by_users() -> None:
    edited = {"Kennzeichen": "XYZ99", **changed(GENETEC, Guid=...), "Plate": "not this one", "Nr": 7}
    payload = Payload(parts=sent(edited).parts, mapping={"plate": "Kennzeichen", "id": "nr", "image": ""})
    assert (read_of(genetec.parse(payload)).raw_plate, read_of(genetec.parse(payload)).event_id) == ("XYZ99", "7")


def test_genetec_mapped_name_that_is_missing_is_named_and_no_default_stands_in() -> None:
    payload = Payload(parts=sent(GENETEC).parts, mapping={"plate": "Kennzeichen"})
    assert refusal(genetec.parse(payload)).reason == "Kennzeichen: missing"


@pytest.mark.parametrize(
    "told",
    [
        {name.upper(): value for name, value in GENETEC.items()},
        {"Read": {"Event": GENETEC}},
        {**changed(GENETEC, Plate=...), "Attributes": {**GENETEC["Attributes"], "plate": "ABC1234"}},
        [GENETEC],
        {**GENETEC, "Extra": {"Plate": "other"}, "New": [1, 2]},
    ],
)
def test_genetec_case_nesting_and_unknown_fields_are_harmless(told: Any) -> None:
    assert genetec.parse(sent(told)) == [(READ, JPEG)]


@pytest.mark.parametrize(
    "text",
    [
        GENETEC_XML.replace("<AutoVu>", '<AutoVu xmlns="urn:genetec">'),
        GENETEC_XML.replace("AutoVu>", "Other>"),
        f"<Reads>{INNER}</Reads>",
        GENETEC_XML.replace("utf-8", "utf-16"),
        "\ufeff" + GENETEC_XML,
        GENETEC_XML.replace("<Plate>ABC1234</Plate>", "<p><Plate>ABC1234</Plate></p>"),
        GENETEC_XML.replace("<Plate>ABC1234</Plate>", '<Plate value="1">ABC1234</Plate>'),
        INNER.replace("<Plate>ABC1234</Plate>", "").replace("<AutoVu>", '<AutoVu Plate="ABC1234">'),
    ],
)
def test_genetec_xml_with_namespaces_marks_nesting_and_attributes(text: str) -> None:
    assert genetec.parse(xml(text)) == [(READ, JPEG)]


def test_genetec_several_reads_and_a_bad_one_costs_only_itself() -> None:
    bad = changed(GENETEC, Plate=None)
    first, second, third = genetec.parse(sent([GENETEC, bad, {**GENETEC, "Plate": 7654321}]))
    assert isinstance(first, tuple) and isinstance(third, tuple)
    assert second == UnparsedRead(reason="Plate: missing", payload=json.dumps(bad).encode())
    assert third[0].raw_plate == "7654321"
    good, broken = genetec.parse(xml(f"<r>{INNER}{INNER.replace('19:05', 'x')}</r>"))
    assert isinstance(good, tuple) and isinstance(broken, UnparsedRead)


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ({"ContextImage": None}, None), ({"ContextImage": ..., "PlateImage": b64(CROP)}, CROP), ({"ContextImage": ""}, None),
        ({"ContextImage": f"data:image/jpeg;base64,{b64(CROP)}"}, CROP),
    ],
)  # fmt: skip
def test_genetec_images_may_be_missing(fields: dict[str, Any], image: bytes | None) -> None:
    assert image_of(genetec.parse(sent(changed(GENETEC, **fields)))) == image


def test_genetec_image_in_a_part_of_its_own() -> None:
    told = Part(name="read", content=json.dumps(changed(GENETEC, ContextImage=...)).encode())
    assert image_of(genetec.parse(Payload(parts=(told, Part(name="ContextImage", content=CROP))))) == CROP


def test_genetec_broken_image_does_not_cost_the_read() -> None:
    read, complaint = genetec.parse(sent({**GENETEC, "ContextImage": "%%"}))
    assert read == (READ, None)
    assert isinstance(complaint, UnparsedRead)


@pytest.mark.parametrize(("given", "share"), [("0.97", 0.97), (97, 0.97), ("97%", 0.97), ("0,97", 0.97), (None, None)])
def test_genetec_confidence_of_1_or_of_100(given: Any, share: float | None) -> None:
    assert read_of(genetec.parse(sent({**GENETEC, "ConfidenceScore": given}))).confidence == share


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"Plate": ...}, "Plate"), ({"Plate": [1]}, "Plate"), ({"DateUtc": ...}, "UTCDate"), ({"TimeUtc": ""}, "TimeUtc"),
        ({"TimeUtc": "soon"}, "TimeUtc"), ({"DateUtc": "2026"}, "DateUtc"), ({"LatitudeY": "north"}, "latitude"),
        ({"ConfidenceScore": 970}, "confidence"), ({"LatitudeY": float("inf")}, "latitude"),
        ({"LongitudeX": 10**400}, "longitude"),
    ],
)  # fmt: skip
def test_genetec_what_makes_no_sense_is_named(fields: dict[str, Any], named: str) -> None:
    payload = sent(changed(GENETEC, **fields))
    unparsed = refusal(genetec.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole


@pytest.mark.parametrize(
    "hostile", ["<AutoVu>" * 5000, "<a>" * 50_000, "[" * 50_000, '{"a":' * 50_000, "<AutoVu/>", "{}", "5", '{"Plate":']
)
def test_genetec_hostile_and_empty_messages_are_kept_whole(hostile: str) -> None:
    assert refusal(genetec.parse(xml(hostile))).payload == hostile.encode()
