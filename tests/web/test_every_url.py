"""Every URL x every role, out of one table. A new URL without a row fails here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import ROLES, Cast
from tests.web.making import stepped_up
from tests.web.table import Row, rows, url_names

pytestmark = pytest.mark.django_db

ROWS = rows()
OURS = [row for row in ROWS.values() if not row.public and not row.key]


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    assert url_names() == set(ROWS)


@pytest.mark.parametrize("row", OURS, ids=lambda row: row.name)
def test_somebody_not_signed_in_is_sent_to_the_login_page(row: Row, cast: Cast) -> None:
    answer = _ask(Client(), row, cast)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("row", OURS, ids=lambda row: row.name)
def test_every_role_gets_what_the_table_says(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    found = {role: _ask(stepped_up(as_role(role)), row, cast).status_code for role in ROLES}
    assert found == {role: row.expected if role in row.allowed else 403 for role in ROLES}


@pytest.mark.parametrize("row", OURS, ids=lambda row: row.name)
def test_the_wrong_method_changes_nothing(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    client = as_role(sorted(row.allowed)[0])
    assert client.delete(row.address(cast)).status_code == 405


@pytest.mark.parametrize("row", [row for row in ROWS.values() if row.key], ids=lambda row: row.name)
def test_camera_addresses_hear_only_lprs(row: Row, cast: Cast, as_role: Callable[[str], Client]) -> None:
    assert as_role("chief").post(row.address(cast), data="[]", content_type="application/json").status_code == 401


def _ask(client: Client, row: Row, cast: Cast):  # type: ignore[no-untyped-def]
    address = row.address(cast)
    return client.get(address) if row.method == "get" else client.post(address, row.body(cast))
