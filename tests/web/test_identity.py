"""Signing in through the department's identity provider: it opens accounts that exist, and makes none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from platekeeper.server.config.identity import identity
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.link_identity import person_named
from tests.cast import Cast
from tests.partnering import connected
from tests.roles.making import break_ledger
from tests.web.factors import code, give_app
from tests.web.making import signed_in, stepped_up
from tests.web.provider import CLIENT, SECRET, Provider, provider
from tests.web.saml_provider import SamlProvider, request_id

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/city/login/"


def _told(server_url: str, **other: str) -> dict[str, str]:
    return {
        "id": "city", "name": "City of Harbor Falls", "server_url": server_url, "client_id": CLIENT, "secret": SECRET,
        "person_by": "username", "claim": "preferred_username", **other,
    }  # fmt: skip


@pytest.fixture
def city(tmp_path: Path, settings: Settings) -> Iterator[Provider]:
    """Run the city's provider, and let the department know of it."""
    with provider() as found:
        file = tmp_path / "sign-in.json"
        file.write_text(json.dumps({"openid_connect": [_told(found.url)]}))
        settings.IDENTITY = identity(file)
        settings.SOCIALACCOUNT_PROVIDERS = settings.IDENTITY.providers
        yield found


def _sign_in(client: Client, city: Provider, **claims: Any) -> int:
    status: int = _answered(client, city, **claims).status_code
    return status


def _answered(client: Client, city: Provider, **claims: Any) -> Any:
    city.claims = {"sub": "17", **claims}
    asked = client.post(LOGIN)
    assert asked.headers["Location"].startswith(f"{city.url}/authorize?")
    answered = requests.get(asked.headers["Location"], allow_redirects=False, timeout=30)
    back = urlsplit(answered.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def _actions() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))


def test_who_has_an_account_signs_in_with_a_second_factor_of_ours(cast: Cast, city: Provider) -> None:
    assert "Sign in with City of Harbor Falls" in Client().get("/accounts/login/").content.decode()
    give_app(cast.officer)
    client = Client()
    assert _sign_in(client, city, preferred_username="OFFICER") == 302
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert client.get("/").status_code == 200
    assert _actions() == ["identity_linked", "signed_in"]
    assert {"code_challenge", "state"} <= set(city.asked["/authorize"])
    assert "code_verifier" in city.asked["/token"]
    again = Client()
    _sign_in(again, city, preferred_username="renamed over there")  # who was linked stays linked
    again.post("/accounts/2fa/authenticate/", {"code": code()})
    assert again.get("/").status_code == 200
    assert _actions()[-1] == "signed_in" and SocialAccount.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "nobody"},
        {"preferred_username": ""},
        {"preferred_username": ["officer", "chief"]},
        {"email": "officer@example.org", "email_verified": True},
        {"name": "officer"},
    ],
)
def test_nobody_else_comes_in_and_no_account_is_made(claims: dict[str, Any], cast: Cast, city: Provider) -> None:
    Person.objects.filter(pk=cast.officer.pk).update(email="officer@example.org")
    people, client = Person.objects.count(), Client()
    assert _sign_in(client, city, **claims) == 403
    assert client.get("/").status_code == 302
    assert Person.objects.count() == people and not SocialAccount.objects.exists()
    assert _actions() == ["sign_in_failed"]


def test_no_provider_opens_the_account_of_a_partners_server(cast: Cast, city: Provider) -> None:
    account = connected(cast, at=datetime.now(UTC)).account
    assert _sign_in(Client(), city, preferred_username=account.username) == 403
    assert not SocialAccount.objects.exists()


def test_an_identity_is_linked_in_the_ledger_or_not_at_all(cast: Cast, city: Provider) -> None:
    cast.officer.set_password("made by somebody else")
    cast.officer.must_set_password = True
    cast.officer.save()
    break_ledger()
    client = Client()
    answered = _answered(client, city, preferred_username="officer")
    assert answered.status_code == 503
    page = answered.content.decode()
    assert "could not be put on record" in page and "Try again in a while" in page
    assert not SocialAccount.objects.exists() and not LedgerEntry.objects.exists()
    kept = Person.objects.get(pk=cast.officer.pk)
    assert kept.must_set_password and kept.check_password("made by somebody else")
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_a_disabled_account_is_opened_by_nobody(cast: Cast, city: Provider) -> None:
    _sign_in(Client(), city, preferred_username="officer")
    Person.objects.filter(pk=cast.officer.pk).update(is_active=False)
    client = Client()
    _sign_in(client, city, preferred_username="officer")
    assert client.get("/accounts/2fa/").headers["Location"].startswith("/accounts/login/")


def test_a_first_password_ends_when_the_provider_knows_somebody(cast: Cast, city: Provider) -> None:
    cast.officer.set_password("made by somebody else")
    cast.officer.must_set_password = True
    cast.officer.save()
    client = Client()
    _sign_in(client, city, preferred_username="officer")
    assert client.get("/").headers["Location"] == "/accounts/2fa/"
    assert not Person.objects.get(pk=cast.officer.pk).has_usable_password()


def test_a_name_given_to_somebody_else_opens_nobodys_account(cast: Cast, city: Provider) -> None:
    _sign_in(Client(), city, preferred_username="officer")
    client = Client()
    answered = _answered(client, city, preferred_username="officer", sub="18")
    assert answered.status_code == 403 and "Another identity of this provider" in answered.content.decode()
    assert client.get("/accounts/2fa/").headers["Location"].startswith("/accounts/login/")
    assert SocialAccount.objects.get().uid == "17"
    refused = LedgerEntry.objects.latest("index")
    assert (refused.action, refused.outcome, refused.subject) == (
        "action_refused",
        "refused",
        f"person:{cast.officer.pk}",
    )


