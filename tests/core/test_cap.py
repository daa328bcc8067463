"""Alert bulletins in CAP 1.2: what is read, what is refused, and the plates that are proposed out of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from platekeeper.core.formats.cap import (
    DEEPEST,
    LARGEST,
    MOST_ELEMENTS,
    MOST_WORDS,
    CapError,
    MessageType,
    Status,
    parse_cap,
)
from platekeeper.core.formats.cap_vehicles import MOST, proposals
from platekeeper.core.formats.cap_vehicles import ground_of as ground
from tests.core.bulletins import bulletin, info


def test_a_bulletin_is_read_with_every_language_and_place() -> None:
    alert = parse_cap(
        bulletin(
            info(description="Blue car", expires="2026-06-02T10:00:00-04:00", area="Mill County", code="036053"),
            info(language="es-US", event="Secuestro", headline="Alerta AMBER"),
        )
    )
    assert (alert.identifier, alert.sender) == ("NYAMBER-1", "alerts@example.org")
    assert (alert.status, alert.message_type) == (Status.ACTUAL, MessageType.ALERT)
    assert alert.sent == datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
    assert alert.expires == datetime(2026, 6, 2, 14, 0, tzinfo=UTC)
    assert [each.language for each in alert.infos] == ["en-US", "es-US"]
    assert alert.main is alert.infos[0]
    [area] = alert.infos[0].areas
    assert (area.description, area.codes) == ("Mill County", (("SAME", "036053"),))


def test_a_cancel_names_what_it_cancels() -> None:
    alert = parse_cap(
        bulletin(
            kind="Cancel", references="a@b.org,ID-1,2026-06-01T10:00:00-04:00  a@b.org,ID-2,2026-06-01T11:00:00-00:00"
        )
    )
    assert alert.message_type is MessageType.CANCEL
    assert [(each.sender, each.identifier) for each in alert.references] == [("a@b.org", "ID-1"), ("a@b.org", "ID-2")]
    assert alert.main is None and alert.expires is None and proposals(alert) == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no XML"),
        (b"plate ABC1234", "no XML"),
        (bulletin()[:-9], "no XML"),
        (b"<alert/>", "outermost element"),
        (bulletin(version="1.1"), "This is CAP 1.1"),
        (bulletin(status="Real"), "`status` is 'Real'"),
        (bulletin(kind="Alarm"), "`msgType` is 'Alarm'"),
        (bulletin(sent="2026-06-01 14:00"), "`sent` is"),
        (bulletin(sent="0001-01-01T00:00:00-04:00"), "`sent` is"),
        (bulletin(sent="2026-02-30T00:00:00-04:00"), "`sent` is"),
        (bulletin(sent=""), "no `sent`"),
        (bulletin(identifier=" "), "no `identifier`"),
        (bulletin(references="ID-1"), "`references` holds"),
        (bulletin(info(expires="tomorrow")), "`expires` is"),
    ],
)
def test_what_is_no_bulletin_says_why(content: bytes, said: str) -> None:
    with pytest.raises(CapError, match=said.replace("(", r"\\(")):
        parse_cap(content)


def _head(doctype: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE alert {doctype}>'.encode() + bulletin(info(description="&x;"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_head('[<!ENTITY x "y">]'), "document type"),
        (_head('[<!ENTITY a "aaaa"><!ENTITY x "&a;&a;&a;&a;">]'), "document type"),
        (_head('[<!ENTITY x SYSTEM "file:///etc/passwd">]'), "document type"),
        (_head('SYSTEM "http://127.0.0.1/x.dtd"'), "document type"),
        (_head('[<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]'), "document type"),
        (bulletin(info(description="&x;")), "no XML"),
        (b"<a>" * (DEEPEST + 1), "nests deeper"),
        (b"<a>" * 200_000, "nests deeper"),
        (b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>", "more than"),
        (b" " * (LARGEST + 1), "larger than"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "no XML"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "no XML"),
        (b"\xff\xfe<\x00a", "no XML"),
    ],
)
def test_hostile_files_are_refused(content: bytes, said: str) -> None:
    with pytest.raises(CapError, match=said):
        parse_cap(content)


@pytest.mark.parametrize(
    "infos",
    [
        [info(description="plate " * 11_000)],
        [info(parameters=[("licensePlate", "plate " * 11_000)])],
        [info(parameters=[("licensePlate", "plate AB1234 " * 25)] * 200)],
        [info(headline="x" * 9_000, description="x" * 9_000)] * 4,
    ],
)
def test_a_bulletin_has_no_more_words_than_are_looked_through(infos: list[str]) -> None:
    with pytest.raises(CapError, match="enter the vehicles it names by hand"):
        parse_cap(bulletin(*infos))


def test_a_bulletin_of_all_the_words_is_looked_through_in_time() -> None:
    text = "plate AB1234 red Ford " * ((MOST_WORDS - 200) // 22)
    alert, began = parse_cap(bulletin(info(description=text))), time.process_time()
    assert [each.plate for each in proposals(alert)] == ["AB1234"]
    assert time.process_time() - began < 5  # a fifth of a second where nothing else runs


@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: bulletin(info(description=f"<![CDATA[{text}]]>"), raw=True))
)
@example(b"<?xml version='1.0'?><alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>")
def test_whatever_comes_is_a_bulletin_or_a_clear_refusal(content: bytes) -> None:
    try:
        proposals(parse_cap(content))
    except CapError as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("text", "plate", "state", "vehicle"),
    [
        ("Millport, NY AMBER Alert: LIC/KHB4471 (NY) 2008 Gray Dodge Caravan", "KHB4471", "NY", "2008 Gray Dodge Caravan"),
        ("VEHICLE: 81' BUICK 2-DR, BLUE (4XXX000).", "4XXX000", "", "81' BLUE BUICK"),
        ("The car is a black Honda Civic with New York license plate KHB 4471.", "KHB4471", "NY", "black Honda Civic"),
        ("a white van, PA plate number: ZGH-1234, last seen at noon", "ZGH1234", "PA", "white"),
        ("License plate #: KHB4471 NY", "KHB4471", "NY", ""),
        ("NY REG KHB4471", "KHB4471", "NY", ""),
        ("tag no. 137 456 blue Toyota", "137456", "", "blue Toyota"),
        ("Ontario plates are CKDR 123", "CKDR123", "ON", ""),
        ("plate NJ N12ABC", "N12ABC", "NJ", ""),
        ("placa KHB4471 (NY)", "KHB4471", "NY", ""),
    ],
)  # fmt: skip
def test_plates_are_proposed_out_of_words(text: str, plate: str, state: str, vehicle: str) -> None:
    [found] = proposals(parse_cap(bulletin(info(description=text))))
    assert (found.plate, found.state, found.vehicle) == (plate, state, vehicle)


@pytest.mark.parametrize(
    "text",
    [
        "Call 911 or 213 485 2389. Victim born 06/24/01, last seen at 1915 HRS.",
        "The plate is not known.",
        "License plate unknown, a 2008 gray Dodge.",
        "Driver's license of the suspect was found",
        "Interstate 90, exit 34A, mile 279",
        "",
    ],
)
def test_no_plate_is_made_up(text: str) -> None:
    assert proposals(parse_cap(bulletin(info(description=text)))) == ()


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"VehicleLicensePlate": "KHB 4471", "VehicleLicenseState": "NY", "VehicleMake": "Dodge", "VehicleColor": "gray",
          "VehicleYear": "2008"}, [("KHB4471", "NY", "2008 gray Dodge")]),
        ({"LICENSE_PLATE": "NY KHB4471"}, [("KHB4471", "NY", "")]),
        ({"plate-number": "LIC/KHB4471 (NY)"}, [("KHB4471", "NY", "")]),
        ({"CMAMtext": "AMBER Alert: LIC/KHB4471 (NY) 2008 Gray Dodge"}, [("KHB4471", "NY", "2008 Gray Dodge")]),
        ({"vehicle.tag": "UNKNOWN", "vehicle.make": "Ford"}, []),
        ({"EAS-ORG": "CIV", "WEAHandling": "Child Abduction", "timezone": "EST"}, []),
    ],
)  # fmt: skip
def test_plates_are_proposed_out_of_parameters(parameters: dict[str, str], found: list[tuple[str, str, str]]) -> None:
    alert = parse_cap(bulletin(info(parameters=list(parameters.items()))))
    assert [(each.plate, each.state, each.vehicle) for each in proposals(alert)] == found


def test_two_vehicles_and_two_languages_are_two_proposals() -> None:
    twice = [("Plate", "KHB4471"), ("PlateState", "NY"), ("Plate", "ZGH1234"), ("PlateState", "PA")]
    alert = parse_cap(bulletin(info(parameters=twice), info(language="es-US", description="placa KHB4471 (NY), Dodge")))
    assert [(each.plate, each.state) for each in proposals(alert)] == [("KHB4471", "NY"), ("ZGH1234", "PA")]
    many = parse_cap(bulletin(info(description=" ".join(f"plate KHB{number}." for number in range(4000, 4100)))))
    assert len(proposals(many)) == MOST


@pytest.mark.parametrize(
    ("event", "headline", "code", "expected"),
    [
        ("Child Abduction Emergency", "", "", "amber"),
        ("Law Enforcement Warning", "x", "CAE", "amber"),
        ("Missing Child Alert", "", "", "missing_child"),
        ("Alert", "New York Missing College Student Alert", "", "missing_student"),
        ("Blue Alert", "Officer hurt", "BLU", "bolo"),
    ],
)
def test_the_ground_follows_from_what_it_says_it_is(event: str, headline: str, code: str, expected: str) -> None:
    assert ground(parse_cap(bulletin(info(event=event, headline=headline, event_code=code)))) == expected
