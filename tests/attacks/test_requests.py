"""Requests that no page of ours makes: forged, for another host, leading elsewhere, with numbers and words that break."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import set_password
from platekeeper.server.procedures.passwords import chosen
from platekeeper.server.procedures.sign_in import is_locked
from platekeeper.server.web.bodies import LARGE
from tests.attacks.addresses import OURS, ROWS, addresses, role_for, views
from tests.cast import Cast
from tests.web.making import stepped_up
from tests.web.table import Row

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
WORD = "a long and quiet word"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "https:evil.example",
)
PARAMETERS = ("after", "agency", "answers", "before", "form", "from", "list", "lpr", "over", "page", "plate", "q", "state",
              "subject", "since", "until", "by", "purpose", "case_number", "number")  # fmt: skip
READING = {
    name for name, view in views().items() if "request.GET" in inspect.getsource(inspect.getmodule(view) or pytest)
}
"""Pages of modules that look at what stands behind the question mark."""
NASTY = ("9" * 5000, "²' OR 1=1 --\x00")
SIGNED = {"saml_acs", "saml_sls"}
"""What an identity provider posts has its signature."""
INSIDE = set(LARGE)
"""Check the token themselves, once they have seen how large it is what comes, and of whom."""


def test_nothing_is_done_without_the_token_of_a_page_of_ours(as_role: AsRole) -> None:
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = stepped_up(as_role("chief")).cookies
    before = LedgerEntry.objects.count()
    asked = {name: address for name, address in addresses().items() if name in INSIDE or _posts(ROWS[name])}
    assert len(asked) > 100
    assert {name for name, address in asked.items() if forged.post(address).status_code != 403} == set()
    assert LedgerEntry.objects.count() == before


def _posts(row: Row) -> bool:
    return row.method == "post" and not row.key


def test_only_what_knows_its_caller_by_a_key_goes_without_a_token() -> None:
    exempt = {name for name, view in views().items() if getattr(view, "csrf_exempt", False)}
    assert exempt == {name for name, row in ROWS.items() if row.key} | {"api_partner", *SIGNED, *INSIDE}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80@localhost", "local host"])
def test_another_host_is_not_answered(host: str, as_role: AsRole) -> None:
    for client, address in ((Client(), "/accounts/login/"), (as_role("chief"), "/partners/")):
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 400
        assert host.encode() not in answer.content
    forwarded = as_role("chief").get("/partners/", headers={"X-Forwarded-Host": "evil.example"})
    assert b"evil.example" not in forwarded.content


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_led_elsewhere(place: str, cast: Cast, as_role: AsRole) -> None:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    asked = {"next": place}
    answers = [
        Client().post("/accounts/login/", {"login": "officer", "password": WORD, **asked}),
        Client().post(f"/accounts/login/?next={place}", {"login": "officer", "password": WORD}),
        as_role("officer").post("/accounts/reauthenticate/", {"password": WORD, **asked}),
        as_role("officer").post("/accounts/logout/", asked),
    ]
    for answer in answers:
        assert answer.status_code != 500
        assert answer.headers.get("Location", "/").startswith("/")
        assert "evil" not in answer.headers.get("Location", "").split("?")[0]
    assert not Client().get("//evil.example/", follow=False).headers.get("Location", "/").startswith("//")


def test_a_session_that_somebody_planted_is_not_the_one_signed_in(cast: Cast) -> None:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    planted = Client()
    planted.session.save()
    planted.cookies["sessionid"] = "planted0planted0planted0planted0"
    planted.get("/accounts/login/")
    planted.post("/accounts/login/", {"login": "officer", "password": WORD})
    thief = Client()
    thief.cookies["sessionid"] = "planted0planted0planted0planted0"
    assert planted.cookies["sessionid"].value != "planted0planted0planted0planted0"
    assert thief.get("/").status_code == 302


def test_a_number_of_nothing_is_not_found(as_role: AsRole) -> None:
    number = 2**63 - 1
    clients = {role: stepped_up(as_role(role)) for role in {role_for(row) for row in OURS}}
    found = {
        name: clients[role_for(ROWS[name])].generic(ROWS[name].method.upper(), address).status_code
        for name, address in addresses(number=number).items()
        if not ROWS[name].key and str(number) in address
    }
    assert {name for name, status in found.items() if status not in {302, 403, 404, 405}} == set()


@pytest.mark.parametrize("name", ["hit_image", "case", "query", "case_image"])
def test_a_number_too_large_for_a_database_is_not_found(name: str, as_role: AsRole) -> None:
    client = as_role(role_for(ROWS[name]))
    assert client.get(addresses(number=2**63)[name]).status_code == 404


@pytest.mark.parametrize("value", NASTY)
def test_what_is_typed_into_an_address_breaks_nothing(value: str, as_role: AsRole) -> None:
    asked = dict.fromkeys(PARAMETERS, value)
    clients = {role: as_role(role) for role in {role_for(row) for row in OURS}}
    found = {
        name: clients[role_for(ROWS[name])].get(address, asked).status_code
        for name, address in addresses(word="x").items()
        if ROWS[name].method == "get" and not ROWS[name].args and name in READING
    }
    assert {name: status for name, status in found.items() if status >= 500} == {}


@pytest.mark.parametrize("guess", ["oldpassword", "password1"])
def test_who_sits_at_somebodys_screen_guesses_their_password_no_more_than_five_times(
    guess: str, cast: Cast, as_role: AsRole
) -> None:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    client, other = as_role("officer"), "another long and quiet one"
    wrong = {"oldpassword": "a guess", "password1": other, "password2": other}
    if guess == "password1":  # said to be the one that is set already, it would be a right guess
        told = client.post("/accounts/password/change/", {"password1": WORD, "password2": WORD}).content
        told += client.post("/accounts/password/change/", wrong | {"password1": WORD, "password2": WORD}).content
        assert b"password you have" not in told
        return
    for _ in range(5):
        client.post("/accounts/password/change/", wrong)
    assert is_locked(cast.officer, at=datetime.now(UTC))
    assert LedgerEntry.objects.filter(action="sign_in_failed").count() >= 5
    cache.clear()  # the library counts by the minute, too
    client.post("/accounts/password/change/", wrong | {"oldpassword": WORD})
    cast.officer.refresh_from_db()
    assert cast.officer.check_password(WORD)
