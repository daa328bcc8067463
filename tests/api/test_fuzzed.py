"""The API as it describes itself, and the addresses beside it, asked by a fuzzer: nothing breaks, all keep to their word.

`make fuzz` asks each operation a thousand times (`PLATEKEEPER_API_FUZZ`), CI fifty times (a format twenty times).
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.server.api import urls  # all of its addresses
from platekeeper.server.api.api import api
from platekeeper.server.api.first import LprsFirst
from platekeeper.server.api.patience import ACTS, ASKS, ENTRIES
from tests.api.messages import MESSAGES
from tests.api.test_ingest import NOW
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own

EXAMPLES = int(os.environ.get("PLATEKEEPER_API_FUZZ", "50"))
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None,
    phases=(Phase.generate,),  # what fails is printed as a curl line: no minutes for making it smaller
)  # fmt: skip
STRANGERS = count(int(ip_address("10.0.0.1")))
"""Addresses that nobody has asked from before."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
assert urls.urlpatterns
DESCRIBED = api.get_openapi_schema(path_prefix="/api/")
TELLING = {200, 400, 401, 403, 404, 409, 413, 422, 429}
"""What may be answered: 500 says that we failed, 503 that the sender is to come again."""


@pytest.mark.parametrize("path", sorted(DESCRIBED["paths"]))
def test_an_operation_keeps_to_its_description(path: str, cast: Cast) -> None:
    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", app=LprsFirst(WSGIHandler()))[path]["POST"]
    sent = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @given(case=sent)
    @fuzzed
    def ask(case: Any) -> None:
        for budget in (ASKS, ACTS, ENTRIES):
            budget.forget()  # or most of what is sent would not be looked at
        answer = case.call(headers={"Authorization": f"Bearer {cast.lpr_key}"})
        case.validate_response(answer, checks=CHECKS)

    ask()


def _wires(name: str) -> st.SearchStrategy[tuple[bytes, str]]:
    """Give messages of a format that is as it should be, cut, or has bytes changed, under its own type or another."""
    body, content_type = MESSAGES[name]("ABC1234", NOW)
    cut = st.integers(0, len(body)).map(lambda at: body[:at])
    changed = st.tuples(st.integers(0, len(body) - 1), st.binary(min_size=1, max_size=4)).map(
        lambda put: body[: put[0]] + put[1] + body[put[0] + len(put[1]) :]
    )
    types = st.sampled_from([content_type, "application/json", "multipart/form-data", "text/xml; charset=utf-7", ""])
    return st.tuples(st.one_of(st.binary(max_size=64), cut, changed), types)


@pytest.mark.parametrize("name", sorted(CAMERA_FORMATS))
def test_a_cameras_address_answers_whatever_it_is_sent(name: str, cast: Cast) -> None:
    @given(
        wire=_wires(name), below=st.sampled_from([f"{cast.lpr_key}/", "", "../", "%00/", "x/y"]), keyed=st.booleans()
    )
    @settings(fuzzed, max_examples=max(20, EXAMPLES // len(CAMERA_FORMATS)))
    def ask(wire: tuple[bytes, str], below: str, keyed: bool) -> None:
        headers = {"Authorization": f"Bearer {cast.lpr_key}"} if keyed else {}
        _answered(Client().generic("POST", f"/ingest/{name}/{below}", wire[0], content_type=wire[1], headers=headers))

    ask()


@given(
    message=st.binary(max_size=256)
    | st.text(max_size=64).map(lambda text: f'{{"bundle": {{"kind": "{text}"}}}}'.encode())
)
@fuzzed
def test_a_stranger_is_not_heard_among_partners(message: bytes, cast: Cast) -> None:
    assert _answered(Client().generic("POST", "/api/partner", message)) == 403


@given(given_header=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")))
@fuzzed
def test_no_authorization_header_breaks_anything(given_header: str, cast: Cast) -> None:
    for kind in ("", "Bearer ", "Home ", "Digest "):
        headers = {"Authorization": kind + given_header}
        stranger = Client(REMOTE_ADDR=str(ip_address(next(STRANGERS))))  # who sends many wrong keys hears 429
        assert _answered(stranger.generic("POST", "/ingest/hikvision/", b"{}", headers=headers)) == 401


def _answered(answer: Any) -> int:
    assert answer.status_code in TELLING
    assert isinstance(answer.json(), dict)
    return int(answer.status_code)
