"""Signing in: the real form, the lock after five failures, the limits of a session, first passwords, step-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import set_end, set_password
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.found_department import found_department
from platekeeper.server.procedures.passwords import chosen
from tests.cast import Cast
from tests.web.factors import give_key
from tests.web.making import JPEG, make_hit, signed_in, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
WORD = "a long and quiet word"


def _give_password(person: Person, *, made: bool = False) -> None:
    set_password(person, stored_password=chosen(WORD).stored, must_set_password=made)


def _try(client: Client, password: str, name: str = "officer") -> int:
    return client.post("/accounts/login/", {"login": name, "password": password}).status_code


def _actions() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))


def test_signing_in_and_out_is_logged(cast: Cast) -> None:
    _give_password(cast.officer)
    client = Client()
    assert _try(client, WORD) == 302
    assert client.get("/accounts/2fa/").status_code == 200
    client.post("/accounts/logout/")
    assert _actions() == ["signed_in", "signed_out"]
    assert not AccessLog.objects.exists()  # a second log, which nobody reads or ends
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Windows"),
        ("curl/8.14.1", "curl 8"),
        ("Car <7>", "Car &lt;7&gt;"),
        ("", ""),
    ],
    ids=["a known one", "no system", "nobody's", "silent"],
)
def test_a_session_shows_its_browser_by_name(as_role: AsRole, told: str, shown: str) -> None:
    page = as_role("officer").get("/accounts/sessions/", headers={"user-agent": told}).content.decode()
    assert f'<td class="is-words">{shown}</td>' in page


def test_five_failures_lock_the_account_until_it_is_released(cast: Cast, as_role: AsRole) -> None:
    _give_password(cast.officer)
    for _ in range(5):
        _try(Client(), "wrong")
    assert _try(Client(), WORD) in {403, 429}
    client = stepped_up(as_role("administrator"))
    client.post(f"/people/{cast.officer.pk}/release/")
    assert _try(Client(), WORD) == 302
    assert "sign_in_failed" in _actions() and "account_released" in _actions()


def _back(minutes: int) -> None:
    for each in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=each.pk).update(attempt_time=each.attempt_time - timedelta(minutes=minutes))


def test_before_a_policy_is_in_force_the_lock_ends_by_itself(db: None) -> None:
    found_department(
        name="Mill Creek", kind="sheriff_office", zone="America/New_York", first_person_name="Sam Sheriff",
        username="sam", password=WORD, at=timezone.now(),
    )  # fmt: skip
    for _ in range(5):
        _try(Client(), "wrong", "sam")
    _back(14)
    answer = Client().post("/accounts/login/", {"login": "sam", "password": WORD})
    assert answer.status_code in {403, 429} and "15 minutes after the last try" in answer.content.decode()
    _back(16)
    assert _try(Client(), "wrong", "sam") == 200, "one failure, not the sixth"
    assert _try(Client(), WORD, "sam") == 302


def test_in_force_a_policy_keeps_the_lock_until_it_is_released(cast: Cast) -> None:
    _give_password(cast.officer)
    for _ in range(5):
        _try(Client(), "wrong")
    _back(60 * 24 * 400)
    assert _try(Client(), WORD) in {403, 429}


def test_while_the_policy_names_nobody_who_governs_releases(cast: Cast, as_role: AsRole) -> None:
    version = PolicyVersion.objects.get()
    PolicyVersion.objects.update(values={key: each for key, each in version.values.items() if key != "IV.f.inventory"})
    _give_password(cast.officer)
    for _ in range(5):
        _try(Client(), "wrong")
    address, chief = f"/people/{cast.officer.pk}/release/", stepped_up(as_role("chief"))
    assert "Release</button>" in chief.get(f"/people/{cast.officer.pk}/").content.decode()
    assert stepped_up(as_role("administrator")).post(address).status_code == 403
    assert chief.post(address).status_code == 302
    assert _try(Client(), WORD) == 302


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("/accounts/login/", {"login": "nobody{}", "password": WORD}),
        ("/accounts/2fa/webauthn/login/", {"credential": "{{}}"}),
    ],
    ids=["password", "key"],
)
def test_the_thirty_first_within_a_minute_is_asked_to_wait(address: str, given: dict[str, str], cast: Cast) -> None:
    client = Client()
    for number in range(30):
        assert client.post(address, {name: text.format(number) for name, text in given.items()}).status_code < 400
    answer = client.post(address, given)
    assert answer.status_code == 429 and "Wait a minute, then try again." in answer.content.decode()


@pytest.mark.parametrize("way", ["password", "key"])
def test_a_temporary_account_is_kept_out_from_its_last_moment_on(way: str, cast: Cast) -> None:
    """The job that disables it comes hourly."""
    _give_password(cast.officer)
    key, client = give_key(cast.officer), Client()
    set_end(cast.officer, ends_at=timezone.now())
    if way == "password":
        answer = client.post("/accounts/login/", {"login": "officer", "password": WORD}, follow=True)
    else:
        client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
        given = {"credential": key.answer(client, verified=True)}
        answer = client.post("/accounts/2fa/webauthn/login/", given, follow=True)
    assert "This account has ended" in answer.content.decode()
    assert "_auth_user_id" not in client.session and "account_login" not in client.session
    assert _actions() == ["sign_in_failed"]
    set_end(cast.officer, ends_at=timezone.now() + timedelta(seconds=60))
    assert _try(client, WORD) == 302 and "account_login" in client.session


@pytest.mark.records
def test_a_failure_counts_though_others_are_counted_and_forgotten_in_between(cast: Cast) -> None:
    """The row is not there, then another's is in the way, then that is gone."""
    tried: list[str] = []

    def in_between(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith('INSERT INTO "axes_accessattempt"') and not tried:
            tried.append(sql)
            execute(sql, *rest)
        return execute(sql, *rest)

    with connection.execute_wrapper(in_between):
        assert _try(Client(), "wrong") == 200
    assert tried and AccessAttempt.objects.get().failures_since_start == 1


@pytest.mark.parametrize(("key", "back"), [("active", 16 * 60), ("began", 12 * 3600 + 60)])
def test_a_session_ends_by_itself(key: str, back: int, cast: Cast, as_role: AsRole) -> None:
    client = as_role("officer")
    assert client.get("/").status_code == 200
    session = client.session
    session[key] -= back
    session.save()
    assert client.get("/").status_code == 302
    assert _actions()[-2:] == ["session_ended", "signed_out"]


def test_a_live_screens_poll_is_no_activity(cast: Cast, as_role: AsRole) -> None:
    client = as_role("officer")
    client.get("/")
    session = client.session
    session["active"] -= 600
    session.save()
    before = session["active"]
    client.get("/hits/live/", headers={"X-Platekeeper-Poll": "1"})
    client.get(f"/hits/{make_hit(cast, image=JPEG).pk}/image/")  # that a browser fetches for what came in
    client.get("/tiles/1/1/1/")
    assert client.session["active"] == before
    client.get("/hits/")
    assert client.session["active"] > before


def test_whoever_types_is_active_and_nothing_more_is_kept_of_it(cast: Cast, as_role: AsRole) -> None:
    client = as_role("officer")
    client.get("/")
    session, known = client.session, LedgerEntry.objects.count()
    began, active = session["began"], session["active"] - 600
    session["active"] = active
    session.save()
    assert client.post("/still-here/").status_code == 204
    assert (client.session["began"], LedgerEntry.objects.count()) == (began, known)
    assert client.session["active"] > active
    session["active"] -= 16 * 60
    session.save()
    assert client.post("/still-here/").headers["Location"] == "/accounts/login/"  # it comes too late
    assert _actions()[-2:] == ["session_ended", "signed_out"]


def test_a_page_asked_for_after_the_lock_is_come_back_to(cast: Cast, as_role: AsRole) -> None:
    poll = {"X-Platekeeper-Poll": "1", "HX-Request": "true", "HX-Current-URL": "http://testserver/hits/"}
    asked: tuple[tuple[Callable[[Client], Any], str], ...] = (
        (lambda client: client.get("/tours/?over=1"), "/accounts/login/?next=/tours/%3Fover%3D1"),
        (lambda client: client.get("/hits/live/", headers=poll), "/accounts/login/?next=/hits/"),
        (lambda client: client.post("/tours/", {}), "/accounts/login/"),
    )
    for asks, leads in asked:
        client = as_role("officer")
        client.get("/")
        session = client.session
        session["active"] -= 16 * 60
        session.save()
        answer = asks(client)
        assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == leads


def test_disabling_an_account_ends_its_sessions_at_once(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    officer.get("/")
    assert Session.objects.exists()
    stepped_up(as_role("chief")).post(f"/people/{cast.officer.pk}/disable/")
    assert officer.get("/").status_code == 302


def test_who_governs_signs_somebody_out_everywhere(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    officer.get("/")
    stepped_up(as_role("chief")).post(f"/people/{cast.officer.pk}/end-sessions/")
    assert officer.get("/").headers["Location"].startswith("/accounts/login/")
    assert stepped_up(as_role("administrator")).post(f"/people/{cast.officer.pk}/end-sessions/").status_code == 403


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("HarborFallsPolice2026", False),
        ("platekeeper-12345", False),
        ("SheriffPassword!!", False),
        ("q1w2e3r4t5y6", False),  # among the 20,000 that come with Django
        ("officer officer", False),
        ("a long and quiet word", True),
        ("police horses eat apples", True),
    ],
)
def test_passwords_that_are_tried_first_are_refused(password: str, taken: bool, cast: Cast) -> None:
    try:
        validate_password(password, cast.officer)
    except ValidationError:
        assert not taken
    else:
        assert taken


def test_a_change_of_roles_asks_for_the_password_again(cast: Cast, as_role: AsRole) -> None:
    _give_password(cast.chief)
    answer = as_role("chief").post(f"/people/{cast.rookie.pk}/grant-inquiries/")
    assert answer.status_code == 302
    assert "/accounts/reauthenticate/" in answer.headers["Location"]
    assert not cast.rookie.grants.exists()


def test_a_password_that_somebody_else_made_is_replaced_before_anything_else(cast: Cast) -> None:
    _give_password(cast.officer, made=True)
    client = Client()
    _try(client, WORD)
    for address in ("/", "/hits/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/reauthenticate/"):
        assert client.get(address).headers["Location"] == "/accounts/password/change/"
    assert client.post("/hits/1/step/stopped/").headers["Location"] == "/accounts/password/change/"
    page = client.get("/accounts/password/change/").content.decode()
    assert page.count("Somebody else made the password") == 1
    assert "the password you have" in _change_password(client, to=WORD)
    assert client.get("/").status_code == 302
    _change_password(client, to="one of my own words")
    assert client.get("/").headers["Location"] == "/accounts/2fa/"
    assert not Person.objects.get(pk=cast.officer.pk).must_set_password
    assert "Somebody else made" not in client.get("/accounts/password/change/").content.decode()
    assert _try(Client(), WORD) == 200  # the old one opens nothing


def _change_password(client: Client, *, to: str) -> str:
    typed = {"oldpassword": WORD, "password1": to, "password2": to}
    return client.post("/accounts/password/change/", typed).content.decode()


def test_nobody_signs_up(cast: Cast) -> None:
    assert Client().get("/accounts/signup/").status_code in {302, 404}


def test_each_use_of_a_session_is_noted_but_not_what_comes_in_dozens(cast: Cast) -> None:
    client = signed_in(cast.officer)
    client.get("/")
    noted = UserSession.objects.get(user=cast.officer)
    client.get("/tours/")
    client.get("/hits/live/", headers={"X-Platekeeper-Poll": "1"})
    noted.refresh_from_db()
    first = noted.last_seen_at
    session = client.session
    session["active"] -= 16
    session.save()
    client.get("/hits/live/", headers={"X-Platekeeper-Poll": "1"})
    noted.refresh_from_db()
    assert noted.last_seen_at == first
    client.get("/tours/")
    noted.refresh_from_db()
    assert noted.last_seen_at > first


def test_a_session_with_another_key_is_noted_at_once_and_can_be_ended(cast: Cast) -> None:
    client = signed_in(cast.officer)
    client.get("/")
    session = client.session
    session.cycle_key()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    assert client.get("/tours/", headers={"X-Platekeeper-Poll": "1"}).status_code == 200
    manage_people.set_active(footing(cast.chief, at=timezone.now()), person=cast.officer, active=False)
    assert client.get("/tours/").status_code == 302
