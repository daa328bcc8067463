"""A defect is reported in three taps; the fleet is sorted by trouble; an LPR's page plots its reads; the list to insure."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from platekeeper.core.rules.defects import DefectKind
from platekeeper.server.equipment.models import LPR, Defect
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import keep_inventory
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.report_defects import report_defect
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.procedures.watch_lprs import watch_lprs
from platekeeper.server.reads.models import Contact
from platekeeper.server.userlog.models import DailyUserLog, Tour
from platekeeper.server.web.fleet import use_lately
from tests.cast import Cast
from tests.days import today
from tests.hotlist.traffic import drive_past
from tests.touring import patrol_car
from tests.web.access.equipment import picture

AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


@pytest.mark.django_db(transaction=True)
def test_a_defect_is_reported_in_three_taps_on_a_phone_from_the_label(
    cast: Cast, browse: Callable[..., Page], tmp_path: Path
) -> None:
    page = browse("administrator", width=800)
    page.goto(reverse("lpr_label", args=[cast.lpr.pk]))
    page.locator(".label").first.screenshot(path=tmp_path / "label.png")
    [scanned] = zxingcpp.read_barcodes(Image.open(tmp_path / "label.png"))
    page = browse("rookie", width=360)
    page.goto(scanned.text)
    page.get_by_role("link", name="Report a defect or damage").click()
    page.get_by_text("damaged", exact=True).click()  # 1
    page.get_by_label("Photograph").set_input_files(  # 2
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_role("button", name="Send").click()  # 3
    page.get_by_text("Reported. Thank you.").wait_for()
    found = Defect.objects.get()
    assert (found.lpr, found.kind) == (cast.lpr, "damage")
    expect(page.locator("img.card")).to_have_count(1)


@pytest.mark.django_db(transaction=True)
def test_the_page_of_an_lpr_plots_its_reads_a_day(cast: Cast, browse: Callable[..., Page]) -> None:
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}
    for back, count in ((0, 2), (3, 5), (4, 1)):
        reads = [
            {"plate": f"ABC12{n}", "captured_at": (NOW - timedelta(days=back)).isoformat(), "id": f"{back}-{n}"}
            for n in range(count)
        ]
        sent = Client().post("/api/reads", reads, content_type="application/json", headers=headers)
        assert sent.status_code == 200
    watch_lprs(at=NOW + timedelta(days=1))
    page = browse("administrator", width=1280)
    page.goto(reverse("lpr", args=[cast.lpr.pk]))
    bars = page.locator(".watch rect")
    heights = [float(bars.nth(at).get_attribute("height") or "") for at in range(bars.count())]
    assert heights == [20, 100, 0, 0, 40]
    if shots := os.environ.get("PLATEKEEPER_SHOTS"):
        page.screenshot(path=Path(shots) / "plot.png", full_page=True)


@pytest.mark.django_db
def test_the_fleet_is_sorted_by_trouble(cast: Cast, as_role: AsRole) -> None:
    calm, late, new = (patrol_car(name) for name in ("Car 1", "Car 2", "Car 3"))
    officer = footing(cast.officer, at=NOW)
    report_defect(by=footing(cast.officer, at=NOW - timedelta(days=3)), lpr=late, kind=DefectKind.LENS)
    report_defect(by=officer, lpr=new, kind=DefectKind.LENS)
    rows = as_role("administrator").get("/lprs/").context["page"]
    assert [row.lpr for row in rows if row.lpr != cast.lpr] == [late, new, calm]


@pytest.mark.django_db
def test_a_large_fleet_is_turned_page_by_page_and_one_of_it_found(cast: Cast, as_role: AsRole) -> None:
    cars = [patrol_car(f"Car {number}") for number in range(1, 71)]
    administrator = as_role("administrator")
    first = administrator.get("/lprs/", {"q": "car"})
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert following is not None
    second = administrator.get("/lprs/" + unescape(following[1]))
    shown = [row.lpr for answer in (first, second) for row in answer.context["page"]]
    assert sorted(shown, key=lambda lpr: lpr.pk) == cars
    for wanted, found in (("CAR 67", cars[66]), (str(cars[6].pk), cars[6])):
        assert found in [row.lpr for row in administrator.get("/lprs/", {"q": wanted}).context["page"]]
    assert "No LPR has “nowhere” in" in administrator.get("/lprs/", {"q": "nowhere"}).content.decode()


@pytest.mark.django_db
def test_the_map_shows_whither_cameras_look_but_for_those_of_vehicles(cast: Cast, as_role: AsRole) -> None:
    for lpr, direction in ((cast.lpr, 90), (cast.lpr, None), (patrol_car(), 0)):
        lpr.cameras.create(position="left", direction=direction, added_at=NOW)
    administrator = as_role("administrator")
    for address in ("/lprs/", f"/lprs/{cast.lpr.pk}/"):
        (point,) = administrator.get(address).context["map"]["points"]
        assert (point["label"], point["views"]) == (cast.lpr.name, [90])


@pytest.mark.django_db
def test_the_list_to_insure_as_a_table_and_to_print(cast: Cast, as_role: AsRole) -> None:
    keep_inventory.set_papers(footing(cast.administrator, at=NOW), cast.lpr, value=18_000)
    keeper = as_role("administrator")
    table, printed = (keeper.post("/lprs/insured/export/", {"form": form}) for form in ("csv", "pdf"))
    assert b"Bridge Street east,fixed" in table.content and b"18000" in table.content
    assert printed.content.startswith(b"%PDF")


@pytest.mark.django_db
def test_a_photograph_that_is_none_is_told_beside_its_field(cast: Cast, as_role: AsRole) -> None:
    file = SimpleUploadedFile("photo.jpg", b"no picture", content_type="image/jpeg")
    answer = as_role("officer").post(f"/lprs/{cast.lpr.pk}/report/", {"kind": "lens", "photograph": file})
    assert (answer.status_code, "no JPEG or PNG" in answer.content.decode()) == (200, True)


@pytest.mark.records
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("begins", "lasts", "days"),
    [
        ("12:00", timedelta(hours=1), 1),
        ("00:00", timedelta(hours=1), 1),  # the department's midnight, not UTC's
        ("23:59:59.999", timedelta(hours=1), 2),
        ("22:00", timedelta(hours=2), 2),  # to midnight, which is of the day that begins
        ("22:00", timedelta(hours=26), 3),
    ],
)
def test_use_is_counted_in_the_departments_days(begins: str, lasts: timedelta, days: int, cast: Cast) -> None:
    zone = ZoneInfo("America/New_York")
    day = today() - timedelta(days=6)
    since = datetime.combine(day, time.fromisoformat(begins), zone)
    LPR.objects.filter(pk=cast.lpr.pk).update(added_at=since - timedelta(days=90))
    cast.lpr.refresh_from_db()
    Contact.objects.create(lpr=cast.lpr, kind=Contact.Kind.UPLOAD, since=since, until=since + lasts)
    Contact.objects.create(
        lpr=cast.lpr, kind=Contact.Kind.UPLOAD, since=since - timedelta(days=60), until=since - timedelta(days=50)
    )
    judged: dict[str, Any] = {"policy_number": 1, "policy_digest": "x", "member": cast.officer}
    begun = datetime.combine(day + timedelta(days=3), time(9), zone)
    log = DailyUserLog.objects.create(opened_at=begun, **judged)
    Tour.objects.create(log=log, lpr=cast.lpr, begun_at=begun, **judged)  # and goes on: three days, and today
    assert use_lately(cast.lpr, at=datetime.now(UTC), zone=zone).read == days + 3


@pytest.mark.django_db
def test_an_lpr_is_renamed_and_a_name_is_one_lprs_alone(cast: Cast, as_role: AsRole) -> None:
    administrator, address, former = as_role("administrator"), f"/lprs/{cast.lpr.pk}/name/", cast.lpr.name
    administrator.post("/lprs/", {"name": "Car 9", "kind": "mobile"})
    taken = administrator.post(address, {"name": "Car 9"}).content.decode()
    assert "of this name is in the inventory already" in taken
    assert f"{former}</a>" in taken
    for _ in range(2):  # the second changes nothing
        assert administrator.post(address, {"name": " Mill Road "}).status_code == 302
    assert LPR.objects.get(pk=cast.lpr.pk).name == "Mill Road"
    [entry] = LedgerEntry.objects.filter(action="lpr_changed")
    assert entry.content()["details"] == {"before": {"name": former}, "after": {"name": "Mill Road"}}


@pytest.mark.django_db
def test_an_lpr_is_put_elsewhere_and_what_it_read_before_stays(cast: Cast, as_role: AsRole, own_home: object) -> None:
    administrator, address = as_role("administrator"), f"/lprs/{cast.lpr.pk}/place/"
    LPR.objects.filter(pk=cast.lpr.pk).update(latitude=43.0481, longitude=-76.1474)
    cast.lpr.refresh_from_db()
    drive_past(cast, ["ABC1234"], at=NOW)
    half = administrator.post(address, {"place": "Mill Road", "latitude": "43.1", "longitude": ""})
    assert "give both, or neither" in half.content.decode()
    assert (
        administrator.post(address, {"place": "Mill Road", "latitude": "43.1", "longitude": "-76.2"}).status_code == 302
    )
    entry = LedgerEntry.objects.filter(action="lpr_changed").latest("index")
    assert entry.content()["details"] == {
        "before": {"place": cast.lpr.place, "at": "43.048100,-76.147400"},
        "after": {"place": "Mill Road", "at": "43.100000,-76.200000"},
    }
    cast.lpr.refresh_from_db()
    drive_past(cast, ["XYZ9876"], at=NOW)
    places = {each.row.raw: (each.row.latitude, each.row.longitude) for each in read_store().leaving(NOW.date())}
    assert places == {"ABC1234": (43.0481, -76.1474), "XYZ9876": (43.1, -76.2)}
    administrator.post(address, {"place": "Mill Road", "latitude": "43.1", "longitude": "-76.2"})
    assert LedgerEntry.objects.filter(action="lpr_changed").count() == 1  # nothing was changed
    administrator.post(address, {"place": "in the workshop"})
    assert LPR.objects.get(pk=cast.lpr.pk).latitude is None


@pytest.mark.django_db(transaction=True)
def test_the_place_of_an_lpr_is_shown_on_the_map(cast: Cast, browse: Callable[..., Page]) -> None:
    page = browse("administrator", width=1280)
    for address in (f"/lprs/{cast.lpr.pk}/place/", "/lprs/"):
        page.goto(address)
        show = page.get_by_role("button", name="Show it on the map")
        show.click()
        expect(show).to_have_attribute("aria-pressed", "true")
        page.locator("#map").click()
        expect(page.get_by_label("Latitude")).to_have_value(re.compile(r"^43\.\d{6}$"))
        expect(page.get_by_label("Longitude")).to_have_value(re.compile(r"^-7[56]\.\d{6}$"))
        expect(show).to_be_focused()
        expect(show).to_have_attribute("aria-pressed", "false")
        if address == "/lprs/":
            page.get_by_role("button", name="Clear").click()
            expect(page.get_by_label("Longitude")).to_have_value("")
        else:
            page.get_by_role("button", name="Save").click()
            page.wait_for_url(f"**/lprs/{cast.lpr.pk}/")
    assert LPR.objects.exclude(latitude=None).get().pk == cast.lpr.pk
