"""Every URL x every role, out of one table. A new URL without a row fails here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.cast import ROLES, Cast, assemble
from tests.kept import kept
from tests.recovery import give_recovery_key
from tests.web.making import signed_in, stepped_up
from tests.web.table import Row, rows, url_names

pytestmark = pytest.mark.django_db

ROWS = rows()
Everybody = tuple[Cast, dict[str, str]]
"""The cast, and the session of each by role."""
OURS = [row for row in ROWS.values() if not row.public and not row.key]


@kept
def everybody_signs_in() -> Everybody:
    cast = assemble()
    return cast, {role: signed_in(person).cookies["sessionid"].value for role, person in cast.people().items()}


@pytest.fixture
def everybody(own_home: object) -> Everybody:
    """Assemble the cast, everybody signed in already."""
    made = everybody_signs_in()
    give_recovery_key()
    return made


@pytest.fixture
def cast(everybody: Everybody) -> Cast:
    return everybody[0]


@pytest.fixture
def as_role(everybody: Everybody) -> Callable[[str], Client]:
    """Return a client in which a role has signed in, just now as far as the session knows."""

    def client(role: str) -> Client:
        found = Client()
        found.cookies["sessionid"] = everybody[1][role]
        session = found.session
        session["began"] = session["active"] = time.time()
        session.save()
        return found

    return client


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    assert url_names() == set(ROWS)


@pytest.mark.parametrize("row", OURS, ids=lambda row: row.name)
def test_a_url_answers_as_the_table_says(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    same = row.address(cast), row.body(cast)
    signed_out = _ask(Client(), row, *same)
    assert signed_out.status_code == 302
    assert signed_out.headers["Location"].startswith("/accounts/login/")
    assert as_role(sorted(row.allowed)[0]).delete(same[0]).status_code == 405
    refused = {
        role: _ask(stepped_up(as_role(role)), row, *same).status_code for role in ROLES if role not in row.allowed
    }
    assert refused == dict.fromkeys(refused, 403)  # of one and the same thing, which stays as it is
    found = {
        role: _ask(stepped_up(as_role(role)), row, row.address(cast), row.body(cast)) for role in _of_those_who_may(row)
    }
    assert {role: answer.status_code for role, answer in found.items()} == dict.fromkeys(found, row.expected)


def _of_those_who_may(row: Row) -> list[str]:
    """Return two of those who may; `PLATEKEEPER_EVERYBODY` asks all."""
    may = sorted(row.allowed)
    return may if "PLATEKEEPER_EVERYBODY" in os.environ else [*may[:1], *may[1:][-1:]]


@pytest.mark.parametrize("row", [row for row in ROWS.values() if row.key], ids=lambda row: row.name)
def test_camera_addresses_hear_only_lprs(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    assert as_role("chief").post(row.address(cast), data="[]", content_type="application/json").status_code == 401


def _ask(client: Client, row: Row, address: str, body: dict[str, Any]):  # type: ignore[no-untyped-def]
    answer = client.get(address) if row.method == "get" else client.post(address, body)
    if answer.streaming:
        answer.getvalue()  # and lets go of the file
    return answer
