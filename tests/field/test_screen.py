"""The alarm page in Chromium: by keyboard alone, by day and by night, at the width of a laptop and of a phone.

`PLATEKEEPER_SHOTS=DIR` writes pictures of it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from platekeeper.field.entries import FieldEntries
from platekeeper.field.trouble import Part
from platekeeper.field.unit import Unit
from platekeeper.server.cli.demo.pictures import draw_car
from tests.field.making import SetClock, full_disk, now_of, sighting
from tests.looking import look_at

_NOTE_PRESSES = """() => {
    window.stood = document.querySelector("#alarm article");
    window.pressable = [];
    const note = () => pressable.push(getComputedStyle(document.querySelector(".steps button")).pointerEvents);
    new MutationObserver(note).observe(document.getElementById("alarm"), { childList: true });
}"""


def test_an_alarm_is_verified_and_confirmed_by_keyboard(unit: Unit, place: str, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    _see(unit, 1, "XYZ9876", state="NY")
    page.goto(place)
    _look(page, "unit-first")
    _see(unit, 2, "ABC1234", state="NJ")
    expect(page.get_by_text("Another state: read NJ, wanted NY.")).to_be_visible()
    _look(page, "unit-alarm")
    page.get_by_role("button", name="Night").press("Enter")
    _look(page, "unit-night")

    newest = page.locator("#alarm article").first
    newest.get_by_role("button", name="The picture agrees with the vehicle").press("Enter")
    expect(page.get_by_label("Your login name")).to_be_focused()
    page.keyboard.type("officer")
    newest.get_by_role("button", name="The picture agrees with the vehicle").press("Enter")
    newest.get_by_role("button", name="Dispatch confirms", exact=True).press("Enter")
    expect(page.locator("#earlier")).to_contain_text("ABC1234 stolen vehicle. Verified and confirmed.")

    page.get_by_label("Plate").fill("abc1234")
    page.get_by_label("Why").fill("AMBER Alert")
    page.get_by_role("button", name="Look up").press("Enter")
    expect(page.locator("#found")).to_contain_text("Wanted: stolen vehicle: ABC1234")
    unit.pulse.disk_full = True
    expect(page.locator("#troubles")).to_contain_text("The disk is full")
    _look(page, "unit-trouble")
    assert wrong == []
    page.close()


def test_a_refused_step_says_so_on_its_alarm(unit: Unit, place: str, chromium: Browser) -> None:
    page = chromium.new_page()
    _see(unit, 1, "ABC1234", state="NY")
    page.goto(place)
    page.get_by_label("Your login name").fill("   ")
    page.get_by_role("button", name="The picture agrees with the vehicle").click()
    card = page.locator("#alarm article")
    expect(card.get_by_text("Say who you are.")).to_be_visible()
    _see(unit, 2, "XYZ9876", state="NY")
    expect(card).to_have_count(2)
    expect(card.filter(has_text="ABC1234").get_by_text("Say who you are.")).to_be_visible()
    page.get_by_label("Your login name").fill("officer")
    card.last.get_by_role("button", name="The picture agrees with the vehicle").click()
    expect(page.get_by_text("Say who you are.")).to_have_count(0)
    page.close()


def test_a_slip_is_taken_back_by_keyboard_and_by_a_small_button_apart(
    unit: Unit, place: str, chromium: Browser
) -> None:
    page = chromium.new_page()
    _see(unit, 1, "ABC1234", state="NY")
    page.goto(place)
    page.get_by_label("Your login name").fill("officer")
    page.get_by_role("button", name="The picture differs: no alarm").press("Enter")
    ended = page.locator("#earlier li")
    expect(ended).to_contain_text("Ended: another vehicle.")
    expect(ended).to_be_focused()
    _look(page, "unit-taken-back")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="I was mistaken: it agrees")).to_be_focused()
    page.keyboard.press("Enter")
    card = page.locator("#alarm article")
    expect(card).to_be_focused()
    large = card.get_by_role("button", name="Dispatch confirms", exact=True).bounding_box()
    small = card.get_by_role("button", name="I was mistaken: it differs").bounding_box()
    assert large is not None and small is not None
    assert small["y"] - (large["y"] + large["height"]) >= 24 and small["height"] < large["height"]
    _look(page, "unit-slip")
    page.close()


def test_a_new_alarm_takes_neither_the_focus_nor_a_press_from_the_one_that_stands_there(
    unit: Unit, place: str, chromium: Browser
) -> None:
    page = chromium.new_page()
    _see(unit, 1, "ABC1234", state="NY")
    page.goto(place)
    agrees = page.get_by_role("button", name="The picture agrees with the vehicle")
    agrees.focus()
    page.evaluate(_NOTE_PRESSES)
    agrees.hover()
    page.mouse.down()
    _see(unit, 2, "XYZ9876", state="NY")
    page.wait_for_timeout(2100)
    expect(page.locator("#alarm article")).to_have_count(1)  # nothing moves under a press
    page.mouse.move(0, 0)
    page.mouse.up()
    expect(page.locator("#alarm article")).to_have_count(2)
    assert page.evaluate("pressable") == ["none"]
    assert page.evaluate("stood === document.activeElement.closest('article')")
    expect(page.locator(".steps button").first).to_have_css("pointer-events", "auto")

    page.get_by_label("Your login name").fill("officer")
    older = page.locator("#alarm article").last
    older.get_by_role("button", name="The picture agrees with the vehicle").press("Enter")
    expect(older.get_by_role("button", name="Dispatch confirms", exact=True)).to_be_visible()
    expect(older).to_be_focused()  # that step is taken, so its button is gone
    assert page.evaluate("!stood.isConnected")
    expect(page.locator("#status")).to_have_text(re.compile(r"\b1 read waits to go up|\b\d\d* reads wait to go up"))
    assert page.locator("#status").get_attribute("role") is None  # it is written anew each second
    page.close()


def test_it_shows_what_the_unit_says_of_a_full_disk(unit: Unit, place: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(place)
    with full_disk():
        unit.clock = replace(SetClock(), boot="the next start")
        expect(page.locator("#troubles")).to_contain_text("The disk is full, so nothing more is taken down.")
    expect(page.locator("#troubles")).not_to_contain_text("The disk is full")
    page.close()


def test_the_enter_key_looks_up_and_an_entry_names_its_ground(unit: Unit, place: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(place)
    page.get_by_label("Your login name").fill("officer")
    page.get_by_label("Why").fill("blue van")
    page.get_by_label("Plate").fill("lmn5555")
    page.get_by_label("Plate").press("Enter")
    expect(page.locator("#found")).to_have_text("Not wanted, and not read by this unit.")
    assert FieldEntries(unit.spool()).listed() == []

    page.get_by_text("Enter it on the hot list").click()
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_label("On what ground")).to_be_focused()  # the browser says that it is wanted
    assert FieldEntries(unit.spool()).listed() == []
    page.get_by_label("On what ground").select_option("missing_child")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.locator("#found p")).to_have_text(["Entered: LMN5555, missing child", "Not read by this unit before."])
    expect(page.locator("#entries")).to_contain_text("LMN5555: missing child")
    expect(page.get_by_label("On what ground")).to_have_value("")
    page.get_by_label("State").press("Enter")  # a look-up still, from a field of the entry too
    expect(page.locator("#found")).not_to_contain_text("Entered")
    page.close()


def _see(unit: Unit, number: int, plate: str, *, state: str) -> None:
    seen = sighting(number, at=now_of(SetClock()), plate=plate, state=state)
    picture = draw_car(plate, state, seed=number, night=False)
    unit.see(replace(seen, picture=picture, crop=picture))
    unit.pulse.beat(Part.GPS)


def _look(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        look_at(page, f"{name}-{width}")
