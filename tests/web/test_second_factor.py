"""The second factor: set up at the first sign-in, asked for at each, guessed at as little as a password."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import set_password
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.passwords import chosen
from platekeeper.server.procedures.sign_in import is_locked
from tests.cast import Cast
from tests.web.factors import code, give_app, give_key, make_up_a_passkey
from tests.web.making import stepped_up
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
WORD = "a long and quiet word"


@pytest.fixture
def officer(cast: Cast) -> Person:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    return cast.officer


def _begin(person: Person) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.username, "password": WORD})
    return client


def _actions() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))


@pytest.mark.django_db(transaction=True)
def test_nobody_goes_on_without_one_and_the_first_is_set_up_at_once(officer: Person) -> None:
    client = _begin(officer)
    for address in ("/", "/hits/", "/queries/", "/accounts/sessions/"):
        assert client.get(address).headers["Location"] == "/accounts/2fa/"
    assert "Set one up now" in client.get("/accounts/2fa/").content.decode()
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    codes = client.get(answer.headers["Location"])
    assert codes.context["can_view_codes"] and len(codes.context["unused_codes"]) == 10
    assert not client.get(answer.headers["Location"]).context["can_view_codes"]
    assert client.get("/").status_code == 200
    assert _actions() == ["signed_in", "second_factor_added", "second_factor_added"]
    stored = str(Authenticator.objects.values_list("data", flat=True))
    assert secret not in stored


def test_it_is_asked_for_at_each_sign_in(officer: Person) -> None:
    give_app(officer)
    client = _begin(officer)
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    again = _begin(officer)
    again.post("/accounts/2fa/authenticate/", {"code": code()})
    assert "You last signed in on" in again.get("/").content.decode()


@pytest.mark.parametrize(("later", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_code_may_be_typed_slowly_and_counts_once_all_the_same(later: int, taken: bool, officer: Person) -> None:
    give_app(officer)
    if (left := 30 - time.time() % 30) < 5:
        time.sleep(left)
    typed, client, again = code(later=later), _begin(officer), _begin(officer)
    client.post("/accounts/2fa/authenticate/", {"code": typed})
    assert (client.get("/").status_code == 200) is taken
    cache.delete(f"allauth.mfa.totp.used?user={officer.pk}&code={typed}")  # as it is after a period
    again.post("/accounts/2fa/authenticate/", {"code": f"{typed[:3]} {typed[3:]}"})
    assert again.get("/").status_code == 302


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(officer: Person) -> None:
    give_app(officer)
    client = _begin(officer)
    for _ in range(5):
        answer = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert answer.status_code == 429 and "This account is locked" in answer.content.decode()
    assert is_locked(officer, at=datetime.now(UTC))
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert client.get("/").status_code == 302
    assert _actions().count("sign_in_failed") == 6


def test_wrong_codes_before_an_act_count_too(officer: Person) -> None:
    give_app(officer)
    client = _begin(officer)
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    for _ in range(5):
        client.post("/accounts/2fa/reauthenticate/", {"code": "000000"})
    assert is_locked(officer, at=datetime.now(UTC))


def test_another_persons_second_factor_does_not_count(cast: Cast, officer: Person, as_role: AsRole) -> None:
    client = as_role("officer")
    session = client.session
    session["second_factor"] = cast.chief.pk
    session.save()
    assert client.get("/").headers["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_the_last_one_stays(kind: str, cast: Cast, as_role: AsRole) -> None:
    client = stepped_up(as_role("officer"))
    mine = Authenticator.objects.create(user=cast.officer, type=kind, data={})
    passkey = f"/accounts/2fa/webauthn/keys/{mine.pk}/remove/"
    client.post(passkey if kind == Authenticator.Type.WEBAUTHN else "/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(pk=mine.pk).exists()


def test_a_lost_one_is_taken_off_by_who_governs(cast: Cast, as_role: AsRole) -> None:
    give_app(cast.officer)
    officer, address = as_role("officer"), f"/people/{cast.officer.pk}/reset-factors/"
    assert officer.get("/").status_code == 200
    assert stepped_up(as_role("administrator")).post(address).status_code == 403
    assert stepped_up(as_role("chief")).post(f"/people/{cast.chief.pk}/reset-factors/").status_code == 403
    assert stepped_up(as_role("chief")).post(address).status_code == 302
    assert not Authenticator.objects.filter(user=cast.officer).exists()
    assert officer.get("/").status_code == 302
    assert _actions()[-1] == "second_factors_reset"


LOGIN_BY_KEY = "/accounts/2fa/webauthn/login/"


@pytest.mark.parametrize("verified", [True, False])
def test_a_key_alone_signs_in_with_its_pin_and_never_by_a_touch(verified: bool, cast: Cast) -> None:
    key, client = give_key(cast.chief), Client()
    client.get(LOGIN_BY_KEY, headers={"X-Requested-With": "XMLHttpRequest"})
    client.post(LOGIN_BY_KEY, {"credential": key.answer(client, verified=verified)})
    assert (client.get("/").status_code == 200) is verified


def test_a_challenge_put_after_a_password_signs_nobody_in_by_a_colleagues_key(cast: Cast, officer: Person) -> None:
    """After a password a touch is enough, so that challenge must not be answered where a key signs in alone."""
    give_app(officer)
    give_key(officer)
    stolen, client = give_key(cast.chief), _begin(officer)
    client.get("/accounts/2fa/authenticate/")
    answer = stolen.answer(client, verified=False)
    _wait_till_the_sign_in_is_over(client)
    client.post(LOGIN_BY_KEY, {"credential": answer})
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("answer", ["[" * 100_000, '{"a":' * 100_000, "{}", "[1]", "null", '{"rawId": 1}', '{"rawId": "x"}'],
                         ids=["deep", "deep and named", "empty", "a list", "nothing", "a number", "no more"])  # fmt: skip
def test_what_no_passkey_answers_is_refused(answer: str, officer: Person) -> None:
    give_key(officer)
    alone, second = Client(), _begin(officer)
    alone.get(LOGIN_BY_KEY, headers={"X-Requested-With": "XMLHttpRequest"})
    second.get("/accounts/2fa/authenticate/")
    for client, address in ((alone, LOGIN_BY_KEY), (second, "/accounts/2fa/authenticate/")):
        assert client.post(address, {"credential": answer}).status_code < 400
        assert client.get("/").status_code == 302


def _wait_till_the_sign_in_is_over(client: Client) -> None:
    session = client.session
    session["account_login"] = session["account_login"] | {"initiated_at": time.time() - 3600}
    session.save()


@pytest.mark.django_db(transaction=True)
def test_a_passkey_signs_in_alone(officer: Person, chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(base_url=str(live_server), viewport={"width": 360, "height": 740})
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    make_up_a_passkey(page)
    page.goto("/")
    page.get_by_label("Login name").fill(officer.username)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    look(page, "factor-first-360")
    page.get_by_role("link", name="Add a passkey").click()
    look(page, "factor-passkey-360")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    look(page, "factor-codes-360")
    page.get_by_role("link", name="I have them; go on").click()
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    look(page, "sign-in-360")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Login name").fill(officer.username)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page, "factor-asked-360")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    for name in ("", "totp/activate/", "webauthn/"):
        page.goto(f"/accounts/2fa/{name}")
        look(page, f"factor-{name.strip('/').replace('/', '-') or 'index'}-1280")
    page.goto("/accounts/sessions/")
    look(page, "sessions-1280")
    assert not errors
    context.close()
