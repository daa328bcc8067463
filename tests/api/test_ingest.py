"""Every camera format under `/ingest/<format>/`, as its device uses it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_alert import decide_entry
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import DeadLetter
from tests.api.messages import CORRECTED, JPEG, MESSAGES, STAGED, Wire, multipart, of_json
from tests.cast import FOUNDED, Cast
from tests.hotlist.making import ask

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
FORMATS = pytest.mark.parametrize("name", sorted(CAMERA_FORMATS))
NOTHING = {"stored": 0, "repeated": 0, "dead_letters": 0, "past_ceiling": 0, "ids": []}


def send(cast: Cast, name: str, wire: Wire, *, below: str = "", key: str | None = None) -> Any:
    """Send a message with the LPR's key in the header."""
    body, content_type = wire
    headers = {"Authorization": f"Bearer {cast.lpr_key if key is None else key}"}
    return Client().generic("POST", f"/ingest/{name}/{below}", body, content_type=content_type, headers=headers)


def stored() -> list[str]:
    """Return the raw plates in the store, newest first."""
    return [read.row.raw.upper() for read in read_store().recent(20)]


def test_every_format_has_a_message_here() -> None:
    assert set(MESSAGES) == set(CAMERA_FORMATS)


@FORMATS
def test_a_message_is_stored_and_its_sender_hears_what_it_wants(name: str, cast: Cast) -> None:
    answer = send(cast, name, MESSAGES[name]("ABC1234", NOW))
    assert answer.status_code == 200
    heard = answer.json()
    assert heard == CAMERA_FORMATS[name].answer if CAMERA_FORMATS[name].answer else heard["stored"] == 1
    read = read_store().recent(1)[0]
    assert (read.row.plate, read.row.lpr, DeadLetter.objects.count()) == ("ABC1234", cast.lpr.pk, 0)
    assert abs(read.row.at / 1e6 - NOW.timestamp()) < 1
    if name not in {"bof2", "frigate", "genetec", "verkada"}:
        assert read_store().image_of(read.row) == JPEG


@FORMATS
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_key_in_the_address_does_too(name: str, slash: str, cast: Cast) -> None:
    body, content_type = MESSAGES[name]("ABC1234", NOW)
    answer = Client().post(f"/ingest/{name}/{cast.lpr_key}{slash}", data=body, content_type=content_type)
    assert (answer.status_code, stored()) == (200, ["ABC1234"])


@FORMATS
def test_without_an_lprs_key_nothing_is_taken(name: str, cast: Cast) -> None:
    wire = MESSAGES[name]("ABC1234", NOW)
    for answer in (
        send(cast, name, wire, key=""),
        send(cast, name, wire, key="nobodys"),
        send(cast, name, wire, below="x/"),
    ):
        assert answer.status_code == 401
    equipment.set_in_service(cast.lpr, in_service=False)
    assert send(cast, name, wire).status_code == 401
    assert (stored(), DeadLetter.objects.count()) == ([], 0)


@FORMATS
def test_only_post(name: str, cast: Cast) -> None:
    for method in ("get", "put", "delete"):
        asked = getattr(Client(), method)(f"/ingest/{name}/", headers={"Authorization": f"Bearer {cast.lpr_key}"})
        assert asked.status_code == 405


@FORMATS
def test_a_message_sent_again_is_not_stored_twice(name: str, cast: Cast) -> None:
    for _ in range(3):
        send(cast, name, MESSAGES[name]("ABC1234", NOW))
    assert stored() == ["ABC1234"]


@FORMATS
def test_a_late_message_goes_to_the_day_it_belongs_to(name: str, cast: Cast) -> None:
    send(cast, name, MESSAGES[name]("ABC1234", NOW - timedelta(days=3)))
    assert read_store().count((NOW - timedelta(days=3)).date()) == {cast.lpr.pk: 1}
    assert send(cast, name, MESSAGES[name]("ABC1234", NOW - timedelta(days=400))).status_code == 200
    assert len(stored()) == 1


