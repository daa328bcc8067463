"""A fresh department in a browser, on a phone: from the empty install to the adopted policy in one sitting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from platekeeper.core.blanks import BLANKS
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures import receive_reads
from platekeeper.server.procedures.found_department import found_department
from platekeeper.server.storage.home import Home
from tests.days import today
from tests.looking import does_not_scroll_sideways
from tests.web.factors import code

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long and quiet word"


@pytest.fixture
def phone(own_home: Home, chromium: Browser, live_server: LiveServer) -> Callable[[], Page]:
    """Found a department, and return a function that opens a phone before its login page."""
    found_department(
        name="Mill Creek", kind="sheriff_office", zone="America/New_York", first_person_name="Sam Sheriff",
        username="sam", password=PASSWORD, at=datetime.now(UTC),
    )  # fmt: skip

    def open_phone() -> Page:
        page = chromium.new_context(viewport={"width": 360, "height": 740}, base_url=str(live_server)).new_page()
        page.goto("/")
        page.get_by_label("Login").fill("sam")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Set up an app").click()
        page.get_by_label("Authenticator code").fill(code(page.locator("code").inner_text()))
        page.get_by_role("button", name="Set it up").click()
        page.get_by_role("link", name="I have them").click()
        page.get_by_role("heading", name="Hello, Sam Sheriff").wait_for()
        return page

    return open_phone


def test_from_empty_to_adopted_on_a_phone(phone: Callable[[], Page], live_server: LiveServer) -> None:
    page = phone()
    lpr = equipment.add_lpr(name="Bridge", kind=LPR.Kind.FIXED, zone="UTC", at=datetime.now(UTC))
    key = equipment.issue_key(lpr, at=datetime.now(UTC))

    def send() -> int:
        read = {"plate": "ABC1234", "captured_at": datetime.now(UTC).isoformat()}
        headers = {"Authorization": f"Bearer {key}"}
        return page.request.post(f"{live_server}/api/reads", data=read, headers=headers).status

    assert send() == 409  # no blank is filled, so no read is taken
    for address, clause in (("/queries/", "IV.b"), ("/tours/", "IV.a")):
        page.goto(address)
        assert page.get_by_role("alert").inner_text().startswith(clause)
        expect(page.get_by_role("link", name="Fill")).to_have_count(1)

    page.goto("/policy/")
    page.get_by_role("link", name="Start from a profile").click()
    page.get_by_role("button", name="New York model policy").click()
    begun = today()
    said = {"header.effective": f"{begun}", "header.review": f"{today(300)}", "header.section": "12"}
    taps = 0
    while "/blanks/" in page.url:
        asked = page.url.split("/")[-2]
        if asked in said:
            page.locator("[name=value]").fill(said[asked])
        page.get_by_role("button", name="and go on").click()
        taps += 1
        assert taps < 2 * len(BLANKS)
        does_not_scroll_sideways(page)
    page.get_by_role("button", name="Put up for review").click()
    page.get_by_role("button", name="Adopt version 1").click()
    adopted = page.get_by_text("Version 1 is adopted")
    expect(adopted.or_(page.get_by_label("Password"))).to_be_visible()
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
    expect(adopted).to_be_visible()
    if begun == today():
        assert send() == 200
    receive_reads.close_intakes()
    page.context.close()
