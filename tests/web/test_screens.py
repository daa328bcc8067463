"""Every page in Chromium: no axe findings, no sideways scroll, nothing against the Content-Security-Policy.

`PLATEKEEPER_SHOTS=DIR` writes a picture of each, at laptop and at phone width.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.looking import look_at
from tests.web.table import Row, rows

pytestmark = pytest.mark.django_db(transaction=True)

_FILES = {
    "bundle_receipt",
    "case_image",
    "defect_photo",
    "disposal_pdf",
    "entries_told_strip",
    "hit_image",
    "hit_live",
    "hits_live",
    "ledger_checked",
    "ledger_proof",
    "ledger_verifier",
    "mou_document",
    "order_document",
    "policy_file",
    "query_alike",
    "register_json",
    "register_pdf",
    "tile",
}  # no pages
PAGES = [row for row in rows().values() if row.method == "get" and row.allowed and row.name not in _FILES]
LIBRARYS = ("/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/")
Visit = Callable[..., Page]


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_a_page_can_be_used_by_everybody(row: Row, cast: Cast, visit: Visit) -> None:
    page = visit(sorted(row.allowed)[0], width=1280)
    page.goto(row.address(cast))
    look(page, f"{row.name}-1280")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, f"{row.name}-360")


@pytest.mark.parametrize("address", LIBRARYS)
def test_the_librarys_pages_are_in_our_dress(address: str, cast: Cast, visit: Visit) -> None:
    page = visit("officer", width=360)
    page.goto(address)
    look(page, address.strip("/").replace("/", "-"))


def test_the_login_page(cast: Cast, visit: Visit) -> None:
    page = visit("officer", width=360)
    page.context.clear_cookies()
    page.goto("/")
    assert "/accounts/login/" in page.url
    expect(page.get_by_label("Login name")).not_to_have_attribute("placeholder", re.compile("."))  # it has one name
    look(page, "login")


def look(page: Page, name: str) -> None:
    """Hold the page before us to what holds of every page."""
    look_at(
        page, name, axe=page.evaluate("innerWidth") == 360
    )  # the same page is wider on a laptop; axe is the slow part
