"""A server's way in for LPRs, before Django's own handler: what is answered there is answered as on the way for tests."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from platekeeper.server.api import api, first
from platekeeper.server.gateways.metrics import REQUESTS
from platekeeper.server.procedures.stores import read_store
from tests.api.test_ingest import NOW
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own


class Answer:
    """What a server gets."""

    status, headers, body = "", {}, b""  # type: ignore[var-annotated]

    def begin(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        self.status, self.headers = status, dict(headers)


def _ask(address: str, *, body: bytes = b"", key: str = "", method: str = "POST") -> Answer:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": address, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "wsgi.input": BytesIO(body), "wsgi.url_scheme": "http", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
    }  # fmt: skip
    if key:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    answer = Answer()
    answer.body = b"".join(first.LprsFirst(WSGIHandler())(environ, answer.begin))
    return answer


def _one(plate: str) -> bytes:
    return json.dumps({"plate": plate, "captured_at": NOW.isoformat()}).encode()


def test_a_read_is_taken_and_the_request_watched(cast: Cast) -> None:
    before = REQUESTS.labels("api_reads", "2xx")._sum.get()
    answer = _ask("/api/reads", body=_one("ABC1234"), key=cast.lpr_key)
    assert (answer.status, json.loads(answer.body)["stored"]) == ("200 OK", 1)
    assert [each.row.plate for each in read_store().recent(5)] == ["ABC1234"]
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Cache-Control"] == "no-store" and len(answer.headers["X-Request-ID"]) == 16
    assert REQUESTS.labels("api_reads", "2xx")._sum.get() > before


@pytest.mark.parametrize("address", ["/api/reads", "/ingest/platerecognizer/", "/api/entries"])
@pytest.mark.parametrize(
    "body", [_one("ABC1234"), b"", b"{}", b"no sense"], ids=["a read", "nothing", "no read", "no sense"]
)
@pytest.mark.parametrize("right", [True, False])
def test_both_ways_in_say_the_same(address: str, body: bytes, right: bool, cast: Cast) -> None:
    key = cast.lpr_key if right else "lpr-wrong"
    answer = _ask(address, body=body, key=key)
    other = Client().post(address, body, content_type="application/json", headers={"Authorization": f"Bearer {key}"})
    assert answer.status == f"{other.status_code} {other.reason_phrase}"
    told, said = answer.body, other.content
    if right and b'"ids"' in told:
        told, said = (bytes(each).replace(b"stored", b"").replace(b"repeated", b"") for each in (told, said))
        told, said = (each.replace(b"1", b"0") for each in (told, said))  # the second time it is a repeat
    assert told == said
    apart = {"X-Request-ID", "WWW-Authenticate", "Content-Length"}
    assert set(answer.headers) - apart == set(other.headers) - apart


def test_pages_and_what_is_nowhere_are_left_to_django(cast: Cast) -> None:
    assert _ask("/hits/", method="GET").status.startswith("302")
    assert _ask("/api/reads", method="GET").status.startswith("405")
    assert _ask("/api/nowhere").status.startswith(("403", "404"))
    assert _ask("/healthz", method="GET").body == b"alive\n"


def test_what_goes_wrong_is_an_answer_and_no_more_is_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ABC1234 was here")

    monkeypatch.setattr(api, "receive", broken)
    answer = _ask("/api/reads", body=_one("ABC1234"), key=cast.lpr_key)
    assert answer.status == "500 Internal Server Error"
    assert b"ABC1234" not in answer.body
    assert "/api/reads" in caplog.text
