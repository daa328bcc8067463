"""An officer enters a plate in the car, by finger or keyboard alone; whoever is on duty is told (VII.f-g)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.authority import footing
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.touring import begin, hot_list_on_hand, patrol_car
from tests.web.test_screens import look

Browse = Callable[..., Page]
AsRole = Callable[[str], Client]


@pytest.mark.django_db(transaction=True)
def test_an_alert_from_a_phone_in_a_plate_and_two_taps_and_whoever_is_on_duty_is_told(
    cast: Cast, browse: Browse
) -> None:
    hot_list_on_hand(cast, at=datetime.now(UTC))
    begin(footing(cast.sergeant, at=datetime.now(UTC)), patrol_car())
    board = browse("sergeant", width=360)
    board.goto("/hits/")
    page = browse("officer", width=360)
    page.goto("/hot-lists/entries/quick/")
    expect(page.get_by_label("Plate", exact=True)).to_be_focused()
    page.keyboard.type("khb 4471")
    page.get_by_role("radio", name="AMBER Alert").check()
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_text("The entry is on the hot list.")).to_be_visible()
    expect(page.get_by_text("No prior read of this plate is stored.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Car 3 .*Sam Sergeant .*not seen yet"))).to_be_visible()
    look(page, "entered-360")
    expect(page).to_have_url(re.compile(rf"/hot-lists/entries/{HotListEntry.objects.get().pk}/$"))
    page.reload()  # and nothing is entered, or looked up, once more
    expect(page.get_by_role("button", name="Look up prior reads")).to_be_visible()
    assert QueryLogEntry.objects.count() == 1

    board.get_by_role("link", name="1 plate was entered while you are on duty").click()
    expect(board.get_by_text("KHB4471")).to_be_visible()
    look(board, "told-360")
    board.get_by_role("button", name="I have seen them").click()
    board.wait_for_url("**/tours/")
    page.goto(f"/hot-lists/entries/{HotListEntry.objects.get().pk}/")
    expect(page.get_by_role("row", name=re.compile(r"Car 3 .*Sam Sergeant .*seen \d\d:\d\d"))).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_directed_entry_by_keyboard_alone(cast: Cast, browse: Browse) -> None:
    page = browse("officer", width=1280)
    page.goto("/hot-lists/entries/quick/")
    assert not page.get_by_label("Directed or authorized by").is_visible()
    expect(page.get_by_label("Plate", exact=True)).to_be_focused()
    page.keyboard.type("KHB4471")
    for key in ("Tab", "Tab", "ArrowUp", "Tab", "ArrowDown", "Tab", "Enter"):  # the last ground, the first director
        page.keyboard.press(key)
    expect(page.get_by_text("not confirmed yet")).to_be_visible()
    assert HotListEntry.objects.get().directed_by == cast.sergeant


@pytest.mark.django_db
def test_what_is_wrong_is_said_beside_the_field_and_what_was_written_stays(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    for given, said in (
        ({"plate": "KHB4471"}, "Choose why this plate is entered."),
        ({"plate": "KHB/4471", "ground": "amber"}, "This has / (U+002F)"),
        ({"plate": "KHB4471", "ground": "bolo", "director": "999"}, "errorlist"),
        ({"plate": "KHB4471", "ground": "bolo", "stands": "9999"}, "errorlist"),
    ):
        answer = officer.post("/hot-lists/entries/quick/", given)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), given
        assert given["plate"] in answer.content.decode()
    assert not HotListEntry.objects.exists()
    given = {"plate": "KHB4471", "ground": "bolo", "stands": "4"}
    assert officer.post("/hot-lists/entries/quick/", given).status_code == 200
    assert officer.post("/hot-lists/entries/quick/", given).status_code == 409
    entry = HotListEntry.objects.get()
    assert entry.expires_at - entry.effective_at == timedelta(hours=4)


@pytest.mark.django_db
def test_who_has_seen_an_entry_reads_that_it_was_taken_off_and_why(cast: Cast, as_role: AsRole) -> None:
    hot_list_on_hand(cast, at=datetime.now(UTC))
    begin(footing(cast.sergeant, at=datetime.now(UTC)), patrol_car())
    officer, sergeant = as_role("officer"), as_role("sergeant")
    officer.post("/hot-lists/entries/quick/", {"plate": "KHB4471", "ground": "amber"})
    number, told = HotListEntry.objects.get().pk, "/hot-lists/entries/told/"
    sergeant.post(told, {"entry": number})
    officer.post(f"/hot-lists/entries/{number}/cancel/", {"reason": "wrong plate"})
    for page in ("/", f"{told}strip/"):
        assert "1 entry that you have seen is canceled" in sergeant.get(page).content.decode()
    page = sergeant.get(told).content.decode()
    assert "KHB4471" in page and "TAKEN OFF" in page and "wrong plate" in page
    sergeant.post(told, {"canceled": number})
    assert "Nothing was sent to you" in sergeant.get(told).content.decode()
    assert "canceled" not in sergeant.get(f"{told}strip/").content.decode()


@pytest.mark.django_db
def test_who_owes_a_look_at_prior_reads_is_led_to_it_and_may_look_less_far_back(cast: Cast, as_role: AsRole) -> None:
    drive_past(cast, ["KHB4471"], at=datetime.now(UTC) - timedelta(days=9))
    officer, given = as_role("officer"), {"plate": "KHB4471", "ground": "amber"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lpr_data, "SECONDS", 0.0)
        entered = officer.post("/hot-lists/entries/quick/", given)
        where = f"/hot-lists/entries/{HotListEntry.objects.get().pk}/prior-reads/"
        again = officer.post(where, {"days": "7"})
    assert (entered.status_code, again.status_code) == (200, 503)
    for answer in (entered, again):
        page = answer.content.decode()
        assert "were not looked up" in page and "takes too long" in page and "7 days back" in page
    assert "prior reads were not looked up" in officer.get("/").content.decode()
    assert "KHB4471" in officer.get("/hot-lists/entries/").content.decode()
    assert "No prior read of this plate is stored." in officer.post(where, {"days": "7"}).content.decode()
    asked = [each.terms for each in QueryLogEntry.objects.order_by("pk")]
    since, until = ([datetime.fromisoformat(terms[end]) for terms in asked] for end in ("since", "until"))
    assert [(last - first).days for first, last in zip(since, until, strict=True)] == [180, 7, 7]
    assert "were not looked up" not in officer.get("/").content.decode()


@pytest.mark.django_db
def test_who_is_said_to_have_directed_an_entry_reads_so_on_their_first_page(cast: Cast, as_role: AsRole) -> None:
    as_role("officer").post(
        "/hot-lists/entries/quick/", {"plate": "KHB4471", "ground": "directed", "director": cast.sergeant.pk}
    )
    sergeant = as_role("sergeant")
    assert "made in your name" in sergeant.get("/").content.decode()
    page = sergeant.get("/hot-lists/entries/directed/").content.decode()
    assert "KHB4471" in page and "I directed it" in page
    sergeant.post(f"/hot-lists/entries/{HotListEntry.objects.get().pk}/direction/")
    assert "No entry waits" in sergeant.get("/hot-lists/entries/directed/").content.decode()
