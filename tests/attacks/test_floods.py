"""Messages of a camera whose key is in wrong hands: millions of values that are none, or thousands that make no sense."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.formats.reads import MOST_AT_ONCE
from platekeeper.server.api.patience import BYTES, LETTERS, READS
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.reads.changes import keep_dead_letters
from platekeeper.server.reads.models import DeadLetter
from tests.cast import FOUNDED, Cast

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own
MB = 1 << 20
FLOODS: dict[str, Callable[[int], bytes]] = {
    "/api/reads": lambda many: b"[" + b"0," * many + b"0]",
    "/ingest/bof2/": lambda many: b"a\n" * many,
    "/ingest/openalpr/": lambda many: b'{"data_type":"alpr_results","epoch_time":1,"results":[' + b"0," * many + b"0]}",
    "/ingest/platerecognizer/": lambda many: (
        b'{"data":{"timestamp":"2026-03-03T14:05:07Z","results":[' + b"0," * many + b"0]}}"
    ),
    "/ingest/dahua/": lambda many: b'{"Picture":[' + b"0," * many + b"0]}",
    "/ingest/genetec/": lambda many: b"[" + b"0," * many + b"0]",
    "/ingest/hikvision/": lambda many: b"<a>" + b"<b/>" * many + b"</a>",
}


@pytest.fixture
def cast(cast: Cast) -> Iterator[Cast]:
    _begin_anew()
    yield cast
    _begin_anew()


def _begin_anew() -> None:
    for budget in (READS, BYTES, LETTERS):
        budget.forget()


def _send(cast: Cast, address: str, body: bytes) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}
    answer = Client().post(address, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("address", sorted(FLOODS))
@pytest.mark.parametrize("many", [MOST_AT_ONCE + 1, 4 * MB])
def test_millions_of_nothings_are_refused_in_little_memory(many: int, address: str, cast: Cast) -> None:
    body = FLOODS[address](many)
    tracemalloc.start()
    try:
        status, _told = _send(cast, address, body)
        assert tracemalloc.get_traced_memory()[1] < 64 * MB + 3 * len(body)
    finally:
        tracemalloc.stop()
    assert status == 413 or (address, many, status) == ("/ingest/hikvision/", MOST_AT_ONCE + 1, 200), "no event in it"
    assert DeadLetter.objects.count() == (1 if status == 200 else 0)


def test_thousands_that_make_no_sense_hold_nobody_up(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    told = [(f"{number}: no read", str(number).encode()) for number in range(5_000)]
    with django_assert_max_num_queries(100):
        first = keep_dead_letters(cast.lpr, told, format="t", at=FOUNDED)
    assert len(set(first)) == 5_000
    assert keep_dead_letters(cast.lpr, told, format="t", at=FOUNDED) == first
    assert set(DeadLetter.objects.values_list("times", flat=True)) == {2}


def test_what_makes_no_sense_is_counted_and_named_in_the_ledger(cast: Cast) -> None:
    status, told = _send(cast, "/api/reads", b'[7, 7, 7, {"plate": 1}]')
    assert (status, told["dead_letters"]) == (200, 4)
    assert DeadLetter.objects.get(payload=b"7").times == 3
    numbers = LedgerEntry.objects.get(action="reads_received").content()["details"]["dead_letters"]
    assert len(numbers) == 4 and set(numbers) == set(DeadLetter.objects.values_list("pk", flat=True))


def test_messages_without_sense_do_not_fill_the_disk(cast: Cast) -> None:
    tries = 2 * LETTERS.most // (16 * MB)
    told = [_send(cast, "/ingest/openalpr/", b"%d no sense" % n + b" " * 16 * MB)[0] for n in range(tries)]
    assert set(told) == {200, 429}
    assert sum(len(letter.payload) for letter in DeadLetter.objects.all()) < LETTERS.most + 32 * MB
    assert _send(cast, "/api/reads", b"[]")[0] == 200, "a sign of life is heard"


def test_pictures_do_not_fill_the_disk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BYTES, "most", 20 * MB)
    picture = base64.b64encode(b"\xff\xd8" + bytes(6 * MB)).decode()
    now = datetime.now(UTC)

    def read(number: int) -> bytes:
        at = (now - timedelta(seconds=number)).isoformat()
        return json.dumps({"plate": "ABC1234", "captured_at": at, "image": picture}).encode()

    told = [_send(cast, "/api/reads", read(number))[0] for number in range(6)]
    assert told == [200, 200, 200, 429, 429, 429]
