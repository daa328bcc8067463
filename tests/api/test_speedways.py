"""What makes LPRs' requests quick must not make them careless: keys withdrawn, answers, and what is described."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from platekeeper.server.api import known
from platekeeper.server.equipment.changes import issue_key, set_in_service
from platekeeper.server.procedures import receive_reads
from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own


class Clock:
    """A clock that moves when told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(known, "time", made)
    return made


@pytest.fixture
def cast(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    settings.HOME = Home(tmp_path_factory.mktemp("home"))
    settings.HOME.found()
    yield assemble()
    receive_reads.close_intakes()


def _post(key: str, plate: str = "ABC1234", **more: Any) -> Any:
    read = {"plate": plate, "captured_at": datetime.now(UTC).isoformat(), "event_id": plate, **more}
    return Client().post(
        "/api/reads", json.dumps(read), content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )


@pytest.mark.parametrize("withdraw", [issue_key, lambda lpr, at: set_in_service(lpr, in_service=False)])
def test_a_withdrawn_key_is_refused_within_a_second(cast: Cast, clock: Clock, withdraw: Any) -> None:
    assert _post(cast.lpr_key).status_code == 200
    withdraw(cast.lpr, at=datetime.now(UTC))
    clock.now += known.REMEMBERED
    assert _post(cast.lpr_key).status_code == 401


def test_a_key_is_looked_up_once_a_second(cast: Cast, clock: Clock, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert known.known_lpr(cast.lpr_key) == known.known_lpr(cast.lpr_key) == cast.lpr
    clock.now += known.REMEMBERED
    with django_assert_num_queries(1):
        assert known.known_lpr(cast.lpr_key) == cast.lpr


def test_what_is_no_key_is_never_remembered(cast: Cast, clock: Clock) -> None:
    assert known.known_lpr("lpr-nobody") is None is known.known_lpr("")
    assert not {"lpr-nobody", ""} & known._known.keys()


def test_an_answer_names_its_length_and_is_not_kept(cast: Cast) -> None:
    answer = _post(cast.lpr_key)
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert set(answer.json()) == {"stored", "repeated", "dead_letters", "past_ceiling", "ids"}
    assert "Set-Cookie" not in answer.headers


def test_an_address_that_is_not_there_is_not_found(cast: Cast) -> None:
    assert Client().post("/api/nothing", "{}", content_type="application/json").status_code in {302, 404}


def test_the_api_is_still_described() -> None:
    described = Client().get("/api/openapi.json").json()["paths"]["/api/reads"]["post"]
    assert set(described["responses"]) == {"200", "401", "409", "503"}
