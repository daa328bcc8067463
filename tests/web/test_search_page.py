"""The search page as an investigator works with it: by mouse, by keyboard, on the map; and what it refuses at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import FOUNDED, Cast
from tests.hotlist.traffic import drive_past
from tests.looking import does_not_scroll_sideways
from tests.web.access.cases import opened
from tests.web.making import make_hit, stepped_up
from tests.web.test_screens import look

AsRole = Callable[[str], Client]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOUR = timedelta(hours=1)
WHY = {
    "purpose": "investigation", "offense": "bank robbery", "case_number": "26-114", "none_prohibited": "on",
    "justification": "gray van left the bank on Canal Street",
}  # fmt: skip


def _form(**changed: Any) -> dict[str, Any]:
    span = {"since": f"{NOW - 60 * HOUR:%Y-%m-%dT%H:%M}", "until": f"{NOW + 9 * HOUR:%Y-%m-%dT%H:%M}"}
    return WHY | span | {"plate": "ABC123?"} | changed


@pytest.fixture
def mill(cast: Cast) -> LPR:
    """A van near the bank on two dates, with a companion; and others."""
    other = equipment.add_lpr(
        name="Mill Road", kind=LPR.Kind.FIXED, zone="America/New_York", at=FOUNDED, latitude=43.0601, longitude=-76.15
    )
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    plates = (("ABC1234", 1, "NY", "gray"), ("XYZ9876", 2, "NJ", "red"), ("A8C1234", 9, "NY", "gray"))
    try:
        for lpr, begun in ((cast.lpr, NOW - 50 * HOUR), (other, NOW - 3 * HOUR)):
            reads = [
                ParsedRead(
                    raw_plate=plate, captured_at=begun + timedelta(minutes=after), event_id=f"{plate}{begun}", state=state,
                    vehicle={"color": color}, direction="north",
                )
                for plate, after, state, color in plates
            ]  # fmt: skip
            pairs = [(read, None) for read in reads]
            intake.take([Submission(lpr=lpr, format="test", reads=pairs, unparsed=[], received_at=NOW)])
    finally:
        intake.close()
    return other


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, 2), ({"look_alikes": "on"}, 4), ({"plate": "ABC1234\nXYZ9876"}, 4), ({"states": "nj"}, 0),
        ({"plate": "A?C1234, XYZ9876", "states": "ny, nj"}, 6), ({"colors": "Gray"}, 2),
        ({"plate": "XYZ9876", "colors": "gray"}, 0), ({"directions": "south"}, 0),
        ({"area": "circle 43.0601,-76.15 300"}, 1), ({"area": "circle 43.5,-76.15 300"}, 0),
        ({"plate": "", "area": "circle 43.0601,-76.15 300", "since": f"{NOW - 12 * HOUR:%Y-%m-%dT%H:%M}"}, 3),
        ({"hits": "none"}, 2), ({"hits": "only"}, 0), ({"weekdays": list(range(7))}, 2),
    ],
)  # fmt: skip
def test_what_is_asked_is_found_and_in_the_log(
    changed: dict[str, Any], found: int, cast: Cast, mill: LPR, as_role: AsRole
) -> None:
    page = stepped_up(as_role("detective")).post("/queries/", _form(**changed), follow=True)
    assert len(re.findall('name="read" value=', page.content.decode())) == found
    entry = QueryLogEntry.objects.get()
    assert entry.found == found
    asked = set(changed) - {"plate", "since", "weekdays"}
    assert asked <= entry.terms.keys()
    assert ("hours" in entry.terms) == ("weekdays" in changed)
    leaf = LedgerEntry.objects.filter(action="query_begun").get()
    assert leaf.openings.filter(field="terms").exists() == bool(
        entry.terms.keys() - {"plate", "lprs", "since", "until"}
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"plate": ""}, "choose LPRs or an area"), ({"plate": "*"}, "known character"), ({"plate": "?" * 4_000}, "character"),
        ({"plate": "'; DROP TABLE read; --"}, "letters"), ({"plate": "АВС1234"}, "letters"),
        ({"plate": "\n".join(f"ABC{n:04}" for n in range(201))}, "200 plates at once"),
        ({"plate": "\n".join(f"AB{n:02}*" for n in range(21))}, "20 partial plates at once"),
        ({"plate": "", "area": "circle 43.06,-76.15 300"}, "spans a day at most"),
        ({"area": "the bank"}, "Write circle"),
        ({"area": "circle 43.06,-76.15 0"}, "radius"), ({"hour_from": "10:00"}, "Give both hours"),
        ({"hour_from": "10:00", "hour_until": "10:00"}, "one other than the other"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_at_once_and_says_what_could(
    changed: dict[str, Any], problem: str, cast: Cast, as_role: AsRole
) -> None:
    page = as_role("detective").post("/queries/", _form(**changed))
    assert problem in page.content.decode()
    assert not QueryLogEntry.objects.exists()


@pytest.mark.django_db
def test_look_alikes_are_shown_before_anything_is_asked(cast: Cast, as_role: AsRole) -> None:
    detective = as_role("detective")
    shown = detective.get("/queries/alike/", {"plate": "abc1234"}).content.decode()
    assert "ABC1234" in shown and "A8C1234" in shown
    for nothing in ("", "*", "\x00", "?" * 90):
        assert "plate" not in detective.get("/queries/alike/", {"plate": nothing}).content.decode()
    assert not QueryLogEntry.objects.exists()


@pytest.mark.django_db
def test_places_and_times_are_a_look_of_its_own(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    detective = as_role("detective")
    detective.post("/queries/", _form())
    entry = QueryLogEntry.objects.get()
    page = detective.get(f"/queries/{entry.pk}/overview/").content.decode()
    assert "Mill Road" in page and "Bridge Street east" in page
    assert LedgerEntry.objects.filter(action="query_page_viewed", subject=f"query:{entry.pk}").count() == 1
    assert as_role("clerk").get(f"/queries/{entry.pk}/overview/").status_code == 404
    detective.post("/queries/", _form(plate="ZZZ9999"))
    nothing = detective.get(f"/queries/{QueryLogEntry.objects.latest('pk').pk}/overview/").content.decode()
    assert "No stored read answers this" in nothing


@pytest.mark.django_db
def test_a_way_is_drawn_of_one_vehicle_alone(cast: Cast, mill: LPR, as_role: AsRole) -> None:
    detective = as_role("detective")

    def way(plate: str) -> str:
        detective.post("/queries/", _form(plate=plate))
        page = detective.get(f"/queries/{QueryLogEntry.objects.latest('pk').pk}/overview/").content.decode()
        return page.partition('"way": ')[2].partition(', "areas"')[0]

    assert way("ABC1234").count("43.06") == 1, "from Bridge Street to Mill Road"
    assert way("ABC1234, XYZ9876") == "[]", "of two it would be the way of neither"


@pytest.mark.django_db(transaction=True)
def test_a_partial_plate_near_the_bank_is_found_on_the_map_and_handed_to_a_case(
    cast: Cast, mill: LPR, browse: Callable[..., Page]
) -> None:
    opened(cast)
    page = browse("detective", width=1280)
    page.goto("/queries/")
    page.get_by_label("Plate", exact=True).fill("A?C12*")
    page.get_by_label("Also characters that look alike").check()
    page.get_by_text("taken for it").wait_for()
    page.get_by_text("Area on the map").click()
    page.get_by_role("button", name="Draw a circle").click()
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    assert box is not None
    middle, height = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(middle, height)
    page.mouse.move(middle + 60, height)
    page.mouse.click(box["x"] + box["width"] - 12, height)
    expect(page.get_by_label("Area", exact=True)).to_have_value(re.compile(r"^circle 43\.\d+,-76\.\d+ \d+$"))
    look(page, "search-drawn-1280")
    _reasons(page)
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Places and times on a map").click()
    page.get_by_role("heading", name="Usual places").wait_for()
    look(page, "search-overview-1280")
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "search-overview-360")
    page.get_by_role("link", name="The reads").click()
    found = page.get_by_label(re.compile("^Choose ABC1234"))
    expect(found).to_have_count(2)
    for each in found.all():
        each.check()
    page.get_by_role("button", name="Copy the chosen reads").click()
    look(page, "search-copy-into-360")
    page.get_by_role("button", name="Yes, copy it into this case").click()
    page.get_by_text("preserved in the case").wait_for()
    assert opened(cast).preserved.count() == 3  # the two reads and the query

    page.get_by_role("link", name=re.compile("^Read: ABC1234")).first.click()
    page.get_by_text("It does not belong into this case").click()
    page.get_by_label("Why it does not belong here").fill("the van of the other burglary, on Mill Road")
    look(page, "case-copy-360")
    page.get_by_role("button", name="Set it aside").click()
    page.get_by_role("heading", name="Where it belongs").wait_for()
    look(page, "case-set-aside-360")
    page.get_by_role("link", name="26-114").first.click()
    page.get_by_text("by Dee Detective: the van of the other burglary").wait_for()
    look(page, "case-with-one-set-aside-360")


@pytest.mark.django_db(transaction=True)
def test_the_same_by_keyboard_alone(cast: Cast, mill: LPR, browse: Callable[..., Page]) -> None:
    page = browse("detective", width=360)
    page.goto("/queries/")
    page.get_by_label("Plate", exact=True).focus()
    page.keyboard.type("ABC123?")
    page.get_by_text("Area on the map").press("Enter")
    page.get_by_label("Area", exact=True).focus()
    page.keyboard.type("circle 43.0601,-76.15 500")
    _reasons(page)
    page.get_by_label("Area", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Places and times on a map").wait_for()
    expect(page.get_by_label(re.compile("^Choose ABC1234"))).to_have_count(1)
    look(page, "search-found-360")
    page.goto("/investigations/travels-with/?plate=ABC1234")
    page.get_by_label("Occasions at least").fill("1")
    _reasons(page)
    page.get_by_role("button", name="Find companions").press("Enter")
    page.get_by_role("link", name="Search XYZ9876").wait_for()


@pytest.mark.django_db(transaction=True)
def test_several_plates_and_a_text_that_is_none_fit_on_the_narrowest_phone(
    cast: Cast, mill: LPR, browse: Callable[..., Page], as_role: AsRole
) -> None:
    raw = "NOT/A/PLATE/" * 5 + "/END"
    drive_past(cast, [raw], at=NOW - HOUR)
    several = _form(plate="\n".join(f"ABC12{number:02}" for number in range(28, 50)))
    anything = _form(plate="", lprs=[cast.lpr.pk], since=f"{NOW - 12 * HOUR:%Y-%m-%dT%H:%M}")
    detective = stepped_up(as_role("detective"))
    for asked in (several, anything):
        assert detective.post("/queries/", asked).status_code == 302
    one, other = QueryLogEntry.objects.order_by("pk").values_list("pk", flat=True)
    hit, searches, hits = make_hit(cast, plate=raw), browse("detective", width=360), browse("officer", width=360)
    for number, (page, address, said) in enumerate((
        (searches, f"/queries/{one}/", "ABC1228"), (searches, f"/queries/{one}/overview/", "ABC1228"),
        (searches, f"/queries/{other}/", raw), (hits, f"/hits/{hit.pk}/", raw), (hits, "/hits/", raw),
    )):  # fmt: skip
        page.goto(address)
        expect(page.get_by_text(said).last).to_be_visible()
        look(page, f"plates-{number}-360")
        page.set_viewport_size({"width": 320, "height": 800})
        does_not_scroll_sideways(page)
        page.set_viewport_size({"width": 360, "height": 800})


def _reasons(page: Page) -> None:
    page.get_by_label("Purpose", exact=True).select_option("investigation")
    page.get_by_label("Offense or incident type").fill(WHY["offense"])
    page.get_by_label("Case or call number").fill(WHY["case_number"])
    page.get_by_label("Why this look is needed").fill(WHY["justification"])
    page.get_by_label("This search serves none of these purposes").press("Space")
