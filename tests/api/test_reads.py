"""`POST /api/reads` as a camera or a field LPR uses it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from platekeeper.server.equipment.changes import set_in_service
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import Contact, DeadLetter
from tests.cast import Cast
from tests.hotlist.making import made_a_unit

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own

JPEG = b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9"


def test_one_read_a_list_and_an_object_of_reads_are_taken(cast: Cast) -> None:
    one = _own("ABC1234")
    for body in (one, [_own("ABC1235"), _own("ABC1236")], {"reads": [_own("ABC1237")]}):
        assert _post(cast, body).status_code == 200
    assert read_store().count(datetime.now(UTC).date())[cast.lpr.pk] == 4


def test_the_receipt_counts_what_became_of_each(cast: Cast) -> None:
    answer = _post(cast, [_own("ABC1234"), {"captured_at": "yesterday"}]).json()
    assert (answer["stored"], answer["dead_letters"], len(answer["ids"])) == (1, 1, 1)
    assert DeadLetter.objects.count() == 1


def test_an_lpr_is_heard_with_its_reads_or_by_an_empty_list_once_a_minute(cast: Cast) -> None:
    assert _post(cast, []).json()["stored"] == 0
    assert [contact.kind for contact in Contact.objects.all()] == ["alive"]
    for plate in ("ABC1234", "ABC1235", "ABC1235"):
        _post(cast, _own(plate))
        _post(cast, [])
    kinds = {contact.kind: contact for contact in Contact.objects.all()}
    assert set(kinds) == {"alive", "upload"}
    assert all(contact.since == contact.until for contact in kinds.values())
    assert kinds["alive"].lag is None
    assert kinds["upload"].lag is not None and abs(kinds["upload"].lag) < 30


def test_an_image_rides_along(cast: Cast) -> None:
    _post(cast, {**_own("ABC1234"), "image": base64.b64encode(JPEG).decode()})
    read = read_store().recent(1)[0]
    assert read_store().image_of(read.row) == JPEG


@pytest.mark.parametrize("header", ["", "Bearer nobody", "Basic abc"])
def test_without_an_lprs_key_nothing_is_taken(cast: Cast, header: str) -> None:
    answer = Client().post("/api/reads", data="[]", content_type="application/json", headers={"Authorization": header})
    assert answer.status_code == 401


def test_an_lpr_out_of_service_is_not_heard(cast: Cast) -> None:
    set_in_service(cast.lpr, in_service=False)
    assert _post(cast, _own("ABC1234")).status_code == 401


def test_a_body_that_is_not_json_is_kept_as_a_dead_letter(cast: Cast) -> None:
    answer = Client().post("/api/reads", data=b"\x00plate", content_type="application/json", headers=_key(cast))
    assert answer.json()["dead_letters"] == 1
    assert bytes(DeadLetter.objects.get().payload) == b"\x00plate"


def test_a_body_that_lies_too_deep_is_kept_as_a_dead_letter(cast: Cast) -> None:
    deep = b"[" * 100_000
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}
    answer = Client().post("/api/reads", data=deep, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["dead_letters"]) == (200, 1)
    assert bytes(DeadLetter.objects.get().payload) == deep


def test_only_post(cast: Cast) -> None:
    assert Client().get("/api/reads", headers=_key(cast)).status_code == 405


def _own(plate: str) -> dict[str, Any]:
    return {"plate": plate, "captured_at": datetime.now(UTC).isoformat(), "event_id": plate}


def _key(cast: Cast, kind: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{kind} {cast.lpr_key}"}


def _post(cast: Cast, body: Any) -> Any:
    return Client().post("/api/reads", data=json.dumps(body), content_type="application/json", headers=_key(cast))


@pytest.mark.parametrize("address", ["/api/reads", "/api/entries", "/ingest/verkada/"])
def test_what_comes_in_chunks_is_read_whole_or_refused(address: str, cast: Cast, settings: Settings) -> None:
    """Its length is not announced, so Django takes it to be empty: it was answered 200, and lost."""
    made_a_unit(cast, cast.lpr)
    chunked: dict[str, Any] = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    chunked |= {"HTTP_AUTHORIZATION": f"Bearer {cast.lpr_key}", "HTTP_TRANSFER_ENCODING": "chunked"}
    body = json.dumps([_own("ABC1234")]).encode()
    answer = Client().post(address, **(chunked | {"wsgi.input": BytesIO(body)}))
    told = answer.json()
    assert answer.status_code == 200
    assert told.get("stored") == 1 or told.get("dead_letters") == 1 or len(told["lines"]) == 1
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 9
    too_much = Client().post(address, **(chunked | {"wsgi.input": BytesIO(bytes(600 * 1024))}))
    assert (too_much.status_code, list(too_much.json())) == (413, ["error"])


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/api/unit/acts", b'{"acts": [{"uid": "no"', 400),
        ("/api/unit/acts", b'{"acts": [{"uid": "no"}]}', 422),
        ("/api/hot-list", b"[" * 20_000, 400),
        ("/api/hot-list/rows", b'{"sha256": NaN}', 422),
        ("/api/hot-list", bytes(2000), 413),
    ],
)
def test_what_makes_no_sense_hears_in_one_form_what_is_wrong(
    address: str, body: bytes, status: int, cast: Cast, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000 if status == 413 else 100_000
    answer = Client().post(address, body, content_type="application/json", headers=_key(cast))
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    stranger = Client().post(address, body, content_type="application/json")
    assert (stranger.status_code, list(stranger.json())) == (401, ["error"])
    assert "No LPR in service has this key." in stranger.json()["error"]
