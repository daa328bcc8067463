"""People from a file: shown first, then added all together; and the first password, which is replaced."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page

from platekeeper.core.people_file import COLUMNS, LARGEST
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.web.people_import import MEANINGS
from tests.cast import Cast
from tests.looking import look_at
from tests.web.making import past_second_factor, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
CHANGE = "/accounts/password/change/"
OWN = "my own quiet word"
FILE = (
    "name,username,kind,positions,agency\n"
    "Maya Okafor,mokafor,member,Patrol Officer|Detective,\n"
    "Lee Wu,lwu,outside,,Mill County Sheriff's Office\n"
)


def _upload(client: Client, content: str | bytes) -> str:
    file = SimpleUploadedFile("people.csv", content.encode() if isinstance(content, str) else content, "text/csv")
    answer = client.post("/people/import/", {"file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def _shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found
    return found[1]


def _run(client: Client, shown: str) -> str:
    return client.post("/people/import/run/", {"shown": shown}).content.decode()


def _passwords(page: str) -> list[str]:
    return re.findall(r"[0-9a-f]{4}(?:-[0-9a-f]{4}){3}", page)


def _sign_in(username: str, password: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": password})
    return past_second_factor(client) if "_auth_user_id" in client.session else client


def _give_password(person: Person, password: str, *, must_set_password: bool = False) -> None:
    person.password, person.must_set_password = make_password(password), must_set_password
    person.save()


def _change(client: Client, old: str, new: str) -> int:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new}).status_code


def test_a_file_is_shown_then_imported(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    page = _upload(chief, FILE)
    assert "2 people in the file" in page
    assert "Import these 2 people" in page
    assert not _passwords(page)
    assert not Person.objects.filter(username="mokafor").exists()
    assert len(_passwords(_run(chief, _shown(page)))) == 2
    maya = Person.objects.get(username="mokafor")
    assert {held.position.title for held in maya.holdings.all()} == {"Patrol Officer", "Detective"}
    assert Person.objects.get(username="lwu").agency.name == "Mill County Sheriff's Office"
    assert LedgerEntry.objects.filter(action="people_imported").get().content()["details"]["people"] == 2


def test_the_first_password_works_once_and_is_replaced_by_ones_own(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    first = _passwords(_run(chief, _shown(_upload(chief, FILE))))[0]
    client = _sign_in("mokafor", first)
    assert client.get("/").headers["Location"] == CHANGE
    assert "Somebody else made the password" in client.get(CHANGE).content.decode()
    assert _change(client, first, first) == 200
    assert Person.objects.get(username="mokafor").must_set_password
    answer = client.post(CHANGE, {"oldpassword": first, "password1": OWN, "password2": OWN})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert not Person.objects.get(username="mokafor").must_set_password
    assert LedgerEntry.objects.filter(action="password_changed").count() == 1
    assert _sign_in("mokafor", first).get("/").headers["Location"].startswith("/accounts/login/")
    assert _sign_in("mokafor", OWN).get("/").status_code == 200


def test_people_outside_replace_their_first_password_too(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    second = _passwords(_run(chief, _shown(_upload(chief, FILE))))[1]
    assert _sign_in("lwu", second).get("/").headers["Location"] == CHANGE


def test_the_first_password_opens_nothing_else(cast: Cast, as_role: AsRole) -> None:
    _give_password(cast.officer, "a first word", must_set_password=True)
    officer = as_role("officer")
    for address in (
        "/",
        "/hits/",
        "/hits/live/",
        "/tours/",
        "/policy/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/no/",
    ):
        assert officer.get(address).headers["Location"] == CHANGE
    assert officer.post("/tours/").headers["Location"] == CHANGE
    assert officer.get(CHANGE).status_code == 200
    assert officer.post("/accounts/logout/").status_code == 302


def test_nobody_chooses_the_password_they_have(cast: Cast, as_role: AsRole) -> None:
    _give_password(cast.officer, OWN)
    officer = as_role("officer")
    same = {"oldpassword": OWN, "password1": OWN, "password2": OWN}
    assert "This is the password you have" in officer.post(CHANGE, same).content.decode()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A,officer,member,,", "login name is taken"),
        ("A,OFFICER,member,,", "login name is taken"),
        ("A,a,outside,,Atlantis", "There is no other agency"),
    ],
)
def test_a_line_that_stands_in_the_way_stops_all(line: str, said: str, cast: Cast, as_role: AsRole) -> None:
    page = _upload(as_role("chief"), FILE + line + "\n")
    assert said in page
    assert "One line stands in the way." in page
    assert 'href="#line-4"' in page
    assert 'name="shown"' not in page


def test_faults_of_the_file_are_listed(cast: Cast, as_role: AsRole) -> None:
    page = _upload(as_role("chief"), "name,username,kind\n,a,staff\nB,b c,robot\n")
    assert "Nothing was imported." in page
    assert page.count("<li>Line") == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "submitted file is empty"), (b"\n\n", "The file is empty"), (b"x" * (LARGEST + 9), "is larger than")],
)
def test_what_is_no_file_of_people_is_said(content: bytes, said: str, cast: Cast, as_role: AsRole) -> None:
    assert said in _upload(as_role("chief"), content)


def test_no_file_at_all_is_said(cast: Cast, as_role: AsRole) -> None:
    assert "This field is required" in as_role("chief").post("/people/import/").content.decode()


def test_what_a_file_says_is_text_and_no_markup(cast: Cast, as_role: AsRole) -> None:
    page = _upload(as_role("chief"), "name,username,kind,positions\n<b>A</b>,a,staff,<i>x</i>\n")
    assert "<b>A" not in page
    assert "<i>x" not in page


def test_a_position_that_the_policy_does_not_name_is_noted_and_made(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    page = _upload(chief, "name,username,kind,positions,since\nA,a,staff,Harbor Master,2020-01-01\n")
    assert "does not name “Harbor Master”" in page
    assert "held from today" in page
    assert "One person is added" in _run(chief, _shown(page))
    assert [held.position.title for held in Person.objects.get(username="a").holdings.all()] == ["Harbor Master"]


def test_what_was_not_shown_is_not_imported(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    shown = _shown(_upload(chief, FILE))
    for tampered in ("", "x", f"{shown}x", f"x{shown}", shown.replace(":", "A:", 1)):
        assert "not the file that was shown" in _run(chief, tampered)
    assert not Person.objects.filter(username="mokafor").exists()


def test_what_was_shown_to_somebody_else_is_not_imported(cast: Cast, as_role: AsRole) -> None:
    shown = _shown(_upload(as_role("chief"), FILE))
    cast.sergeant.holdings.update(position=cast.chief.holdings.get().position)
    assert "not the file that was shown" in _run(stepped_up(as_role("sergeant")), shown)


def test_the_passwords_are_shown_once(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    shown = _shown(_upload(chief, FILE))
    answer = chief.post("/people/import/run/", {"shown": shown})
    assert answer.headers["Cache-Control"] == "no-store"
    again = _run(chief, shown)
    assert "Something has changed" in again
    assert not _passwords(again)
    assert Person.objects.filter(username="mokafor").count() == 1


def test_a_name_taken_meanwhile_adds_nobody(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    shown = _shown(_upload(chief, FILE))
    Person.objects.create(username="LWU", name="x", kind="staff", agency=cast.department, added_at=cast.chief.added_at)
    assert "Something has changed" in _run(chief, shown)
    assert not Person.objects.filter(username="mokafor").exists()


def test_importing_asks_for_the_password_again_and_goes_on_from_there(cast: Cast, as_role: AsRole) -> None:
    _give_password(cast.chief, OWN)
    chief = as_role("chief")
    answer = chief.post("/people/import/run/", {"shown": _shown(_upload(chief, FILE))})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not Person.objects.filter(username="mokafor").exists()
    assert len(_passwords(chief.post(answer.headers["Location"], {"password": OWN}).content.decode())) == 2


def test_every_column_is_explained(cast: Cast, as_role: AsRole) -> None:
    assert tuple(MEANINGS) == COLUMNS
    page = as_role("chief").get("/people/import/").content.decode()
    example = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert example
    assert "3 people in the file" in _upload(as_role("chief"), example[1].replace("&#x27;", "'"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_the_way_through_in_a_browser(width: int, cast: Cast, browse: Callable[..., Page]) -> None:
    _give_password(cast.chief, OWN)
    page = browse("chief", width=width)
    _choose(page, "name,username,kind,agency\n,a,staff,\nB,b c,robot,\nC,c,outside,\n")
    look_at(page, f"import-faults-{width}")
    _choose(page, FILE + "Olive,OFFICER,member,Patrol officer,\n")
    look_at(page, f"import-stopped-{width}")
    _choose(page, FILE + "Pat Poe,ppoe,staff,Crime analyst|Harbor Master,\n")
    look_at(page, f"import-plan-{width}")
    page.get_by_role("button", name="Import these 3 people").click()
    page.get_by_label("Password").fill(OWN)
    page.locator("main button[type=submit]").click()
    page.get_by_role("heading", name="3 people are added").wait_for()
    look_at(page, f"import-done-{width}")
    first = page.locator("tbody tr").first.locator("td").last.inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.locator("[name=login]").fill("mokafor")
    page.locator("[name=password]").fill(first)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**{CHANGE}")
    look_at(page, f"import-first-password-{width}")
    page.locator("[name=oldpassword]").fill(first)
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(OWN)
    page.get_by_role("button", name="Change it").click()
    page.get_by_role("heading", name="Second factor").wait_for()
    assert not Person.objects.get(username="mokafor").must_set_password


def _choose(page: Page, text: str) -> None:
    page.goto("/people/import/")
    page.locator("[type=file]").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Show what it would do").click()
    page.locator("h1").wait_for()
