"""What a monitor asks, and what is done when more comes than can be taken."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from pytest_django import Settings

from platekeeper.server.procedures.receive_reads import taking_in
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.group import GroupCommit, GroupFull
from tests.api.test_reads import _own, _post
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own
TOKEN = "a-token-of-the-monitor"
Case = tuple[str, dict[str, str], bool, int]
"""Where it comes from, with what, whether the server is behind a proxy, and the status of the answer."""


def test_alive_and_ready_say_no_more_than_that(cast: Cast) -> None:
    for address, said in (("/healthz", b"alive\n"), ("/readyz", b"ready\n")):
        answer = Client().get(address, headers={"Host": "10.0.0.7"})
        assert (answer.status_code, answer.content) == (200, said)
        assert "sessionid" not in answer.cookies


def test_not_ready_is_said_without_the_reason(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME.lpr_data.mkdir(parents=True, exist_ok=True)
    writer = read_store().writer()
    answer = Client().get("/readyz")  # another holds the store
    writer.close()
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "case",
    [
        ("127.0.0.1", {}, False, 200),
        ("::1", {}, False, 200),
        ("127.0.0.1", {}, True, 404),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, False, 404),
        ("10.0.0.7", {}, False, 404),
        ("10.0.0.7", {"Authorization": "Bearer "}, False, 404),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, True, 200),
    ],
)
def test_metrics_are_for_this_machine_or_a_token(
    case: Case, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_from, headers, behind, status = case
    monkeypatch.setenv("PLATEKEEPER_METRICS_TOKEN", TOKEN if status == 200 and come_from == "10.0.0.7" else "")
    settings.BEHIND_TLS = behind
    answer = Client().get("/metrics", REMOTE_ADDR=come_from, headers=headers)
    assert answer.status_code == status
    assert (b"platekeeper_jobs_late" in answer.content) == (status == 200)


def test_metrics_count_what_came(cast: Cast) -> None:
    before = _metrics()
    _post(cast, [_own("ABC1234"), _own("ABC1235"), {"captured_at": "yesterday"}])
    after = _metrics()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown["platekeeper_reads_received_total"] == 2
    assert grown["platekeeper_batches_total"] == grown["platekeeper_dead_letters_total"] == 1
    assert grown['platekeeper_request_seconds_count{status="2xx",view="api_reads"}'] == 1
    assert after["platekeeper_disk_free_bytes"] > 0
    assert after["platekeeper_intake_waiting"] == 0


def _metrics() -> dict[str, float]:
    told = Client().get("/metrics").content.decode()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in told.splitlines() if line[0] != "#")
    }


def test_every_answer_bears_its_number(cast: Cast) -> None:
    numbers = {Client().get(address).headers["X-Request-ID"] for address in ("/healthz", "/", "/nothing/")}
    assert len(numbers) == 3


def test_a_full_line_takes_no_more_and_loses_nothing() -> None:
    go, began = threading.Event(), threading.Event()

    def slow(items: list[int]) -> list[int]:
        began.set()
        go.wait(10)
        return items

    with GroupCommit(slow, size=lambda item: item, room=(3, 100)) as group, ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(group.submit, 90)]
        began.wait(10)
        with pytest.raises(GroupFull):
            group.submit(11)  # too much, though few
        waiting += [pool.submit(group.submit, 1) for _ in range(2)]
        while group.inside < 3:
            threading.Event().wait(0.001)
        with pytest.raises(GroupFull):
            group.submit(1)  # too many, though little
        go.set()
        assert [each.result() for each in waiting] == [90, 1, 1]
        assert group.submit(500) == 500  # alone, it is taken however large it is


def test_who_is_turned_away_hears_when_to_come_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_in, "_ROOM", (0, 0))
    answer = _post(cast, _own("ABC1234"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was stored" in answer.json()["error"]
    assert read_store().recent(5) == []