@pytest.mark.parametrize("name", CORRECTED)
def test_a_correction_is_a_revision_and_is_matched_again(name: str, cast: Cast) -> None:
    for plate in ("HVK1234", "HVK1284"):
        asked = ask(cast.officer, plate, at=NOW - timedelta(hours=1))
        decide_entry(footing(cast.custodian, at=NOW - timedelta(minutes=50)), asked.entry.pk, approve=True, remark="")
    send(cast, name, MESSAGES[name]("HVK1234", NOW))
    assert [hit.plate for hit in Hit.objects.all()] == ["HVK1234"]
    send(cast, name, MESSAGES[name]("HVK1284", NOW))
    first, second = Hit.objects.order_by("pk")
    assert (second.plate, second.read_id) == ("HVK1284", first.read_id)
    assert first.steps.filter(kind__in=[HitStep.Kind.RECALLED, HitStep.Kind.READ_CORRECTED]).exists()
    send(cast, name, MESSAGES[name]("HVK1234", NOW))  # the first message once more, as senders do
    assert not second.steps.exists()
    assert Hit.objects.count() == 2
    assert {read.revision for read in read_store().recent(5)} == {1, 2}


@pytest.mark.parametrize(
    ("name", "early", "late"),
    [
        ("openalpr", {"is_preview": True}, {"is_preview": False}),
        ("axis", {"carState": "new"}, {"carState": "lost"}),
        ("frigate", {"type": "new"}, {"type": "end"}),
    ],
)
def test_what_was_said_first_does_not_count_however_late_it_comes(
    name: str, early: dict[str, Any], late: dict[str, Any], cast: Cast
) -> None:
    for plate in ("HVK1234", "HVK1284"):
        asked = ask(cast.officer, plate, at=NOW - timedelta(hours=1))
        decide_entry(footing(cast.custodian, at=NOW - timedelta(minutes=50)), asked.entry.pk, approve=True, remark="")
    for plate, told in (("HVK1284", late), ("HVK1234", early)):
        send(cast, name, of_json(STAGED[name](plate, NOW) | told))
    (hit,) = Hit.objects.all()
    assert (hit.plate, hit.steps.count()) == ("HVK1284", 0)
    assert {(read.row.plate, read.corrected) for read in read_store().recent(5)} == {
        ("HVK1284", False),
        ("HVK1234", True),
    }


@FORMATS
@pytest.mark.parametrize("body", [b"\x00 no message", b"", b'{"half": '])
def test_what_is_not_understood_is_kept_and_answered_so_that_it_is_not_sent_for_ever(
    name: str, body: bytes, cast: Cast
) -> None:
    for _ in range(2):
        assert send(cast, name, (body, "application/json")).status_code == 200
    letter = DeadLetter.objects.get()
    assert (bytes(letter.payload), letter.format, letter.times, letter.lpr) == (body, name, 2, cast.lpr)


@FORMATS
def test_a_broken_multipart_body_is_kept_as_it_came(name: str, cast: Cast) -> None:
    body = multipart(("event", "", b"{half"), ("image", "a.jpg", JPEG))[0][:-9]
    assert send(cast, name, (body, "multipart/form-data; boundary=other")).status_code == 200
    assert bytes(DeadLetter.objects.get().payload) == body


@FORMATS
@pytest.mark.parametrize(
    "content_type", ["", "text/html", "application/octet-stream", "application/json; charset=no-such"]
)
def test_a_wrong_content_type_is_harmless(name: str, content_type: str, cast: Cast) -> None:
    body, right = MESSAGES[name]("ABC1234", NOW)
    send(cast, name, (body, right if right.startswith("multipart") and content_type == "text/html" else content_type))
    assert (stored(), DeadLetter.objects.count()) == (["ABC1234"], 0)


