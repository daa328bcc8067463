"""Details and mutual aid on their pages: from asking to the report, the posts on the map, and by keyboard at phone width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from platekeeper.core.rules.deployments import Kind
from platekeeper.server.deployments.models import Deployment, Loan, Perimeter, RoadMap
from platekeeper.server.ledger.models import LedgerEntry
from tests.cast import Cast
from tests.core.perimeter.making import geojson, osm, town_lines
from tests.deploying import detail
from tests.touring import patrol_car
from tests.web.access.deployments import SCENE, posted, roads
from tests.web.test_screens import look

As = Callable[[str], Client]
pytestmark = pytest.mark.django_db


def _text(client: Client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_from_asking_to_the_report(cast: Cast, as_role: As) -> None:
    sergeant, chief, officer = as_role("sergeant"), as_role("chief"), as_role("officer")
    asked = sergeant.post(reverse("deployment_new"), posted(cast))
    made = Deployment.objects.get()
    assert asked.headers["Location"] == reverse("deployment", args=[made.pk])
    assert "detail or mutual aid to decide" in _text(chief, "home")
    assert "waits for: Chief" in _text(sergeant, "deployments")
    chief.post(reverse("deployment_step", args=[made.pk, "authorize"]), {"words": "Two cars at most."})
    assert "Take Bridge Street east" in _text(officer, "deployment", made.pk)
    officer.post(reverse("deployment_use", args=[made.pk]), {"lpr": cast.lpr.pk})
    assert "1 LPR out" in _text(sergeant, "deployments")
    assert sergeant.post(reverse("deployment_step", args=[made.pk, "end"]), {"words": "done"}).status_code == 403
    officer.post(reverse("deployment_use_end", args=[made.pk, made.uses.get().pk]))
    sergeant.post(reverse("deployment_step", args=[made.pk, "end"]), {"words": "Traffic has gone."})
    assert "after-action report to make" in _text(officer, "home")
    page = _text(officer, "deployment", made.pk)
    assert "Make the report" in page and "Two cars at most." in page
    numbers = dict.fromkeys(("reads", "hits", "correct", "misread", "stops", "arrests"), 0)
    again = officer.post(reverse("deployment_report", args=[made.pk]), numbers | {"words": ""})
    assert "This field is required" in again.content.decode()
    officer.post(reverse("deployment_report", args=[made.pk]), numbers | {"reads": 412, "words": "Quiet."})
    assert "412" in _text(as_role("auditor"), "deployment", made.pk)
    assert LedgerEntry.objects.filter(action="deployment_viewed", person=cast.auditor.pk).count() == 1


def test_who_takes_a_mobile_lpr_is_told_to_begin_a_tour_with_it(cast: Cast, as_role: As) -> None:
    car = patrol_car()
    page = _text(as_role("officer"), "deployment", detail(cast, lpr=car, authorized=True).pk)
    assert "Begin a tour with this LPR first." in page and f"Take {car.name}" not in page
    assert f'href="{reverse("tours")}?lpr={car.pk}"' in page


def test_nobody_sees_what_does_not_concern_them(cast: Cast, as_role: As) -> None:
    made = detail(cast)
    assert "No detail and no mutual aid concerns you" in _text(as_role("detective"), "deployments")
    assert as_role("detective").get(reverse("deployment", args=[made.pk])).status_code == 403
    assert as_role("detective").get(reverse("perimeter"), {"deployment": made.pk}).status_code == 404


def test_mutual_aid_with_its_receipt(cast: Cast, as_role: As) -> None:
    data = posted(cast) | {
        "kind": Kind.AID_GIVEN.value, "agency_name": "Ontario Village Police", "contact": "Chief Pike, 555-0100",
        "offense": "robbery", "case_number": "26-114", "sought": "A red van with a ladder.",
    }  # fmt: skip
    refused = as_role("dispatcher").post(reverse("mutual_aid_new"), data | {"agency_name": ""})
    assert "Name the other agency" in refused.content.decode()
    as_role("dispatcher").post(reverse("mutual_aid_new"), data)
    made = Deployment.objects.get()
    as_role("sergeant").post(reverse("deployment_step", args=[made.pk, "authorize"]))
    as_role("officer").post(
        reverse("deployment_lend", args=[made.pk]), {"lpr": cast.lpr.pk, "name": "Officer Lee", "state": "two cameras"}
    )
    page = _text(as_role("sergeant"), "deployment", made.pk)
    assert "Officer Lee, Ontario Village Police" in page and "two cameras" in page and "not yet" in page
    loan = Loan.objects.get()
    as_role("sergeant").post(reverse("deployment_back", args=[made.pk, loan.pk]), {"name": "Officer Lee"})
    assert "Given back by" in _text(as_role("sergeant"), "deployment", made.pk)


def test_posts_are_proposed_and_kept(cast: Cast, as_role: As) -> None:
    roads(cast)
    made = detail(cast)
    page = _text(as_role("officer"), "perimeter", deployment=str(made.pk))
    assert "Propose posts" in page and "circle" in page
    page = _text(as_role("officer"), "perimeter", **SCENE)
    assert "stay open" in page and "of another agency" in page and "reached" in page and 'id="post-1"' in page
    plenty = _text(as_role("officer"), "perimeter", **SCENE | {"more": "50"})
    assert "LPRs close the ring" in plenty
    assert "The ring has to be longer" in _text(as_role("officer"), "perimeter", **SCENE | {"ahead": "5"})
    assert "from the scene" in _text(as_role("officer"), "perimeter", **SCENE | {"scene": "circle 44,-76 50"})
    assert "reaches the edge of the file of roads" in _text(
        as_role("officer"), "perimeter", **SCENE | {"minutes": "59"}
    )
    kept = as_role("officer").post(reverse("perimeter_keep"), SCENE | {"deployment": made.pk})
    assert kept.headers["Location"] == reverse("deployment", args=[made.pk])
    assert Perimeter.objects.get().posts[0]["lprs"] == [""]
    assert 'id="post-1"' in _text(as_role("officer"), "deployment", made.pk)
    assert as_role("detective").post(reverse("perimeter_keep"), SCENE | {"deployment": made.pk}).status_code == 403


def test_a_file_of_roads_replaces_the_one_before_and_a_bad_one_leaves_it(cast: Cast, as_role: As) -> None:
    assert "No file of roads is here yet" in _text(as_role("officer"), "perimeter")
    for content, said in (
        (geojson(town_lines(100, seed=1)), ""), (b"<html>", "no OpenStreetMap XML"),
        (osm(town_lines(100, seed=2)), ""), (b"{}", "no GeoJSON"),
    ):  # fmt: skip
        given = SimpleUploadedFile("roads.osm", content)
        answer = as_role("administrator").post(reverse("roads"), {"file": given})
        assert said in answer.content.decode() if said else answer.status_code == 302
    newest, before = RoadMap.objects.all()
    assert newest.content and not before.content and before.roads


@pytest.mark.django_db(transaction=True)
def test_the_map_with_its_posts_at_both_widths(cast: Cast, browse: Callable[..., Page]) -> None:
    roads(cast)
    made = detail(cast, at=datetime.now().astimezone())
    page = browse("sergeant", width=1280)
    page.goto(f"{reverse('perimeter')}?{urlencode(SCENE)}")
    expect(page.locator("#map path.leaflet-interactive").nth(8)).to_be_attached()
    look(page, "perimeter_posts-1280")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "perimeter_posts-360")
    page.goto(reverse("perimeter"))
    page.locator("#id_scene").focus()
    page.keyboard.type("circle 43.014,-76.178 150")
    page.keyboard.press("Tab")
    expect(page.locator("#map path[stroke-width='2']").first).to_be_attached()  # it is drawn as it is written
    marks = page.locator("#map path.leaflet-interactive").first
    by_day = marks.evaluate("(path) => getComputedStyle(path).stroke")
    page.emulate_media(color_scheme="dark")  # what stays open into the night
    assert marks.evaluate("(path) => getComputedStyle(path).stroke") != by_day
    page.locator("#id_minutes").fill("1")
    page.keyboard.press("Enter")
    page.wait_for_url("**minutes=1**")
    page.locator("#id_deployment").select_option(str(made.pk))
    page.get_by_role("button", name="Keep them").press("Enter")
    page.wait_for_url(f"**{reverse('deployment', args=[made.pk])}")
    look(page, "deployment_posts-360")
    assert Perimeter.objects.count() == 1
