"""A second press on a button makes no second of what the first makes, and the form can be sent again once its answer came."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from platekeeper.server.oversight.models import Complaint
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def _write(page: Page, *, plate: str = "") -> None:
    for label in ("Who complains", "How to reach them", "What happened"):
        page.get_by_label(label).fill("Wendy")
    page.get_by_label("Plate").fill(plate)


def test_two_presses_while_the_answer_is_awaited_make_one(cast: Cast, browse: Callable[..., Page]) -> None:
    page, held = browse("sergeant"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.goto("/complaints/new/")
    _write(page)
    page.route("**/complaints/new/", hold)
    # by script: Playwright's own click waits for the answer, which is held back here
    page.get_by_role("button", name="Enter it").evaluate(
        "(button) => [0, 200].forEach((ms) => setTimeout(() => button.click(), ms))"
    )
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("link", name="Find the hit")).to_be_visible()
    assert Complaint.objects.count() == 1


def test_a_form_is_sent_again_once_it_came_back_or_somebody_went_back_to_it(
    cast: Cast, browse: Callable[..., Page]
) -> None:
    page = browse("sergeant")
    page.goto("/complaints/new/")
    _write(page, plate="!")
    page.get_by_role("button", name="Enter it").dblclick()
    expect(page.locator(".errorlist")).to_be_visible()
    _write(page)
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("link", name="Find the hit")).to_be_visible()
    page.goto("/complaints/new/")
    for made in (2, 3):
        _write(page)
        page.get_by_role("button", name="Enter it").click()
        expect(page.get_by_role("link", name="Find the hit")).to_be_visible()
        assert Complaint.objects.count() == made
        page.go_back()


def test_a_search_that_was_stopped_is_asked_again(cast: Cast, browse: Callable[..., Page]) -> None:
    page, held = browse("detective"), list[Route]()

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.goto("/queries/")
    page.route("**/queries/", hold)
    ask = page.get_by_role("button", name="Search", exact=True)
    ask.evaluate("""(ask) => {
      const stop = document.querySelector(".asking button");
      [ask, ask, stop].forEach((button, at) => setTimeout(() => { button.focus(); button.click(); }, 300 * at));
    }""")
    expect(page.get_by_role("status").filter(has_text="Stopped.")).to_be_visible()
    expect(ask).to_be_focused()  # the button that was pressed is gone
    ask.evaluate("(ask) => ask.click()")
    page.wait_for_timeout(1_500)
    assert len(held) == 2, "before it was stopped one, after it one"
