"""Pages about people that come of a press, in Chromium: a file imported, first passwords, a person with everything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Page, expect

from platekeeper.server.personnel.models import Grant
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import footing
from tests.cast import Cast
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[..., Page]
WIDTHS = pytest.mark.parametrize("width", [1280, 360])
FILE = (
    "name,username,kind,badge,positions,since,until,agency\n"
    "Maya Okafor,mokafor,member,114,Patrol Officer|Harbor Master,2020-01-01,,\n"
    "Lee Wu,lwu,outside,,,,,Mill County Sheriff's Office\n"
)


def _chief(browse: Browse, cast: Cast, width: int) -> Page:
    """Open a browser in which the Chief's password was asked for just now."""
    page = browse("chief", width=width)
    session = SessionStore(page.context.cookies()[0]["value"])
    session["account_authentication_methods_user"] = str(cast.chief.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return page


@WIDTHS
def test_a_file_is_shown_and_imported(width: int, cast: Cast, browse: Browse, tmp_path: Path) -> None:
    page, file = _chief(browse, cast, width), tmp_path / "people.csv"
    page.goto("/people/")
    page.get_by_role("link", name="Import a file").click()
    for content, name in ((FILE.replace("114", "1" * 30), "faults"), (FILE + "A,officer,staff,,,,,\n", "stopped")):
        file.write_text(content)
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Show what it would do").click()
        expect(page.get_by_role("alert")).to_have_count(1)
        look(page, f"people-import-{name}-{width}")
        page.goto("/people/import/")
    file.write_text(FILE)
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show what it would do").click()
    look(page, f"people-import-plan-{width}")
    page.get_by_role("button", name="Import").click()
    look(page, f"people-imported-{width}")
    expect(page.get_by_role("row")).to_have_count(3)


@WIDTHS
def test_somebody_is_added_by_keyboard_and_handed_a_first_password(width: int, cast: Cast, browse: Browse) -> None:
    page = _chief(browse, cast, width)
    page.goto("/people/add/")
    page.get_by_label("Name", exact=True).focus()
    for typed in ("Nell New", "nell"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.get_by_label("Badge").press("Enter")
    look(page, f"person-added-{width}")
    page.get_by_role("link", name="Go on to their positions").click()
    page.get_by_label("Position", exact=True).select_option("Detective")
    page.get_by_role("button", name="Give the position").click()
    expect(page.get_by_text("The position is given.")).to_be_visible()
    look(page, f"person-new-{width}")


@WIDTHS
def test_a_person_with_everything(width: int, cast: Cast, browse: Browse) -> None:
    chief, temp = footing(cast.chief, at=timezone.now()), cast.temp
    manage_people.authorize_staff(chief, person=temp)
    manage_people.end_grant(chief, person=temp, kind=Grant.Kind.STAFF_ACCESS)
    manage_people.authorize_staff(chief, person=temp)
    days = {"since": chief.today + timedelta(days=3), "until": chief.today + timedelta(days=9)}
    manage_people.give_position(chief, person=temp, title="Auditor", **days)
    manage_people.set_last_day(chief, person=temp, last_day=chief.today + timedelta(days=40))
    page = _chief(browse, cast, width)
    page.goto(f"/people/{temp.pk}/")
    look(page, f"person-everything-{width}")
    page.get_by_role("button", name=re.compile("End it now.*Auditor")).click()
    expect(page.get_by_text("The position has ended")).to_be_visible()
    page.get_by_role("button", name="Disable the account").click()
    look(page, f"person-disabled-{width}")


@WIDTHS
def test_a_first_password_is_replaced_first(width: int, cast: Cast, browse: Browse) -> None:
    cast.rookie.must_set_password = True
    cast.rookie.set_password("made by somebody else")
    cast.rookie.save()
    page = browse("rookie", width=width)
    page.goto("/hits/")
    assert page.url.endswith("/accounts/password/change/")
    look(page, f"password-first-{width}")
    for label in ("New Password", "New Password (again)"):
        page.get_by_label(label, exact=True).fill("my own quiet word")
    page.get_by_label("Current Password").fill("made by somebody else")
    page.get_by_role("button", name="Change it").click()
    page.wait_for_url("**/")
    look(page, f"password-changed-{width}")
