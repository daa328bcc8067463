"""Wrong keys: after sixty in a minute from one address only keys that were right before are looked at there."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from platekeeper.server.api import first
from platekeeper.server.api.patience import ACTS, ASKS, MOST, READS, WITHIN, Budget, Patience, address_of
from platekeeper.server.ledger.models import LedgerEntry
from tests.cast import Cast
from tests.hotlist.making import made_a_unit

_ASK = RequestFactory()
_WRONG, _RIGHT = HttpResponse(status=401), HttpResponse(status=200)


def _with(key: str, *, from_: str = "192.0.2.1"):  # type: ignore[no-untyped-def]
    return _ASK.post("/api/reads", headers={"Authorization": f"Bearer {key}"}, REMOTE_ADDR=from_)


def _tried(times: int, *, now: float = 0.0) -> Patience:
    patience = Patience()
    patience.saw(_with("good"), _RIGHT, now=now)
    for number in range(times):
        patience.saw(_with(f"guess {number}"), _WRONG, now=now)
    return patience


def test_it_ends_for_new_keys_of_that_address_alone_and_for_a_minute() -> None:
    assert not _tried(MOST - 1).is_over(_with("another"), now=1)
    patience = _tried(MOST)
    assert patience.is_over(_with("another"), now=1)
    assert not patience.is_over(_with("good"), now=1)
    assert not patience.is_over(_with("another", from_="192.0.2.2"), now=1)
    assert not patience.is_over(_with("another"), now=WITHIN + 1)


@pytest.mark.parametrize("status", [404, 405])
def test_an_address_that_looks_at_no_key_finds_none_right(status: int) -> None:
    patience = _tried(MOST)
    patience.saw(_with("another"), HttpResponse(status=status), now=0)
    assert patience.is_over(_with("another"), now=1)


def test_a_camera_that_asks_how_to_log_in_is_not_counted() -> None:
    patience, asks = Patience(), _ASK.post("/ingest/dahua/NotificationInfo/TollgateInfo", REMOTE_ADDR="192.0.2.1")
    for _ in range(MOST * 2):
        patience.saw(asks, _WRONG, now=0)
    assert not patience.is_over(_with("another"), now=1)
    digest = _ASK.post("/ingest/dahua/", headers={"Authorization": 'Digest username="1"'}, REMOTE_ADDR="192.0.2.1")
    assert not _tried(MOST).is_over(digest, now=1)


@pytest.mark.parametrize(("tls", "expected"), [(False, "127.0.0.1"), (True, "192.0.2.7")])
def test_a_proxy_is_believed_only_where_there_is_one(tls: bool, expected: str, settings: Settings) -> None:
    settings.BEHIND_TLS = tls
    said = _ASK.post("/api/reads", headers={"X-Forwarded-For": "203.0.113.5, 192.0.2.7"})
    assert address_of(said) == expected


def test_the_server_answers_429(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "patience", Patience())

    def send(key: str) -> int:
        return Client().post("/ingest/verkada/" + key + "/", {}).status_code

    assert {send(f"lpr-{number}") for number in range(MOST)} == {401}
    assert send("lpr-one-more") == 429
    assert Client().post(f"/ingest/verkada/{cast.lpr_key}/", {}, REMOTE_ADDR="192.0.2.9").status_code != 429


def test_what_a_unit_may_ask_for_comes_back_as_the_minute_goes_on() -> None:
    budget = Budget(10)
    assert [budget.spend(1, 4, now=now) for now in (0, 10, 20)] == [0, 0, 0], "whoever has something left is let in"
    assert budget.spend(1, 1, now=30) == 30
    assert budget.spend(1, 1, now=59) == 1
    assert budget.spend(2, 1, now=59) == 0, "another unit"
    assert budget.spend(1, 4, now=60) == 0
    assert budget.spend(1, 500, now=130) == 0, "what fits into one message is taken, however little may be left"
    assert budget.spend(1, 1, now=131) == 59


def test_a_unit_cannot_fill_the_ledger_nor_ask_for_ever(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made_a_unit(cast, cast.lpr)

    def send(path: str, said: object) -> tuple[int, str]:
        answer = Client().post(
            path, json.dumps(said), content_type="application/json", headers={"Authorization": f"Bearer {cast.lpr_key}"}
        )
        return answer.status_code, answer.headers.get("Retry-After", "")

    def acts(first: int) -> dict[str, object]:
        act = {"at": "2026-03-03T14:06:00Z", "kind": "step", "member": "officer", "plate": "ABC1234", "said": "x"}
        return {"acts": [{"uid": f"{number:032x}", **act} for number in range(first, first + 20)]}

    monkeypatch.setattr(ACTS, "most", 40)
    monkeypatch.setattr(ASKS, "most", 3)
    told = [send("/api/unit/acts", acts(first)) for first in range(0, 100, 20)]
    assert [status for status, _ in told] == [200, 200, 429, 429, 429]
    assert 50 <= int(told[-1][1]) <= 60
    assert LedgerEntry.objects.filter(action="unit_act").count() == 40
    assert [send("/api/hot-list", {})[0] for _ in range(4)] == [200, 200, 200, 429]
    assert send("/api/hot-list/rows", {"sha256": ""})[0] == send("/api/unit", {})[0] == 429
    assert send("/api/reads", [])[0] == 200, "reads are counted for themselves"


def test_signed_entries_are_counted_by_the_line(cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}

    def send(lines: int) -> int:
        body = b"\n".join([b"no entry"] * lines)
        return Client().post("/api/entries", body, content_type="text/plain", headers=headers).status_code

    leaves = LedgerEntry.objects.count()
    assert (send(1), LedgerEntry.objects.count() - leaves) == (403, 0), "a camera's key opens the intake alone"
    made_a_unit(cast, cast.lpr)
    assert [send(60), send(60), send(1)] == [200, 200, 429]


def test_one_lpr_cannot_fill_the_disk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(READS, "most", 3)
    READS.forget()

    def send(first: int, count: int) -> tuple[int, str]:
        reads = [
            {"plate": f"ABC{number}", "captured_at": "2026-03-03T14:05:07Z"} for number in range(first, first + count)
        ]
        answer = Client().post(
            "/api/reads", json.dumps(reads), content_type="application/json",
            headers={"Authorization": f"Bearer {cast.lpr_key}"},
        )  # fmt: skip
        return answer.status_code, answer.headers.get("Retry-After", "")

    assert [send(0, 2), send(2, 2)] == [(200, ""), (200, "")], "whoever has something left is let in"
    assert send(4, 1) == (429, "5")
    answer = Client().post(f"/ingest/verkada/{cast.lpr_key}/", "no sense", content_type="application/json")
    assert answer.status_code == 429, "in whatever format it comes"
    assert "Nothing was stored" in answer.json()["error"]
    assert send(4, 0)[0] == 200, "a sign of life costs nothing"
    READS.forget()
    assert send(4, 1)[0] == 200, "the minute is over"


def test_many_small_messages_are_counted_together() -> None:
    budget = Budget(1000)
    assert not any(budget.spend(1, 1, now=number / 100) for number in range(1000))
    assert budget.spend(1, 1, now=10) == pytest.approx(50, abs=1)
    assert budget.spend(1, 1, now=60.5) == 0, "a second of them is a minute ago"
