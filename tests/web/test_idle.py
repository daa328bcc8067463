"""Whoever types is not signed out, and is told before the screen locks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect

from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[..., Page]
MINUTE = 60_000
"""Milliseconds."""


def _active(page: Page, *, back: int = 0) -> float:
    """Return when the server heard last of somebody, moved back by so many seconds."""
    [key] = [each["value"] for each in page.context.cookies() if each["name"] == "sessionid"]
    session = SessionStore(key)
    session["active"] -= back
    session.save()
    return float(session["active"])


def test_who_types_is_active_at_most_once_a_minute(cast: Cast, browse: Browse) -> None:
    page, told = browse("sergeant"), list[str]()
    page.clock.install()
    page.goto("/complaints/new/")
    page.on("request", lambda request: told.append(request.url))
    before = _active(page, back=600)
    typed = page.get_by_label("What happened")
    typed.press_sequentially("I was")
    page.clock.run_for(MINUTE + 1)
    assert not told
    with page.expect_response("**/still-here/") as heard:
        typed.press_sequentially(" stopped")
    assert heard.value.status == 204
    assert _active(page) > before
    assert len(told) == 1
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_lock_is_said_two_minutes_before_and_a_key_puts_it_off(cast: Cast, browse: Browse) -> None:
    page = browse("sergeant", width=360)
    page.clock.install()
    page.goto("/complaints/new/")
    page.get_by_label("What happened").fill("I was stopped")
    page.clock.run_for(12 * MINUTE)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.run_for(MINUTE + 6000)
    expect(page.get_by_role("alert")).to_contain_text("You are signed out in two minutes")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Shift")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.run_for(15 * MINUTE + 6000)
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    before = _active(page, back=16 * 60)
    with page.expect_response("**/still-here/") as heard:
        page.keyboard.press("Shift")
    assert heard.value.status == 302
    assert before
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    expect(page.get_by_label("What happened")).to_have_value("I was stopped")
