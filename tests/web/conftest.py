"""Screens: the cast, signed in, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Frame, Page
from pytest_django import Settings

from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.recovery import give_recovery_key
from tests.web.making import signed_in


@pytest.fixture
def own_home(own_home: Home, settings: Settings) -> Home:
    """Tell the home's department whom it mails through."""
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "ledger@example.org"
    return own_home


@pytest.fixture
def cast(cast: Cast) -> Cast:
    give_recovery_key()
    return cast


@pytest.fixture
def as_role(cast: Cast) -> Callable[[str], Client]:
    """Return a client signed in as a role."""
    return lambda role: signed_in(cast.people()[role])


@pytest.fixture
def browse(chromium: Browser, live_server: object, as_role: Callable[[str], Client]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own for a role; console errors and CSP reports fail the test, but for
    those that match what the test `expects`."""
    with ExitStack() as stack:

        def open_as(role: str, *, width: int = 1280, expects: str = "") -> Page:
            context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=str(live_server))
            stack.callback(context.close)
            _sign_in(context, as_role(role), str(live_server))
            page = context.new_page()
            stack.enter_context(_without_problems(page, expects=expects))
            return page

        yield open_as


@pytest.fixture(scope="session")
def window(chromium: Browser, live_server: object) -> Page:
    """Open a window in which one page after the other is looked at: a new one for each takes three times the work."""
    return chromium.new_context(base_url=str(live_server)).new_page()


@pytest.fixture
def visit(window: Page, live_server: object, as_role: Callable[[str], Client]) -> Iterator[Callable[..., Page]]:
    """Return a function that gives the window to a role, for a look; console errors and CSP reports fail the test."""

    def visit_as(role: str, *, width: int = 1280) -> Page:
        window.set_viewport_size({"width": width, "height": 800})
        _sign_in(window.context, as_role(role), str(live_server))
        return window

    with _without_problems(window):
        yield visit_as
        window.evaluate("localStorage.clear(); sessionStorage.clear()")
        window.goto("about:blank")
    window.context.clear_cookies()


def _sign_in(context: BrowserContext, client: Client, server: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])


@contextmanager
def _without_problems(page: Page, *, expects: str = "") -> Iterator[None]:
    problems: list[str] = []
    addresses = {page.url}  # it may have gone on before a refusal of it is printed

    def went_on(frame: Frame) -> None:
        if frame == page.main_frame:
            addresses.add(frame.url)

    def printed(message: ConsoleMessage) -> None:
        is_refusal = message.location["url"] in addresses and "403" in message.text  # an error to Chromium, not to us
        is_expected = bool(expects) and re.search(expects, message.text) is not None
        if message.type == "error" and not is_refusal and not is_expected:
            problems.append(message.text)

    def failed(error: Error) -> None:
        problems.append(str(error))

    page.on("framenavigated", went_on)
    page.on("console", printed)
    page.on("pageerror", failed)
    yield
    page.remove_listener("framenavigated", went_on)
    page.remove_listener("console", printed)
    page.remove_listener("pageerror", failed)
    assert not problems, problems
