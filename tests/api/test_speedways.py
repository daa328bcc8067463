"""What makes LPRs' requests quick must not make them careless: keys withdrawn, answers, and what is described."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from platekeeper.server.equipment.changes import issue_key, set_in_service
from platekeeper.server.equipment.known import REMEMBERED, KnownKeys
from platekeeper.server.equipment.models import LPR
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own


def _post(key: str, plate: str = "ABC1234", **more: Any) -> Any:
    read = {"plate": plate, "captured_at": datetime.now(UTC).isoformat(), "event_id": plate, **more}
    return Client().post(
        "/api/reads", json.dumps(read), content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )


@pytest.mark.parametrize("withdraw", [issue_key, lambda lpr, at: set_in_service(lpr, in_service=False)])
def test_a_withdrawn_key_is_refused_at_once(cast: Cast, withdraw: Any) -> None:
    assert _post(cast.lpr_key).status_code == 200
    withdraw(cast.lpr, at=datetime.now(UTC))
    assert _post(cast.lpr_key).status_code == 401


def test_what_another_process_withdraws_is_refused_within_a_second(cast: Cast) -> None:
    known = KnownKeys()
    assert known.lpr(cast.lpr_key, now=1000) == cast.lpr
    LPR.objects.update(in_service=False)
    assert known.lpr(cast.lpr_key, now=1000 + REMEMBERED - 0.01) == cast.lpr
    assert known.lpr(cast.lpr_key, now=1000 + REMEMBERED) is None


def test_a_key_is_looked_up_once_a_second(cast: Cast, django_assert_num_queries: Any) -> None:
    known = KnownKeys()
    with django_assert_num_queries(1):
        assert known.lpr(cast.lpr_key, now=1000) == known.lpr(cast.lpr_key, now=1000.5) == cast.lpr
    with django_assert_num_queries(1):
        assert known.lpr(cast.lpr_key, now=1001) == cast.lpr


def test_what_is_no_key_is_never_remembered(cast: Cast, django_assert_num_queries: Any) -> None:
    known = KnownKeys()
    with django_assert_num_queries(2):
        assert known.lpr("lpr-nobody", now=1000) is None is known.lpr("lpr-nobody", now=1000)
        assert known.lpr("", now=1000) is None


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
    assert set(described["responses"]) == {"200", "400", "401", "409", "413", "422", "429", "503"}