def test_a_format_that_is_none_is_not_found(cast: Cast) -> None:
    for address in (
        "/ingest/acme/",
        f"/ingest/axis/{cast.lpr_key}/NotificationInfo/TollgateInfo",
        "/ingest/dahua/a/b/c",
    ):
        assert Client().post(address, data=b"{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize("address", ["{}/NotificationInfo/TollgateInfo", "{}/notificationinfo/tollgateinfo/"])
def test_dahua_appends_its_own_path(address: str, cast: Cast) -> None:
    body, content_type = MESSAGES["dahua"]("ABC1234", NOW)
    answer = Client().post(f"/ingest/dahua/{address.format(cast.lpr_key)}", data=body, content_type=content_type)
    assert (answer.json(), stored()) == ({"Result": True, "Message": "Success"}, ["ABC1234"])


@pytest.mark.parametrize("body", [b'{"Active": "keepAlive", "DeviceID": "d"}', b'{"DeviceID": "d"}', b"", b"alive"])
def test_a_keep_alive_is_answered_and_no_more_than_heard(body: bytes, cast: Cast) -> None:
    before = LedgerEntry.objects.count()
    answer = send(cast, "dahua", (body, "application/json"), below="NotificationInfo/KeepAlive")
    assert (answer.status_code, answer.json()) == (200, {"Result": True, "Message": "Success"})
    assert (DeadLetter.objects.count(), LedgerEntry.objects.count()) == (0, before)


def test_a_heartbeat_holds_no_read(cast: Cast) -> None:
    answer = send(cast, "openalpr", of_json({"data_type": "heartbeat", "agent_uid": "a", "video_streams": []}))
    assert (answer.json(), DeadLetter.objects.count()) == (NOTHING, 0)


def test_two_credentials_of_two_lprs_are_refused(cast: Cast) -> None:
    other = equipment.add_lpr(name="Car 12", kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)
    theirs = equipment.issue_key(other, at=FOUNDED)
    wire = MESSAGES["verkada"]("ABC1234", NOW)
    assert send(cast, "verkada", wire, below=f"{theirs}/").status_code == 401
    assert send(cast, "verkada", wire, below=f"{cast.lpr_key}/").status_code == 200
    assert send(cast, "verkada", wire, key=theirs).status_code == 200
    assert {read.row.lpr for read in read_store().recent(5)} == {cast.lpr.pk, other.pk}


def test_genetec_field_names_of_one_lpr(cast: Cast) -> None:
    equipment.name_fields(cast.lpr, format="genetec", names={"plate": "Kennzeichen"})
    told = {"Kennzeichen": "ABC1234", "Plate": "x", "DateUtc": f"{NOW:%d/%m/%Y}", "TimeUtc": f"{NOW:%H:%M:%S}"}
    assert send(cast, "genetec", of_json(told)).json()["stored"] == 1
    assert stored() == ["ABC1234"]


def test_an_image_that_is_none_is_kept_and_its_read_too(cast: Cast) -> None:
    body, content_type = MESSAGES["axis"]("ABC1234", NOW)
    answer = send(cast, "axis", (body.replace(JPEG, b"BM" * 20), content_type))
    assert (answer.json()["stored"], answer.json()["dead_letters"], stored()) == (1, 1, ["ABC1234"])
    assert bytes(DeadLetter.objects.get().payload) == b"BM" * 20


def test_json_sent_as_a_form(cast: Cast) -> None:
    form = "application/x-www-form-urlencoded"
    told = f'{{"webhook_type": "lpr", "data": {{"detected": {NOW.timestamp()}, "license_plate_number": "ABC1234"}}}}'
    assert send(cast, "verkada", (told.encode(), form)).json()["stored"] == 1
    body, _ = MESSAGES["openalpr"]("XYZ99", NOW)
    quoted = b"json=" + "".join(f"%{byte:02x}" for byte in body).encode()
    assert send(cast, "openalpr", (quoted, form)).json()["stored"] == 1


def test_a_body_in_chunks_is_read_and_one_too_large_is_refused(cast: Cast, settings: Settings) -> None:
    from io import BytesIO

    body, content_type = MESSAGES["verkada"]("ABC1234", NOW)
    environ: dict[str, Any] = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    environ |= {"CONTENT_TYPE": content_type, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert Client().post(f"/ingest/verkada/{cast.lpr_key}/", **environ).json()["stored"] == 1
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    environ["wsgi.input"] = BytesIO(body)
    assert Client().post(f"/ingest/verkada/{cast.lpr_key}/", **environ).status_code == 413
    assert send(cast, "verkada", (body, content_type)).status_code == 413


def test_the_clause_is_named_where_the_policy_leaves_a_blank(cast: Cast) -> None:
    from platekeeper.server.policy import changes as policy

    draft = policy.open_draft(at=FOUNDED)
    policy.fill(draft, key="VI.k.ceiling", value=None)
    policy.adopt(draft, at=FOUNDED, by=cast.chief.pk, by_name="C", effective_at=FOUNDED)
    answer = send(cast, "dahua", MESSAGES["dahua"]("ABC1234", NOW))
    told = answer.json()
    assert (answer.status_code, told["clause"], told["blank"]) == (409, "VI.k", "VI.k.ceiling")
    alive = send(cast, "dahua", (b'{"Active": 1}', "application/json"))
    assert alive.status_code == 200


def test_a_large_image_comes_through(cast: Cast) -> None:
    image = JPEG + bytes(5 * 1024 * 1024)
    body, content_type = MESSAGES["openalpr"]("ABC1234", NOW)
    told = body.replace(base64.b64encode(JPEG), base64.b64encode(image))
    assert send(cast, "openalpr", (told, content_type)).json()["stored"] == 1
    assert read_store().image_of(read_store().recent(1)[0].row) == image
