"""A day without events on a phone: from the login to the forwarded log in under 15 taps, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from platekeeper.server.userlog.models import DailyUserLog, LogRevision, Tour
from tests.cast import Cast
from tests.touring import hot_list_on_hand, patrol_car
from tests.web.factors import code, give_app
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[..., Page]
PASSWORD = "a phrase of some length 26"
ALL_WELL = ("general patrol", "checked: right lanes", "clean", "none")


@pytest.fixture
def page(cast: Cast, browse: Browse) -> Page:
    """Return a phone on which nobody is signed in."""
    cast.officer.set_password(PASSWORD)
    cast.officer.save(update_fields=["password"])
    give_app(cast.officer)
    patrol_car()
    hot_list_on_hand(cast, at=datetime.now(UTC))
    opened = browse("officer", width=360)
    opened.context.clear_cookies()
    opened.goto("/")
    return opened


def _forwarded(cast: Cast) -> LogRevision:
    tour, log = Tour.objects.get(), DailyUserLog.objects.get()
    assert (tour.member, tour.ended_by, tour.log) == (cast.officer, cast.officer, log)
    assert {check.answer for check in tour.checks.all()} == {"patrol", "yes", "ours"}
    return log.revisions.get()


def test_a_tour_takes_fewer_than_fifteen_taps_from_login_to_forwarded_log(cast: Cast, page: Page) -> None:
    taps = 0

    def tap(what: Locator) -> None:
        nonlocal taps
        what.click()
        taps += 1

    tap(page.get_by_label("Login name"))
    page.keyboard.type("officer")
    tap(page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    tap(page.get_by_role("button", name="Sign in", exact=True))
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(code())
    tap(page.get_by_role("button", name="Go on"))
    tap(page.get_by_role("link", name="Begin a tour"))
    expect(page.get_by_label("LPR")).not_to_have_value("")  # the only car is chosen already
    for answer in ALL_WELL:
        tap(page.get_by_label(answer, exact=True))
    look(page, "tour-begin-360")
    tap(page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", name="You are on tour with Car 3")).to_be_visible()
    look(page, "tour-open-360")
    tap(page.get_by_label("none", exact=True))
    tap(page.get_by_label("secured", exact=True))
    tap(page.get_by_role("button", name="End this tour"))
    look(page, "tour-log-360")
    tap(page.get_by_role("button", name="Complete and forward"))
    expect(page.get_by_text("The log was forwarded.")).to_be_visible()
    assert taps < 15
    assert _forwarded(cast).forwarded_by == cast.officer


def test_a_tour_by_keyboard_alone(cast: Cast, page: Page) -> None:
    def reach(name: str) -> None:
        """Press Tab until the thing of this name has the focus; a group of radio buttons is one stop."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(_NAME) == name:
                return
        raise AssertionError(f"{name} is not reached with Tab")

    reach("Login name")
    page.keyboard.type("officer")
    reach("Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Begin a tour")).to_be_visible()
    reach("Begin a tour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Begin a tour")).to_be_visible()
    for answer in ALL_WELL:
        reach(answer)
        page.keyboard.press("Space")
    reach("Begin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are on tour with Car 3")).to_be_visible()
    for answer in ("none", "secured"):
        reach(answer)
        page.keyboard.press("Space")
    reach("End this tour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Complete and forward")).to_be_visible()
    reach("Complete and forward")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The log was forwarded.")).to_be_visible()
    _forwarded(cast)


_NAME = "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()"
