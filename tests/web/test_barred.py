"""Barred places on the map: whoever sees the page sees them drawn and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.bar_places import let_collect
from platekeeper.server.reads.models import BarredPlace
from tests.cast import Cast
from tests.web.access.barred import barred
from tests.web.making import stepped_up


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


@pytest.mark.django_db(transaction=True)
def test_a_circle_is_drawn_before_and_after_it_is_barred(cast: Cast, browse: Callable[..., Page]) -> None:
    area = "circle 43.0481,-76.1474 500"
    page = browse("chief", width=360)
    page.goto("/barred-places/")
    page.get_by_label("Name").fill("Night Shelter")
    page.get_by_role("textbox", name="Area").fill(area)
    page.get_by_label("Why").fill("Care.")
    page.get_by_role("button", name="Which LPRs stand inside?").click()
    circle = page.locator("#map path[stroke-dasharray='4 4']")
    expect(circle).to_have_count(1)
    barred(cast, name="Night Shelter", area=area)
    page.goto("/barred-places/")
    expect(circle).to_have_count(1)
    expect(page.locator("#map .leaflet-tooltip", has_text="Night Shelter")).to_be_visible()


@pytest.mark.django_db
def test_a_place_is_barred_once_it_was_seen_which_lprs_stand_in_it(
    cast: Cast, as_role: Callable[[str], Client]
) -> None:
    everywhere = {"latitude": 43.0481, "longitude": -76.1474}
    LPR.objects.filter(pk=cast.lpr.pk).update(**everywhere)
    for name, more in (("Far", {"latitude": 44.0}), ("Workshop", {"in_service": False}), ("Car 3", {"latitude": None})):
        LPR.objects.create(name=name, kind="fixed", zone="UTC", added_at=datetime.now(UTC), **{**everywhere, **more})
    told = {"name": "Canal Street Clinic", "kind": "clinic", "area": "circle 43.0481,-76.1474 500", "why": "Care."}
    chief = stepped_up(as_role("chief"))
    page = chief.post("/barred-places/", told).content.decode()
    assert "1 of 2 LPRs on the map stands inside." in page
    assert f"{cast.lpr.name}</a>" in page
    assert not BarredPlace.objects.exists()
    said = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert told.items() <= said.items()
    assert chief.post("/barred-places/bar/", said).status_code == 302
    assert BarredPlace.objects.get().area == told["area"]
    assert "errorlist" in chief.post("/barred-places/bar/", said | {"area": "nowhere"}).content.decode()
    past = chief.post("/barred-places/bar/", said | {"since": "2026-03-01T00:00"})
    assert past.status_code == 403 and "Mend it below" in past.content.decode()
    assert as_role("auditor").post("/barred-places/", told).status_code == 403


@pytest.mark.django_db
def test_places_come_by_name(cast: Cast, as_role: Callable[[str], Client]) -> None:
    for name in ("Night Shelter", "Bethany Church", "Mill Clinic"):
        barred(cast, name=name)
    page = as_role("chief").get("/barred-places/").content.decode()
    assert re.findall(r'<th scope="row">([^<]+)', page) == ["Bethany Church", "Mill Clinic", "Night Shelter"]
