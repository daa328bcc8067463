"""Barred places on the map: whoever sees the page sees them drawn and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.bar_places import let_collect
from tests.cast import Cast
from tests.web.access.barred import barred


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["chief", "auditor"])
def test_what_is_barred_is_drawn_and_named_until_it_ends(role: str, cast: Cast, browse: Callable[..., Page]) -> None:
    place = barred(cast)
    page = browse(role, width=360)
    page.goto("/barred-places/")
    expect(page.locator("#map path[stroke-dasharray='4 4']")).to_have_count(1)
    expect(page.locator("#map .leaflet-tooltip", has_text="Canal Street Clinic")).to_be_visible()
    let_collect(footing(cast.chief, at=datetime.now(UTC)), place)
    page.reload()
    expect(page.locator("#map .leaflet-tooltip", has_text="Bridge Street east")).to_be_visible()
    expect(page.locator("#map path[stroke-dasharray='4 4']")).to_have_count(0)


@pytest.mark.django_db
def test_places_come_by_name(cast: Cast, as_role: Callable[[str], Client]) -> None:
    for name in ("Night Shelter", "Bethany Church", "Mill Clinic"):
        barred(cast, name=name)
    page = as_role("chief").get("/barred-places/").content.decode()
    assert re.findall(r'<th scope="row">([^<]+)', page) == ["Bethany Church", "Mill Clinic", "Night Shelter"]
