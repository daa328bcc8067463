"""Words that a database of one kind takes and another does not: zero bytes, halves of characters."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from tests.attacks.addresses import ROWS
from tests.attacks.test_keys import ACT
from tests.cast import Cast
from tests.hotlist.making import made_a_unit
from tests.web.making import stepped_up

AsRole = Callable[[str], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.records]
WORDS = ["a\x00b", "\x00", "\ud800", "\u202egnp.exe", "\U0001f697", "' OR 1=1 --", "\x1b[31m"]


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_what_a_unit_tells_is_taken_or_refused(word: str, cast: Cast) -> None:
    made_a_unit(cast, cast.lpr)
    told = {"acts": [ACT | {"member": word, "plate": word, "said": word}]}
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}
    answer = Client().post("/api/unit/acts", json.dumps(told), content_type="application/json", headers=headers)
    assert answer.status_code in {200, 422}
    for address, content in (
        ("/api/hot-list", {"known": word}),
        ("/api/hot-list", {"known": "ab" * 32, "uid": word}),
        ("/api/hot-list/rows", {"sha256": word, "since": word}),
    ):
        answer = Client().post(address, json.dumps(content), content_type="application/json", headers=headers)
        assert answer.status_code in {200, 404, 422}


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_key_or_a_name_of_a_camera_is_none(word: str, cast: Cast) -> None:
    given = word.encode("utf-8", "replace").decode("latin-1")
    digest = f'Digest realm="Platekeeper", username="{given}", uri="/ingest/hikvision/", nonce="x", response="y"'
    for header in (f"Bearer {given}", f"Home {given}", digest):
        answer = Client().generic("POST", "/ingest/hikvision/", b"{}", HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
    assert Client().generic("POST", "/ingest/axis/%00/", b"{}").status_code == 401


def test_signing_in_with_a_zero_byte_fails_as_any_other(cast: Cast) -> None:
    answer = Client().post("/accounts/login/", {"login": "officer\x00", "password": "x\x00"})
    assert answer.status_code in {200, 400}


@pytest.mark.parametrize(
    ("role", "name"), [("chief", "case_direct"), ("sergeant", "hit_not_worked"), ("custodian", "hit")]
)
def test_a_zero_byte_in_a_form_or_an_address_is_refused(role: str, name: str, cast: Cast, as_role: AsRole) -> None:
    row = ROWS[name]
    address, client = row.address(cast), stepped_up(as_role(role))
    assert client.get(f"{address}?page=%00").status_code in {400, 405}
    assert client.post(address, row.body(cast) | {"why": "a\x00b", "reason": "a\x00b"}).status_code in {400, 405}
