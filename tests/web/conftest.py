"""Screens: the cast, signed in; and Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import Settings

from platekeeper.server.procedures import receive_reads
from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble
from tests.recovery import give_recovery_key
from tests.web.making import signed_in

_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
def own_home(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Found a home that is the test's own; the test is marked `django_db`."""
    settings.HOME = Home(tmp_path_factory.mktemp("home"))
    settings.HOME.found()
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "ledger@example.org"
    yield
    receive_reads.close_intakes()


@pytest.fixture
def cast(own_home: None) -> Cast:
    """Assemble the cast in a home of its own."""
    made = assemble()
    give_recovery_key()
    return made


@pytest.fixture
def as_role(cast: Cast) -> Callable[[str], Client]:
    """Return a client signed in as a role."""
    return lambda role: signed_in(cast.people()[role])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, live_server: object, as_role: Callable[[str], Client]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own for a role; console errors and CSP reports fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_as(role: str, *, width: int = 1280) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=str(live_server))
        contexts.append(context)
        cookie = as_role(role).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not problems, problems
