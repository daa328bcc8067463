"""The Chief bars a place and deals with a violation, on a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.cast import Cast
from tests.looking import look_at
from tests.web.access.barred import CLINIC
from tests.web.access.violations import violated
from tests.web.test_screens import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_chief_bars_a_place_and_takes_a_step(cast: Cast, visit: Visit) -> None:
    page = visit("chief", width=360)
    page.goto(reverse("barred_places"))
    look_at(page, "barred_places_chief-360")
    page.get_by_label("Name").fill("St. Mary's")
    page.get_by_label("Why").fill("Worship without fear.")
    page.get_by_label("Area", exact=True).fill(CLINIC)
    page.get_by_role("button", name="Which LPRs stand inside?").click()
    expect(page.get_by_role("heading", name="Bar St. Mary's?")).to_be_visible()
    expect(page.locator("#map path[stroke-dasharray='4 4']")).to_have_count(1)
    look_at(page, "barred_look_chief-360")
    page.get_by_role("button", name="Bar it").click()
    expect(page.get_by_role("rowheader", name="St. Mary's")).to_be_visible()
    page.goto(reverse("violation", args=[violated(cast).pk]))
    look_at(page, "violation_chief-360")
    page.get_by_label("Step").select_option("measure")
    page.get_by_label("In words").fill("Access suspended for a month.")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Access suspended for a month.")).to_be_visible()
