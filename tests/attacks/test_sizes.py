"""Bodies that fill the disk: a form with a file in it goes there as it comes, so what nobody asked for is left unread."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.attacks.addresses import ROWS, addresses
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
MB = 1 << 20
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
OPEN = ["account_login", "set_language", "account_reauthenticate", "mfa_authenticate", "transparency"]


class Endless(io.RawIOBase):
    """A file in a form that goes on as long as somebody reads; `taken` bytes were."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0

    def read(self, most: int = -1) -> bytes:
        most = MB if most < 0 else most
        begun, self.taken = self.taken, self.taken + most
        return (HEAD if not begun else b"").ljust(most, b"a")[:most]


def _posted(client: Client, address: str, *, size: int) -> tuple[int, int]:
    """Post so many bytes; return the status, and how much of it was read."""
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32  # without one the check of the token reads nothing
    client.handler.enforce_csrf_checks = True
    body = Endless()
    come: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    answer = client.generic("POST", address, b"x", content_type="multipart/form-data; boundary=x", **come)
    return answer.status_code, body.taken


@pytest.mark.parametrize("name", OPEN)
def test_nothing_large_is_read_of_somebody_who_has_not_signed_in(name: str, cast: Cast) -> None:
    assert _posted(Client(), addresses()[name], size=100 * MB) == (413, 0)


@pytest.mark.parametrize("size", [1000, 100 * MB])
def test_what_asks_for_somebody_signed_in_reads_nothing_of_anybody_else(size: int, cast: Cast) -> None:
    ours = {name: address for name, address in addresses().items() if not (ROWS[name].public or ROWS[name].key)}
    read = {name: _posted(Client(), address, size=size)[1] for name, address in ours.items() if name not in OPEN}
    assert len(read) > 100
    assert {name: taken for name, taken in read.items() if taken} == {}


@pytest.mark.parametrize(
    ("role", "name", "size"),
    [
        ("custodian", "hot_list_load", 700 * MB),
        ("outsider", "hot_list_load", 100 * MB),
        ("outsider", "bundles", 100 * MB),
        ("officer", "query_new", 100 * MB),
    ],
)
def test_nobody_hands_in_more_than_a_page_takes(role: str, name: str, size: int, as_role: AsRole) -> None:
    status, taken = _posted(as_role(role), addresses()[name], size=size)
    assert (status in {403, 413}, taken) == (True, 0)


def test_the_stick_of_a_unit_is_no_smaller_for_it(cast: Cast, as_role: AsRole) -> None:
    role = sorted(ROWS["bundles"].allowed)[0]
    assert _posted(as_role(role), addresses()["bundles"], size=100 * MB)[1] > 64 * MB  # read; the token is missing then
