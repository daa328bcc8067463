"""Hikvision ISAPI: what is understood, and what is kept as not understood."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from platekeeper.core.formats.cameras import hikvision
from platekeeper.core.formats.cameras.payload import Part, Payload, body
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from tests.core.cameras.making import AT, CROP, HIKVISION, JPEG, alert, image_of, read_of, refusal

BARE = HIKVISION.partition("\n")[2]
NAMESPACE = "http://www.hikvision.com/ver20/XMLSchema"


def with_text(name: str, text: str, xml: str = HIKVISION) -> str:
    """Return the alert with another text in an element."""
    return re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>{text}</{name}>", xml)


def without(name: str, xml: str = HIKVISION) -> str:
    """Return the alert without an element."""
    return re.sub(f"<{name}>.*?</{name}>", "", xml, flags=re.S)


def test_hikvision_alert_with_its_pictures() -> None:
    read = ParsedRead(
        raw_plate="ABC1234", captured_at=AT, event_id="u-1", confidence=0.97, candidates=(("A8C1234", None),),
        direction="forward", vehicle={"type": "vehicle", "color": "blue"}, latitude=41.03, longitude=-73.76,
    )  # fmt: skip
    assert hikvision.parse(alert(HIKVISION, ("licensePlatePicture.jpg", CROP), ("detectionPicture.jpg", JPEG))) == [
        (read, JPEG)
    ]


@pytest.mark.parametrize(
    "xml",
    [
        HIKVISION.replace(NAMESPACE, "http://www.isapi.org/ver20/XMLSchema"),
        HIKVISION.replace(NAMESPACE, "urn:psialliance-org"),
        HIKVISION.replace(f' xmlns="{NAMESPACE}"', ""),
        re.sub(r"<(/?)(?=[A-Za-z])", r"<\1h:", BARE).replace("xmlns=", "xmlns:h="),
        HIKVISION.replace("<ANPR>", '<ANPR xmlns="urn:other">'),
    ],
)
def test_hikvision_namespace_varies_with_the_makers_firmware(xml: str) -> None:
    assert hikvision.parse(alert(xml)) == hikvision.parse(alert(HIKVISION))


def test_hikvision_names_in_another_case() -> None:
    lower = re.sub(r"</?[A-Za-z]+", lambda name: name[0].lower(), BARE)
    assert hikvision.parse(alert(lower)) == hikvision.parse(alert(HIKVISION))


@pytest.mark.parametrize(
    ("images", "image"),
    [
        ((), None), ((("detectionPicture.jpg", b""), ("licensePlatePicture.jpg", b"")), None),
        ((("detectionPicture.jpg", b""), ("licensePlatePicture.jpg", CROP)), CROP),
        ((("vehiclePicture.jpg", JPEG),), JPEG), ((("DETECTIONPICTURE.JPG", JPEG),), JPEG),
    ],
)  # fmt: skip
def test_hikvision_image_part_may_be_empty_missing_or_named_otherwise(
    images: tuple[tuple[str, bytes], ...], image: bytes | None
) -> None:
    assert image_of(hikvision.parse(alert(HIKVISION, *images))) == image


def test_hikvision_broken_image_does_not_cost_the_read() -> None:
    read, complaint = hikvision.parse(alert(HIKVISION, ("detectionPicture.jpg", b"\x00broken")))
    assert isinstance(read, tuple)
    assert complaint == UnparsedRead(reason="image: neither JPEG nor PNG; its read is stored", payload=b"\x00broken")


@pytest.mark.parametrize("name", ["", "event.xml", "Event_Type"])
def test_hikvision_xml_in_a_part_of_another_name(name: str) -> None:
    parts = (Part(name="licensePlatePicture.jpg", content=CROP), Part(name=name, content=HIKVISION.encode()))
    assert read_of(hikvision.parse(Payload(parts=parts))).raw_plate == "ABC1234"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HIKVISION.encode(),
        b"\r\n " + HIKVISION.encode(),
        HIKVISION.encode("utf-16"),
        HIKVISION.replace("UTF-8", "utf-16").encode(),
        HIKVISION.replace("white", "白").replace("UTF-8", "GB2312").encode("gbk"),
        HIKVISION.replace("white", "白").encode("gbk"),
        HIKVISION.replace("UTF-8", "no-such-thing").encode(),
    ],
)
def test_hikvision_marks_and_encodings_that_are_not_what_they_say(content: bytes) -> None:
    assert hikvision.parse(body(content)) == hikvision.parse(body(HIKVISION.encode()))


def test_hikvision_nested_plates_are_read_with_their_own_values() -> None:
    nested = """<EventNotificationAlert><eventType>ANPR</eventType><dateTime>2026-03-03T14:05:07Z</dateTime><UUID>u-9</UUID>
    <ANPR><list><item><plate><licensePlate>AAA1111</licensePlate></plate><confidenceLevel>80</confidenceLevel>
    <direction>forward</direction></item><item><plate><licensePlate>BBB2222</licensePlate></plate>
    <confidenceLevel>60</confidenceLevel></item></list></ANPR></EventNotificationAlert>"""
    reads = [item[0] for item in hikvision.parse(alert(nested)) if isinstance(item, tuple)]
    assert [(read.raw_plate, read.confidence, read.direction, read.event_id) for read in reads] == [
        ("AAA1111", 0.8, "forward", "u-9"),
        ("BBB2222", 0.6, "", "u-9-1"),
    ]


def test_hikvision_plate_repeated_in_a_list_is_one_read() -> None:
    listed = "<plateList><item><licensePlate>ABC1234</licensePlate></item></plateList>"
    assert len(hikvision.parse(alert(HIKVISION.replace("<pictureInfoList/>", listed)))) == 1


def test_hikvision_list_of_alerts_and_a_bad_one_costs_only_itself() -> None:
    bad, other = with_text("dateTime", "soon", BARE), with_text("UUID", "u-2", BARE)
    told = f"<EventNotificationAlertList>{BARE}{bad}{other}</EventNotificationAlertList>"
    first, second, third = hikvision.parse(alert(told))
    assert isinstance(first, tuple) and isinstance(third, tuple)
    assert isinstance(second, UnparsedRead) and "dateTime" in second.reason and b"soon" in second.payload


def test_hikvision_late_and_repeated_alert_is_the_same_event() -> None:
    late = with_text("isDataRetransmission", "true")
    assert hikvision.parse(alert(late)) == hikvision.parse(alert(HIKVISION))


def test_hikvision_corrected_alert_keeps_its_event() -> None:
    corrected = read_of(hikvision.parse(alert(with_text("licensePlate", "ABC1235"))))
    assert (corrected.raw_plate, corrected.event_id) == ("ABC1235", "u-1")


@pytest.mark.parametrize("kind", ["VMD", "videoloss", "heartBeat"])
def test_hikvision_other_events_hold_no_read(kind: str) -> None:
    assert hikvision.parse(alert(with_text("eventType", kind, without("ANPR")))) == []


@pytest.mark.parametrize("kind", ["anpr", "vehicleDetection", ""])
def test_hikvision_alert_with_a_plate_is_read_whatever_it_calls_itself(kind: str) -> None:
    assert read_of(hikvision.parse(alert(with_text("eventType", kind)))).raw_plate == "ABC1234"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-03T19:05:07.250Z", AT), ("2026-03-03T14:05:07.250-0500", AT),
        ("2026-03-04T03:05:07.2500000+08:00", AT), ("20260303T140507.250-0500", AT),
        ("2026-03-03T14:05:07.25", datetime(2026, 3, 3, 14, 5, 7, 250_000)),
    ],
)  # fmt: skip
def test_hikvision_time_with_and_without_an_offset(written: str, at: datetime) -> None:
    assert read_of(hikvision.parse(alert(with_text("dateTime", written)))).captured_at == at


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("<longitudeType>W", "<longitudeType>E", (41.03, 73.76)), ("<latitudeType>N", "<latitudeType>S", (-41.03, -73.76)),
        ("<longitudeType>W</longitudeType><latitudeType>N</latitudeType>", "", (41.03, 73.76)),
        ("<deg>73</deg><min>45</min><sec>36</sec>", "-73.76", (41.03, -73.76)),
        ("<longitudeType>W</longitudeType>", "<deg>9</deg>", (41.03, 73.76)),
    ],
)  # fmt: skip
def test_hikvision_coordinates_are_degrees_minutes_and_seconds(old: str, new: str, place: tuple[float, float]) -> None:
    read = read_of(hikvision.parse(alert(HIKVISION.replace(old, new))))
    assert (round(read.latitude or 0, 6), round(read.longitude or 0, 6)) == place


@pytest.mark.parametrize(
    ("xml", "named"),
    [
        (with_text("confidenceLevel", "970"), "confidence"), (with_text("confidenceLevel", "high"), "confidenceLevel"),
        (without("dateTime"), "dateTime"), (with_text("dateTime", "soon"), "dateTime"), (with_text("deg", "x"), "tude"),
        (without("licensePlate"), "licensePlate"), (with_text("confidenceLevel", "nan"), "confidence"),
        (HIKVISION[:-30], "XML"), ("<a/>", "EventNotificationAlert"), ("<EventNotificationAlert/>", "eventType"),
        (with_text("deg", "500"), "tude"),
    ],
)  # fmt: skip
def test_hikvision_what_makes_no_sense_is_named(xml: str, named: str) -> None:
    payload = alert(xml)
    unparsed = refusal(hikvision.parse(payload))
    assert named in unparsed.reason
    assert unparsed.payload == payload.whole


PLATES = "".join(f"<licensePlate>A{number}</licensePlate>" for number in range(65))


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "<a>" * 100_000,
        "<a" + " b='1'" * 3 + "/>", "<EventNotificationAlert>" * 5000 + "</EventNotificationAlert>" * 5000,
        "<l>" + BARE * 65 + "</l>", f"<EventNotificationAlert>{PLATES}</EventNotificationAlert>",
    ],
)  # fmt: skip
def test_hikvision_hostile_xml_is_kept_whole(hostile: str) -> None:
    assert refusal(hikvision.parse(body(hostile.encode()))).payload == hostile.encode()