def test_who_governs_unlinks_an_identity_and_the_next_is_linked(cast: Cast, city: Provider) -> None:
    _sign_in(Client(), city, preferred_username="officer")
    officer, chief, page = signed_in(cast.officer), stepped_up(signed_in(cast.chief)), f"/people/{cast.officer.pk}/"
    assert officer.get("/").status_code == 200
    assert "linked to city since" in chief.get(page).content.decode()
    assert stepped_up(signed_in(cast.administrator)).post(f"{page}unlink-identity/").status_code == 403
    assert SocialAccount.objects.exists()
    assert chief.post(f"{page}unlink-identity/").status_code == 302
    assert _actions()[-1] == "identity_unlinked" and officer.get("/").status_code == 302
    assert "Unlink it" not in chief.get(page).content.decode()
    _sign_in(Client(), city, preferred_username="officer", sub="18")
    assert SocialAccount.objects.get().uid == "18" and "identity_linked" in _actions()[-3:]


@pytest.mark.records
def test_a_name_that_only_the_database_takes_for_anothers_is_not_theirs(cast: Cast) -> None:
    """PostgreSQL, where it knows a language, has an S for the large letter of \u017f."""
    assert person_named("username", " Sergeant ") == cast.sergeant
    assert person_named("username", "\u017fergeant") is None


@pytest.mark.parametrize("change", [{"state": "another"}, {"error": "access_denied"}])
def test_an_answer_to_no_question_is_not_believed(change: dict[str, str], cast: Cast, city: Provider) -> None:
    client = Client()
    state = dict(pair.split("=") for pair in urlsplit(client.post(LOGIN).headers["Location"]).query.split("&"))["state"]
    answer = client.get(f"{LOGIN}callback/", {"code": "1", "state": state} | change)
    assert answer.status_code in {302, 403} and not SocialAccount.objects.exists()
    assert client.get("/accounts/2fa/").headers["Location"].startswith("/accounts/login/")


def test_tokens_for_somebody_else_are_not_believed(cast: Cast, city: Provider) -> None:
    city.audience = "another client"
    assert _sign_in(Client(), city, preferred_username="officer") == 403


def test_a_link_over_an_open_session_is_refused(cast: Cast, city: Provider) -> None:
    client = signed_in(cast.officer)
    city.claims = {"sub": "18", "preferred_username": "officer"}
    asked = client.post(f"{LOGIN}?process=connect")
    back = urlsplit(requests.get(asked.headers["Location"], allow_redirects=False, timeout=30).headers["Location"])
    assert client.get(f"{back.path}?{back.query}").status_code == 403
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("{", "not JSON"),
        ('{"ldap": []}', "openid_connect, saml"),
        ('{"saml": ["x"]}', "written as"),
        (json.dumps({"openid_connect": [_told("http://idp.example.org")]}), "must begin with https"),
        (json.dumps({"openid_connect": [_told("https://idp.example.org", person_by="badge")]}), "username or email"),
        (json.dumps({"openid_connect": [_told("")]}), "lacks: server_url"),
    ],
)
def test_what_is_wrong_in_the_file_is_said(told: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "sign-in.json"
    file.write_text(told)
    with pytest.raises(ValueError, match=said):
        identity(file)


@pytest.fixture
def county(tmp_path: Path, settings: Settings) -> SamlProvider:
    """Let the department know of the county's provider, which speaks SAML."""
    found = SamlProvider()
    told = {
        "id": "county", "name": "Mill County", "entity_id": found.entity, "certificate": found.certificate,
        "sso_url": f"{found.entity}/sso", "person_by": "username", "claim": "uid",
    }  # fmt: skip
    file = tmp_path / "sign-in.json"
    file.write_text(json.dumps({"saml": [told]}))
    settings.IDENTITY = identity(file)
    settings.SOCIALACCOUNT_PROVIDERS = settings.IDENTITY.providers
    return found


def _answer(client: Client, response: str) -> int:
    client.post("/accounts/saml/county/acs/", {"SAMLResponse": response})
    return client.get("/accounts/saml/county/acs/finish/").status_code


def _asked(client: Client) -> str:
    return request_id(client.post("/accounts/saml/county/login/").headers["Location"])


def _browser() -> Client:
    return Client(headers={"host": "testserver"})


def test_saml_opens_an_account_that_exists(cast: Cast, county: SamlProvider) -> None:
    client = _browser()
    assert _answer(client, county.response(uid="officer", to=_asked(client))) == 302
    assert client.get("/").headers["Location"] == "/accounts/2fa/"
    assert _actions() == ["identity_linked", "signed_in"]
    assert _answer(_browser(), county.response(uid="nobody", to="ONELOGIN_1")) == 403


@pytest.mark.parametrize(
    "wrong", ["not signed", "signed by another", "to another question", "changed", "not asked for"]
)
def test_saml_that_cannot_be_believed_opens_nothing(wrong: str, cast: Cast, county: SamlProvider) -> None:
    client, other = _browser(), _browser()
    to = _asked(other if wrong == "to another question" else client) if wrong != "not asked for" else ""
    signer = SamlProvider() if wrong == "signed by another" else county
    response = signer.response(
        uid="officer", to=to, sign=wrong != "not signed", then=("officer", "chief") if wrong == "changed" else None
    )
    assert _answer(client, response) == 403
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    assert not SocialAccount.objects.exists()


def test_a_password_set_where_there_was_none_is_in_the_ledger(cast: Cast) -> None:
    cast.officer.set_unusable_password()
    cast.officer.save()
    word = "harbour tide over slate 41"
    client = signed_in(cast.officer)
    assert client.post("/accounts/password/set/", {"password1": word, "password2": word}).status_code == 302
    assert "password_changed" in _actions()
