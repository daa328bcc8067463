"""The menu in Chromium: opened by keyboard, one group at a time, closed by Escape or a press elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_menu_by_keyboard(width: int, cast: Cast, visit: Callable[..., Page]) -> None:
    page = visit("chief", width=width)
    page.goto("/policy/")
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link", name="Clause register")).to_be_hidden()
    oversight = menu.get_by_text("Oversight", exact=True)
    oversight.focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Clause register")).to_be_visible()
    look(page, f"menu-open-{width}")
    menu.get_by_text("Department", exact=True).click()
    expect(menu.get_by_role("link", name="Clause register")).to_be_hidden()
    expect(menu.get_by_role("link", name="Policy", exact=True)).to_have_attribute("aria-current", "page")
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Policy", exact=True)).to_be_hidden()
    oversight.click()
    page.locator(".footer").click()
    expect(menu.get_by_role("link", name="Clause register")).to_be_hidden()


def test_the_menu_says_where_one_is_below_a_page_that_stands_alone(cast: Cast, visit: Callable[..., Page]) -> None:
    page = visit("officer")
    page.goto("/queries/requests/new/")
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Search requests")
    expect(link).to_have_attribute("aria-current", "true")
    link.click()
    expect(link).to_have_attribute("aria-current", "page")


def test_on_a_phone_it_is_one_row_that_begins_where_one_is(cast: Cast, visit: Callable[..., Page]) -> None:
    page = visit("chief", width=360)
    page.goto("/policy/")
    menu = page.get_by_role("navigation", name="Pages")
    heights = {round(each.bounding_box()["y"]) for each in menu.locator("> *").all()}  # type: ignore[index]
    assert len(heights) == 1
    for group, link in (("Department", "Training"), ("Searches", "Stake-outs")):
        menu.get_by_text(group, exact=True).click()
        offered = menu.get_by_role("link", name=link, exact=True)
        expect(offered).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollX") == 0
        page.keyboard.press("Escape")
    menu.evaluate("menu => menu.scrollTo(0, 0)")
    page.reload()
    expect(menu.get_by_text("Department", exact=True)).to_be_in_viewport(ratio=1)
