"""A hit is worked on a phone, from the alarm to its outcome: 360 pixels wide, with the picture enlarged."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from platekeeper.core.matching import StateAgreement
from platekeeper.server.hits.models import Departure
from tests.cast import Cast
from tests.web.making import make_hit
from tests.web.test_screens import look

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[..., Page]
_BOX = "document.querySelector('.zoom-stage img').getBoundingClientRect()"


def _picture() -> bytes:
    """Return a dark street with a plate on it."""
    picture = Image.new("RGB", (1280, 720), "#12161c")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((560, 430, 760, 500), fill="#f6f3e6")
    draw.text((600, 450), "ABC1234", fill="#12284c", font_size=32)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


def _scale(page: Page) -> float:
    return float(page.locator("dialog.zoom").get_attribute("data-scale") or 0)


def _left(page: Page) -> float:
    return float(page.evaluate(f"{_BOX}.left"))


def test_a_hit_is_worked_on_a_phone_from_the_alarm_to_its_outcome(cast: Cast, browse: Browse) -> None:
    page, dispatch = browse("officer", width=360), browse("dispatcher")
    page.goto("/hits/")
    hit = make_hit(cast, image=_picture(), agreement=StateAgreement.UNKNOWN)
    alarm = page.locator(f'[data-hit="{hit.pk}"]')
    expect(alarm).to_be_visible()
    alarm.click()
    expect(page.get_by_role("alert").first).to_contain_text("STATE NOT KNOWN")
    look(page, "hit-unknown-state-360")

    page.get_by_role("link", name="Enlarge and compare").click()
    compare = page.get_by_role("dialog")
    expect(compare).to_contain_text("Read")
    expect(compare.locator(".plate")).to_have_count(2)
    _zoom_by_button_key_and_finger(page)
    look(page, "hit-zoom-360")
    page.keyboard.press("Escape")
    expect(compare).to_be_hidden()

    page.get_by_role("button", name="It agrees").click()  # the browser holds it back: no state is chosen yet
    assert not hit.steps.filter(kind="image_verified").exists()
    page.get_by_label("Which state do you see").select_option("NY")
    page.get_by_role("button", name="It agrees").click()
    expect(page.get_by_text("state seen: NY").first).to_be_visible()
    page.get_by_role("button", name="Ask dispatch").click()
    expect(page.get_by_text("Dispatch has been asked.")).to_be_visible()
    dispatch.goto("/hits/dispatch/")
    expect(dispatch.get_by_text("state seen: NY")).to_be_visible()
    dispatch.get_by_role("button", name="Confirmed", exact=True).click()
    expect(dispatch.get_by_text("Your answer on ")).to_be_visible()
    expect(page.get_by_text("dispatch: Dora Dispatcher").first).to_be_visible()
    page.get_by_role("button", name="Record the stop").click()
    page.get_by_label("How it ended").select_option("correct")
    page.get_by_role("button", name="Record the outcome").click()
    expect(page.get_by_text("outcome recorded: correct read")).to_be_visible()
    assert not Departure.objects.exists()
    look(page, "hit-worked-360")


def test_an_alarm_stays_under_the_finger_that_opens_it(cast: Cast, browse: Browse) -> None:
    page = browse("officer", width=360)
    first = make_hit(cast)
    page.goto("/hits/")
    alarm = page.locator(f'[data-hit="{first.pk}"]')

    def polls(*, times: int) -> None:
        for _ in range(times):
            page.wait_for_event("response", lambda answer: answer.url.endswith("/hits/live/"))

    polls(times=2)
    alarm.evaluate("(link) => { link.dataset.mine = 'yes'; }")
    polls(times=2)
    expect(alarm).to_have_attribute("data-mine", "yes")  # nothing changed, so nothing was put in anew
    alarm.hover()
    page.mouse.down()
    second = make_hit(cast)  # it goes above the first, which would move from under the finger
    page.wait_for_event("response", lambda answer: f'data-hit="{second.pk}"' in answer.text())
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"/hits/{first.pk}/$"))


def test_a_press_whose_end_is_never_told_holds_alarms_no_longer_than_five_seconds(cast: Cast, browse: Browse) -> None:
    page = browse("officer", width=360)
    first = make_hit(cast)
    page.goto("/hits/")
    page.locator(f'[data-hit="{first.pk}"]').dispatch_event("pointerdown")
    second = make_hit(cast)
    expect(page.locator(f'[data-hit="{second.pk}"]')).to_be_visible()


def _zoom_by_button_key_and_finger(page: Page) -> None:
    assert _scale(page) == 1
    page.get_by_role("button", name="Larger").click()
    page.keyboard.press("+")
    assert _scale(page) == 2.25
    left = _left(page)
    page.keyboard.press("ArrowLeft")
    assert _left(page) > left
    stage = page.locator(".zoom-stage").bounding_box()
    assert stage is not None
    x, y, left = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2, _left(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y)
    page.mouse.up()
    assert _left(page) == pytest.approx(left - 60)
    page.mouse.click(x + 50, y)  # what lies there comes to the middle, without a drag
    assert _left(page) == pytest.approx(left - 110)
    page.mouse.click(x - 50, y)
    assert _left(page) == pytest.approx(left - 60)
    before = _scale(page)
    _pinch(page, x, y, apart=(40, 80))
    assert _scale(page) == pytest.approx(2 * before, abs=0.02)
    page.get_by_role("button", name="Whole").click()
    assert _scale(page) == 1
    page.keyboard.press("-")
    assert _scale(page) == 1  # never smaller than whole
    page.get_by_role("button", name="Larger").click()


def _pinch(page: Page, x: float, y: float, *, apart: tuple[float, float]) -> None:
    """Put two fingers on the screen and move them from one distance to another."""
    touch = page.context.new_cdp_session(page)

    def fingers(distance: float) -> list[dict[str, float]]:
        return [{"x": x - distance / 2, "y": y, "id": 0}, {"x": x + distance / 2, "y": y, "id": 1}]

    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers(apart[0])})
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": fingers(apart[1])})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
