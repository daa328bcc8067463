"""Secrets are never logged: a day of mistakes with passwords, codes and keys, and then the log is searched for them."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from logging.config import dictConfig
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client

from platekeeper.server.api.patience import MOST
from platekeeper.server.personnel.changes import set_password
from platekeeper.server.procedures.passwords import chosen
from tests.cast import Cast
from tests.web.factors import SECRET, code, give_app
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
WORD, GUESS = "a long and quiet word", "a word that was guessed"
CHATTY = ("platekeeper", "django.request", "django.security", "axes", "allauth")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log as the server does, and more of it."""
    lines = io.StringIO()
    given: dict[str, Any] = dict(settings.LOGGING)
    dictConfig({
        **given,
        "handlers": {"console": {**given["handlers"]["console"], "stream": lines}},
        "loggers": {name: {"level": "DEBUG"} for name in CHATTY},
    })  # fmt: skip
    yield lines
    dictConfig({**given, "loggers": {**{name: {"level": "NOTSET"} for name in CHATTY}, **given["loggers"]}})


def test_no_secret_is_in_the_log(cast: Cast, as_role: Callable[[str], Client], log: io.StringIO) -> None:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    give_app(cast.officer)
    client, now = Client(), code()
    for login, password in (("officer", GUESS), (GUESS, "officer"), ("officer", WORD)):
        client.post("/accounts/login/", {"login": login, "password": password})
    for typed in ("123123", now):
        client.post("/accounts/2fa/authenticate/", {"code": typed})
    client.post("/accounts/password/change/", {"oldpassword": GUESS, "password1": WORD, "password2": WORD})
    Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "officer", "password": WORD})
    envelope = stepped_up(as_role("chief")).post("/people/sealed/seal/").context["envelope"]
    Client().post("/accounts/login/", {"login": envelope.username, "password": envelope.password})
    wrong = cast.lpr_key[:-4] + "gone"
    for key in (cast.lpr_key, wrong):
        Client().post(f"/ingest/verkada/{key}", "{", content_type="application/json")
        Client().get(f"/ingest/verkada/{key}/")
        Client().post("/api/reads", "{", content_type="application/json", headers={"Authorization": f"Bearer {key}"})
    for _ in range(MOST):
        Client().post(f"/ingest/verkada/{wrong}/")
    logging.getLogger("platekeeper").warning("a key went astray: %s", cast.lpr_key)
    said = log.getvalue()
    assert (
        "Unauthorized: /ingest/<str:format>/<path:rest>" in said
        and "astray: lpr-(key)" in said
        and "sends wrong keys" in said
    )
    session = client.cookies["sessionid"].value
    secrets = (
        WORD, GUESS, now, SECRET, cast.lpr_key, wrong, session, settings.SECRET_KEY, envelope.password, *envelope.codes,
    )  # fmt: skip
    assert [each for each in secrets if each in said] == []


def test_no_password_is_in_what_the_lock_remembers(cast: Cast) -> None:
    Client().post("/accounts/login/", {"login": "officer", "password": GUESS})
    give_app(cast.officer)
    [attempt] = AccessAttempt.objects.all()
    assert GUESS not in attempt.post_data + attempt.get_data + attempt.path_info
    assert SECRET not in str(Authenticator.objects.get().data)


def test_no_word_of_a_change_of_passwords_and_no_code_is_in_it_either(cast: Cast) -> None:
    set_password(cast.officer, stored_password=chosen(WORD).stored, must_set_password=False)
    give_app(cast.officer)
    client, following = Client(), "what comes after it"
    client.post("/accounts/login/", {"login": "officer", "password": WORD})
    client.post("/accounts/2fa/authenticate/", {"code": "1234-of-a-paper"})
    changing = {"oldpassword": GUESS, "password1": following, "password2": following}
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    assert not AccessAttempt.objects.exists(), "forgotten with the success"
    client.post("/accounts/password/change/", changing)
    client.post("/accounts/2fa/reauthenticate/", {"code": "1234-of-a-paper"})
    [attempt] = AccessAttempt.objects.all()
    assert attempt.failures_since_start == 2
    assert [each for each in (GUESS, following, "1234-of-a-paper") if each in attempt.post_data] == []
