"""The public's page in Chromium: it can be read by anybody, on a phone too, without signing in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.cast import Cast
from tests.looking import look_at
from tests.web.access.publishing import PERIOD, published
from tests.web.access.query_log import searched
from tests.web.test_screens import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_report_is_read_without_an_account(cast: Cast, visit: Visit) -> None:
    for purpose, count in (("stolen", 40), ("wanted", 9), ("missing", 2)):
        for _ in range(count):
            searched(cast, purpose=purpose, at=datetime(2026, 2, 3, 12, tzinfo=UTC))
    page = visit("auditor", width=1280)
    page.goto(f"{reverse('report_draft')}?first={PERIOD['first']}&last={PERIOD['last']}&places=on")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not published")
    look_at(page, "report_draft_filled-1280")
    number = published(cast).pk
    page.context.clear_cookies()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for name, arguments in (("transparency", []), ("transparency_report", [number])):
            page.goto(reverse(name, args=arguments))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            look_at(page, f"{name}-{width}", axe=width == 360)
