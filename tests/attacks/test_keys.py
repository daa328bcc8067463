"""The keys of LPRs: another's number, another's digest, a message that was heard before, and none in any log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.gateways.logs import logging_of
from platekeeper.server.hotlist.lookups import uploads_to
from platekeeper.server.ledger.models import LedgerEntry
from tests.cast import FOUNDED, Cast
from tests.hotlist.making import made_a_unit

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own
ACT = {
    "uid": "0" * 32, "at": "2026-03-03T14:06:00Z", "kind": "look_up", "member": "Olive Officer", "plate": "SECRET1",
    "said": "x",
}  # fmt: skip


@pytest.fixture
def cast(cast: Cast) -> Iterator[Cast]:
    made_a_unit(cast, cast.lpr)
    yield cast


@pytest.fixture
def other() -> tuple[LPR, str]:
    made = equipment.add_lpr(name="Car 12", kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)
    return made, equipment.issue_key(made, at=FOUNDED)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Log as JSON into a text while the test runs."""
    written = io.StringIO()
    told = logging_of("json")
    handler = logging.StreamHandler(written)
    from logging.config import DictConfigurator

    made = DictConfigurator(told)
    handler.setFormatter(made.configure_formatter(told["formatters"]["json"]))
    handler.addFilter(made.configure_filter(told["filters"]["addresses"]))
    names = ("django.request", "platekeeper.requests", "django.security")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    logging.getLogger("platekeeper.requests").setLevel(logging.INFO)
    yield written
    for name in names:
        logging.getLogger(name).removeHandler(handler)
    logging.getLogger("platekeeper.requests").setLevel(
        django_settings.LOGGING["loggers"]["platekeeper.requests"]["level"]
    )


def _ask(address: str, told: dict[str, Any], key: str) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    return Client().post(address, json.dumps(told), content_type="application/json", headers=headers)


def test_a_unit_is_who_its_key_says_and_nobody_it_names(cast: Cast, other: tuple[LPR, str]) -> None:
    lpr, key = other
    made_a_unit(cast, lpr)
    assert _ask("/api/unit", {"unit": cast.lpr.pk}, key).json()["unit"] == lpr.pk
    _ask("/api/hot-list", {"known": "", "unit": cast.lpr.pk, "lpr": cast.lpr.pk}, key)
    assert (uploads_to(lpr).count(), uploads_to(cast.lpr).count()) == (1, 0)
    assert _ask("/api/unit/acts", {"acts": [ACT | {"lpr": cast.lpr.pk}]}, key).status_code == 200
    assert LedgerEntry.objects.get(action="unit_act").content()["details"]["lpr"] == lpr.pk
    assert _ask("/api/hot-list/rows", {"sha256": "0" * 64, "since": "0" * 64}, key).status_code == 404


def test_an_act_told_by_another_unit_under_the_same_number_changes_nothing(cast: Cast, other: tuple[LPR, str]) -> None:
    made_a_unit(cast, other[0])
    _ask("/api/unit/acts", {"acts": [ACT]}, cast.lpr_key)
    _ask("/api/unit/acts", {"acts": [ACT | {"said": "something else"}]}, other[1])
    assert LedgerEntry.objects.filter(action="unit_act").count() == 1


def test_no_key_plate_or_name_is_in_the_log(cast: Cast, lines: io.StringIO, settings: Settings) -> None:
    for address in (
        f"/ingest/axis/{cast.lpr_key}/x/y",
        f"/ingest/nothing/{cast.lpr_key}/",
        f"/ingest/dahua/{cast.lpr_key[:-1]}/",
    ):
        assert Client().post(address, b"{}", content_type="application/json").status_code in {401, 404}
    _ask("/api/unit/acts", {"acts": [ACT | {"kind": "SECRET1"}]}, cast.lpr_key)
    Client().get("/queries/?plate=SECRET1", headers={"Cookie": "sessionid=secret"})
    Client().get("/SECRET1/")
    Client().get("/", headers={"Host": "evil.example"})
    said = lines.getvalue()
    assert len(found := [json.loads(line) for line in said.splitlines()]) >= 6
    for secret in (cast.lpr_key, cast.lpr_key[:-1], "SECRET1", "Olive", "secret"):
        assert secret not in said
    assert {"at", "level", "logger", "said", "request", "view", "status", "ms", "method"} <= {
        key for each in found for key in each
    }
    assert datetime.fromisoformat(found[0]["at"]).tzinfo == UTC


def test_what_an_exception_says_is_not_logged(lines: io.StringIO) -> None:
    try:
        raise ValueError("the plate SECRET1 of Olive Officer")
    except ValueError:
        logging.getLogger("django.request").exception("It failed", exc_info=True)
    told = json.loads(lines.getvalue())
    assert "SECRET1" not in lines.getvalue()
    assert (told["error"], told["said"]) == ("ValueError", "It failed")
    assert "test_keys.py" in told["where"][0]
