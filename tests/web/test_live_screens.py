"""The screens that go on by themselves: they say when nothing comes any more, and move nothing under a hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hotlist.models import HotListLoading
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Training
from platekeeper.server.procedures.answer_hit import answer_confirmation
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, enter_in_field
from tests.cast import Cast
from tests.touring import begin, hot_list_on_hand, patrol_car
from tests.web.access.hotlist import _loading as loading
from tests.web.making import STAMP, make_hit

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = ("image_verified", "confirmation_asked")
Browse = Callable[..., Page]
AsRole = Callable[[str], Client]


@pytest.mark.parametrize(("role", "address"), [("officer", "/hits/"), ("dispatcher", "/hits/dispatch/")])
def test_a_live_screen_of_nobody_goes_to_the_login_page_and_back(
    role: str, address: str, cast: Cast, browse: Browse
) -> None:
    page = browse(role)
    page.goto(address)
    Session.objects.all().delete()  # signed out elsewhere
    expect(page).to_have_url(re.compile(rf"/accounts/login/\?next={address}$"))


def test_a_poll_is_led_to_where_its_page_has_to_go(cast: Cast, as_role: AsRole) -> None:
    poll = {"X-Platekeeper-Poll": "1", "HX-Request": "true", "HX-Current-URL": "http://testserver/hits/?page=2"}
    answer = Client().get("/hits/live/", headers=poll)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/accounts/login/?next=/hits/%3Fpage%3D2")
    elsewhere = Client().get("/hits/live/", headers={**poll, "HX-Current-URL": "http://elsewhere.example/"})
    assert elsewhere.headers["HX-Redirect"] == "/accounts/login/?next=/"
    officer = as_role("officer")
    cast.officer.must_set_password = True
    cast.officer.save()
    assert officer.get("/hits/live/", headers=poll).headers["HX-Redirect"] == "/accounts/password/change/"
    assert officer.get("/hits/live/").status_code == 302


@pytest.mark.parametrize(("role", "address"), [("officer", "/hits/"), ("dispatcher", "/hits/dispatch/")])
def test_a_live_screen_says_since_when_no_answer_came(role: str, address: str, cast: Cast, browse: Browse) -> None:
    page = browse(role, expects="ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:afterRequest")
    page.goto(address)
    silence = page.get_by_role("alert").filter(has_text="No answer since")
    expect(silence).to_have_count(0)
    page.context.set_offline(True)
    expect(silence).to_be_visible()
    expect(silence).to_have_text(re.compile(r"since \d\d:\d\d: no alarms come"))
    page.context.set_offline(False)
    expect(silence).to_have_count(0)


@pytest.mark.parametrize("by", ["the button", "the page", "a key", "the button by a key"])
def test_the_sound_of_the_board_stays_on_and_says_so(by: str, cast: Cast, browse: Browse) -> None:
    page = browse("officer")
    page.goto("/hits/")
    sound = page.get_by_role("button", name="Sound for urgent hits")
    expect(sound).to_have_text("Sound for urgent hits: off")
    sound.click()
    expect(sound).to_have_text("Sound for urgent hits: on")
    page.goto("/hits/")
    expect(sound).to_have_text("Sound for urgent hits: touch or press a key once")
    match by:
        case "the button":
            sound.click()
        case "the page":
            page.get_by_role("heading", level=1).click()
        case "a key":
            page.keyboard.press("j")
        case _:
            sound.press("Enter")
    expect(sound).to_have_text("Sound for urgent hits: on")
    expect(sound).to_have_attribute("aria-pressed", "true")
    expect(sound).not_to_have_css("box-shadow", "none")
    sound.click()
    expect(sound).to_have_text("Sound for urgent hits: off")
    expect(sound).to_have_css("box-shadow", "none")


def test_the_dispatch_queue_stays_under_the_hands_of_who_answers(cast: Cast, browse: Browse) -> None:
    page = browse("dispatcher")
    first, second = (make_hit(cast, plate=plate, urgent=False, steps=ASKED) for plate in ("ABC1234", "XYZ9876"))
    page.goto("/hits/dispatch/")
    row = page.locator(f'[data-hit="{second.pk}"]')
    answer = row.get_by_role("button", name="Not confirmed")
    row.evaluate("(row) => { row.dataset.mine = 'yes'; }")
    answer.focus()
    _polls(page, times=2)
    expect(row).to_have_attribute("data-mine", "yes")  # nothing changed, so nothing was put in anew

    third = make_hit(cast, plate="LMN5555", steps=ASKED)  # urgent: it goes above
    expect(page.locator("article").first).to_have_attribute("data-hit", str(third.pk))
    expect(row).to_have_attribute("data-mine", "yes")
    expect(answer).to_be_focused()
    answer_confirmation(footing(cast.dispatcher, at=timezone.now()), first.pk, confirmed=True)
    expect(page.locator("article")).to_have_count(2)
    expect(row).to_have_attribute("data-mine", "yes")
    expect(answer).to_be_focused()


def test_a_row_of_the_queue_that_changed_keeps_the_focus_and_one_that_moved_takes_no_press(
    cast: Cast, browse: Browse
) -> None:
    page = browse("dispatcher")
    hit = make_hit(cast, steps=ASKED)
    page.goto("/hits/dispatch/")
    answer = page.get_by_role("button", name="Confirmed", exact=True)
    answer.focus()
    page.evaluate(
        "document.addEventListener('live:moved', () => {"
        " const {left, top} = document.activeElement.getBoundingClientRect();"
        " document.body.dataset.pressed = document.elementFromPoint(left + 5, top + 5).localName; })"
    )
    hit.steps.filter(kind="image_verified").update(remark="state seen: NY")
    expect(page.get_by_text("state seen: NY")).to_be_visible()
    expect(answer).to_be_focused()
    assert page.locator("body").get_attribute("data-pressed") != "button"
    answer.click()  # a moment later it takes one
    expect(page.get_by_text("Your answer on ")).to_be_visible()


def test_nothing_is_put_into_the_queue_under_a_press(cast: Cast, browse: Browse) -> None:
    page = browse("dispatcher")
    first = make_hit(cast, urgent=False, steps=ASKED)
    page.goto("/hits/dispatch/")
    page.get_by_role("button", name="Confirmed", exact=True).hover()
    page.mouse.down()
    second = make_hit(cast, plate="LMN5555", steps=ASKED)  # urgent: it goes above
    page.wait_for_event("response", lambda answer: f'data-hit="{second.pk}"' in answer.text())
    page.mouse.up()
    expect(page.get_by_text("Your answer on ")).to_be_visible()
    assert first.steps.filter(kind="confirmed").exists() and not second.steps.filter(kind="confirmed").exists()


def test_an_open_hit_shows_dispatchs_answer_and_a_recall_by_itself_beside_what_is_typed(
    cast: Cast, browse: Browse
) -> None:
    page = browse("officer", width=390)
    hit = make_hit(cast, steps=ASKED)
    page.goto(f"/hits/{hit.pk}/")
    page.get_by_text("Dispatch answered by voice").click()
    who = page.get_by_label("Who at dispatch")
    who.press_sequentially("Dora, ch")
    _polls(page, times=2)
    answer_confirmation(footing(cast.dispatcher, at=timezone.now()), hit.pk, confirmed=True)
    asked = page.locator('[data-part="dispatch"]')
    expect(asked).to_have_attribute("aria-live", "polite")
    expect(asked).to_contain_text("dispatch: Dora Dispatcher")
    expect(asked).to_have_class("is-done")
    expect(page.get_by_role("button", name="Record the stop")).to_be_visible()
    expect(page.locator(".history")).to_contain_text("dispatch: Dora Dispatcher")
    expect(who).to_be_focused()
    expect(who).to_have_value("Dora, ch")

    what = page.get_by_label("How it ended")
    what.select_option("correct")
    add_step(hit, kind=HitStep.Kind.RECALLED, at=timezone.now(), by=None, policy=STAMP)
    expect(page.locator('[data-part="notices"][aria-live="polite"]')).to_contain_text("RECALLED")
    expect(what).to_have_value("correct")
    expect(page.locator("[data-live]")).to_have_count(0)  # it is closed: nothing more is asked


def test_an_open_hit_says_since_when_no_answer_came(cast: Cast, browse: Browse) -> None:
    page = browse("officer", expects="ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:afterRequest")
    page.goto(f"/hits/{make_hit(cast).pk}/")
    page.context.set_offline(True)
    expect(page.get_by_role("alert").filter(has_text="No answer since")).to_be_visible()


def test_an_open_hit_that_is_recalled_while_no_answer_came_says_that_alone(cast: Cast, browse: Browse) -> None:
    hit = make_hit(cast)
    page = browse("officer", expects="ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:afterRequest")
    page.goto(f"/hits/{hit.pk}/")
    page.context.set_offline(True)
    silence = page.get_by_role("alert").filter(has_text="No answer since")
    expect(silence).to_be_visible()
    add_step(hit, kind=HitStep.Kind.RECALLED, at=timezone.now(), by=None, policy=STAMP)
    page.context.set_offline(False)
    expect(page.get_by_text("RECALLED", exact=True)).to_be_visible()
    expect(silence).to_be_hidden()


def test_nothing_of_the_board_is_put_in_anew_that_stands_there(cast: Cast, browse: Browse) -> None:
    hit, page = make_hit(cast), browse("officer")
    page.goto("/hits/")
    alarm = page.locator(f'[data-hit="{hit.pk}"]')
    expect(alarm.locator(".day")).to_have_count(1)  # its date is held together by then
    alarm.evaluate("(row) => { row.dataset.mine = 'yes'; }")
    make_hit(cast, plate="XYZ9876")
    expect(page.locator("[data-hit]")).to_have_count(2)
    expect(alarm).to_have_attribute("data-mine", "yes")


def test_what_the_board_says_of_new_entries_stays_and_answers_for_no_alarms(cast: Cast, browse: Browse) -> None:
    hot_list_on_hand(cast, at=timezone.now())
    begin(footing(cast.sergeant, at=timezone.now()), patrol_car())
    page = browse("sergeant", expects="500|htmx:responseError")
    page.goto("/hits/")
    by = footing(cast.officer, at=timezone.now())
    enter_in_field(by, FieldEntry(plate="KHB4471", ground=Ground.AMBER))
    told = page.get_by_text("1 plate was entered while you are on duty").locator("xpath=ancestor::p")
    expect(told).to_be_visible()
    told.evaluate("(strip) => { strip.dataset.mine = 'yes'; }")
    page.route("**/hits/live/", lambda route: route.fulfill(status=500))
    expect(page.locator("#silence")).to_be_visible()
    for _ in range(2):
        page.wait_for_event("response", lambda answer: "strip" in answer.url)
        expect(page.locator("#silence")).to_be_visible(timeout=100)
    expect(told).to_have_attribute("data-mine", "yes")


def test_a_list_that_is_loaded_says_how_it_stands_and_reads_no_percents_out(cast: Cast, browse: Browse) -> None:
    [number], page = loading(cast), browse("custodian")
    page.goto(f"/hot-lists/loadings/{number}/")
    says = page.locator("[aria-live]")
    expect(says).to_have_text(re.compile("LPRinfo.txt"))
    says.locator("p").evaluate("(words) => { words.dataset.mine = 'yes'; }")
    HotListLoading.objects.update(percent=77)
    expect(page.locator("progress")).to_have_attribute("value", "77")
    expect(says.locator("p")).to_have_attribute("data-mine", "yes")
    expect(says).not_to_contain_text("%")
    HotListLoading.objects.update(state="refused", reason="The file may be cut off.")
    expect(says.get_by_role("alert")).to_contain_text("The file may be cut off.")
    expect(page.locator("[data-live]")).to_have_count(0)  # it asks no more


def test_a_live_screen_that_is_refused_says_why_and_asks_no_more(cast: Cast, browse: Browse) -> None:
    page = browse("officer", expects="403")
    page.goto(f"/hits/{make_hit(cast).pk}/")
    Training.objects.filter(person=cast.officer).delete()
    expect(page.get_by_role("heading", level=1)).to_have_text("Action refused")
    refused = LedgerEntry.objects.filter(action=Action.ACTION_REFUSED)
    known = refused.count()
    page.wait_for_timeout(3000)
    assert refused.count() == known


def _polls(page: Page, *, times: int) -> None:
    for _ in range(times):
        page.wait_for_event("response", lambda answer: "x-platekeeper-poll" in answer.request.headers)
