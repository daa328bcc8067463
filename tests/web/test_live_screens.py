"""The screens that go on by themselves: they say when nothing comes any more, and move nothing under a hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from platekeeper.server.procedures.answer_hit import answer_confirmation
from platekeeper.server.procedures.authority import footing
from tests.cast import Cast
from tests.web.making import make_hit

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
    expect(page.get_by_text("Your answer is with the member.")).to_be_visible()


def test_nothing_is_put_into_the_queue_under_a_press(cast: Cast, browse: Browse) -> None:
    page = browse("dispatcher")
    first = make_hit(cast, urgent=False, steps=ASKED)
    page.goto("/hits/dispatch/")
    page.get_by_role("button", name="Confirmed", exact=True).hover()
    page.mouse.down()
    second = make_hit(cast, plate="LMN5555", steps=ASKED)  # urgent: it goes above
    page.wait_for_event("response", lambda answer: f'data-hit="{second.pk}"' in answer.text())
    page.mouse.up()
    expect(page.get_by_text("Your answer is with the member.")).to_be_visible()
    assert first.steps.filter(kind="confirmed").exists() and not second.steps.filter(kind="confirmed").exists()


def _polls(page: Page, *, times: int) -> None:
    for _ in range(times):
        page.wait_for_event("response", lambda answer: "x-platekeeper-poll" in answer.request.headers)
