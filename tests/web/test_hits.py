"""Hits on their screens: the board shows them at once, the steps are worked by two people, keys work."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Departure, HitStep
from tests.cast import Cast
from tests.web.access.cases import opened
from tests.web.making import STAMP, make_hit

Browse = Callable[..., Page]
AsRole = Callable[[str], Client]


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (480, 270), "#345").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_board_shows_a_new_hit_by_itself_and_keys_open_it(cast: Cast, browse: Browse) -> None:
    page = browse("officer", width=390)
    page.goto("/hits/")
    expect(page.get_by_text("No open alarms")).to_be_visible()
    hit = make_hit(cast, image=_jpeg())
    other = make_hit(cast, urgent=False)
    expect(page.locator(f'[data-hit="{other.pk}"]')).to_be_visible()
    page.keyboard.press("j")  # a letter does nothing while no alarm has the focus
    expect(page.locator("[data-hit]:focus")).to_have_count(0)
    page.locator(f'[data-hit="{hit.pk}"]').focus()
    page.keyboard.press("j")
    expect(page.locator(f'[data-hit="{other.pk}"]')).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/hits/{hit.pk}/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("crime suspect")


@pytest.mark.django_db(transaction=True)
def test_a_hit_is_worked_by_the_member_and_confirmed_by_dispatch(cast: Cast, browse: Browse) -> None:
    hit = make_hit(cast, image=_jpeg())
    member, dispatch = browse("officer", width=390), browse("dispatcher")
    member.goto(f"/hits/{hit.pk}/")
    member.get_by_role("button", name="It agrees").click()
    member.get_by_role("button", name="Ask dispatch").click()
    expect(member.get_by_text("Dispatch has been asked.")).to_be_visible()
    dispatch.goto("/hits/dispatch/")
    dispatch.get_by_role("button", name="Confirmed", exact=True).click()
    expect(dispatch.get_by_text("Your answer on ABC1234 is with the member: confirmed.")).to_be_visible()
    member.get_by_role("button", name="Record the stop").click()
    expect(member.get_by_role("button", name="Record the stop")).to_have_count(0)
    assert not Departure.objects.exists()


@pytest.mark.django_db
def test_a_stop_without_both_steps_is_a_departure(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast)
    officer = as_role("officer")
    assert "Record the departure" in officer.get(f"/hits/{hit.pk}/").content.decode()
    officer.post(f"/hits/{hit.pk}/stop/", {"remark": "he ran"})
    departure = Departure.objects.get()
    assert (departure.clause, departure.member) == ("VII.e.1", cast.officer)
    assert departure.reason in as_role("sergeant").get("/hits/departures/").content.decode()


@pytest.mark.django_db
def test_a_self_attested_confirmation_is_marked(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, steps=("image_verified",))
    as_role("officer").post(f"/hits/{hit.pk}/attest-confirmed/", {"who": "Dora, channel 2"})
    step = hit.steps.get(kind=HitStep.Kind.CONFIRMED)
    assert step.self_attested
    for address in (f"/hits/{hit.pk}/", "/hits/", "/hits/open/"):
        page = as_role("sergeant").get(address).content.decode()
        assert "the member's own word (Olive Officer): Dora, channel 2 by voice" in page, address


@pytest.mark.django_db
def test_a_different_state_is_called_out(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, agreement=StateAgreement.DIFFERS)
    for address in ("/hits/", f"/hits/{hit.pk}/"):
        assert "DIFFERENT STATE" in as_role("officer").get(address).content.decode()


@pytest.mark.django_db
def test_an_entry_that_is_no_longer_on_its_list_is_called_out(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, entry_key="portal:NY:ABC1234:V", steps=("image_verified", "confirmation_asked"))
    for role, address in (
        ("officer", "/hits/"),
        ("officer", f"/hits/{hit.pk}/"),
        ("dispatcher", "/hits/dispatch/"),
        ("sergeant", "/hits/open/"),
    ):
        assert "NO LONGER WANTED" in as_role(role).get(address).content.decode(), address


@pytest.mark.django_db
def test_without_javascript_the_picture_is_a_link_to_itself(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast)
    assert f'href="/hits/{hit.pk}/image/"' in as_role("officer").get(f"/hits/{hit.pk}/").content.decode()


@pytest.mark.django_db
def test_a_step_happens_once(cast: Cast, as_role: AsRole) -> None:
    hit, officer = make_hit(cast), as_role("officer")
    officer.post(f"/hits/{hit.pk}/image-agrees/")
    assert officer.post(f"/hits/{hit.pk}/image-differs/").status_code == 403


@pytest.mark.django_db
def test_a_comparison_that_was_mistaken_is_made_anew_until_the_stop(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, agreement=StateAgreement.DIFFERS)
    officer, dispatch = as_role("officer"), as_role("dispatcher")
    officer.post(f"/hits/{hit.pk}/image-agrees/", {"state": "NY"})
    officer.post(f"/hits/{hit.pk}/ask/")
    officer.post(f"/hits/{hit.pk}/image-differs-anew/")
    page = officer.get(f"/hits/{hit.pk}/").content.decode()
    assert "This is not the vehicle" in page and "I was mistaken: it agrees" in page and "; waiting" not in page
    assert "ABC1234" not in dispatch.get("/hits/dispatch/").content.decode()
    assert "picture differs, no outcome yet" in as_role("sergeant").get("/hits/open/").content.decode()
    assert officer.post(f"/hits/{hit.pk}/image-differs-anew/").status_code == 403, "the same once more"
    assert officer.post(f"/hits/{hit.pk}/image-agrees-anew/").status_code == 403, "of which state"
    officer.post(f"/hits/{hit.pk}/image-agrees-anew/", {"state": "NY"})
    board = officer.get("/hits/").content.decode()
    assert "picture compared" in board and "picture differs" not in board
    dispatch.post(f"/hits/{hit.pk}/answer/", {"answer": "confirmed"})
    officer.post(f"/hits/{hit.pk}/stop/")
    assert not Departure.objects.exists() and hit.steps.filter(kind__startswith="image_").count() == 3
    assert officer.post(f"/hits/{hit.pk}/image-differs-anew/").status_code == 403


@pytest.mark.django_db
def test_the_asking_member_does_not_confirm(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, steps=("image_verified", "confirmation_asked"))
    assert as_role("officer").post(f"/hits/{hit.pk}/answer/", {"answer": "confirmed"}).status_code == 403


@pytest.mark.django_db
def test_dispatch_takes_a_confirmation_back_until_the_stop(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, steps=("image_verified", "confirmation_asked", "confirmed"))
    officer, dispatch = as_role("officer"), as_role("dispatcher")
    assert "Record the departure" not in officer.get(f"/hits/{hit.pk}/").content.decode()
    assert "Take the confirmation back" not in officer.get(f"/hits/{hit.pk}/").content.decode()
    said = {"answer": "not_confirmed", "remark": "it was another file"}
    assert officer.post(f"/hits/{hit.pk}/answer-anew/", said).status_code == 403
    assert "Take the confirmation back" in dispatch.get(f"/hits/{hit.pk}/").content.decode()
    assert dispatch.post(f"/hits/{hit.pk}/answer-anew/", said | {"remark": " "}).status_code == 403
    dispatch.post(f"/hits/{hit.pk}/answer-anew/", said)
    page = officer.get(f"/hits/{hit.pk}/").content.decode()
    assert "Record the departure" in page and "Dispatch did not confirm this hit." in page
    assert "dispatch: Dora Dispatcher, it was another file" in page
    officer.post(f"/hits/{hit.pk}/stop/")
    assert Departure.objects.get().clause == "VII.e.2"
    stopped = make_hit(cast, steps=("image_verified", "confirmation_asked", "confirmed", "stopped"))
    assert "Take the confirmation back" not in dispatch.get(f"/hits/{stopped.pk}/").content.decode()


@pytest.mark.django_db
def test_dispatch_confirms_after_all_what_it_had_not_confirmed_by_mistake(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, steps=("image_verified", "confirmation_asked"))
    officer, dispatch = as_role("officer"), as_role("dispatcher")
    given = dispatch.post(f"/hits/{hit.pk}/answer/", {"answer": "not_confirmed"}, follow=True).content.decode()
    assert "Your answer on ABC1234 is with the member: not confirmed." in given and f'href="/hits/{hit.pk}/"' in given
    assert "Confirm it after all" in dispatch.get(f"/hits/{hit.pk}/").content.decode()
    said = {"answer": "confirmed", "remark": "the button beside it"}
    assert officer.post(f"/hits/{hit.pk}/answer-anew/", said).status_code == 403
    dispatch.post(f"/hits/{hit.pk}/answer-anew/", said)
    page, board = (officer.get(address).content.decode() for address in (f"/hits/{hit.pk}/", "/hits/"))
    assert "Record the stop" in page and "NOT confirmed" in page, "both stay"
    assert "dispatch: Dora Dispatcher, the button beside it" in board and "NOT confirmed" not in board
    assert "confirmed, no stop yet" in as_role("sergeant").get("/hits/open/").content.decode()
    officer.post(f"/hits/{hit.pk}/stop/")
    assert not Departure.objects.exists()


@pytest.mark.django_db
def test_who_recorded_what_dispatch_said_by_voice_wrongly_records_it_anew_and_nobody_else(
    cast: Cast, as_role: AsRole
) -> None:
    hit, officer = make_hit(cast, steps=("image_verified",)), as_role("officer")
    officer.post(f"/hits/{hit.pk}/attest-denied/", {"who": "Dora"})
    said = {"answer": "confirmed", "remark": "Dora, channel 2"}
    assert "Confirm it after all" not in as_role("sergeant").get(f"/hits/{hit.pk}/").content.decode()
    assert as_role("sergeant").post(f"/hits/{hit.pk}/answer-anew/", said).status_code == 403
    assert "Confirm it after all" in officer.get(f"/hits/{hit.pk}/").content.decode()
    assert officer.post(f"/hits/{hit.pk}/answer-anew/", said | {"remark": ""}).status_code == 403
    officer.post(f"/hits/{hit.pk}/answer-anew/", said)
    page = officer.get(f"/hits/{hit.pk}/").content.decode()
    assert "Record the stop" in page and "the member's own word (Olive Officer): Dora, channel 2 by voice" in page


@pytest.mark.django_db
def test_a_question_of_three_days_ago_says_so_in_the_queue_and_on_its_hit_and_names_its_list(
    cast: Cast, as_role: AsRole
) -> None:
    asked = datetime(2026, 3, 2, 15, 0, 7, tzinfo=UTC)
    hit = make_hit(cast, steps=("image_verified", "confirmation_asked"), at=asked)
    hit.entry |= {"source": "portal", "list": "State portal"}
    hit.save(update_fields=["entry"])
    queue = as_role("dispatcher").get("/hits/dispatch/").content.decode()
    assert "asked by Olive Officer 2026-03-02 10:00:07" in queue
    assert ">State portal  ·" in queue
    changes.add_step(hit, kind=HitStep.Kind.CONFIRMED, at=asked, by=cast.dispatcher, policy=STAMP)
    page = as_role("officer").get(f"/hits/{hit.pk}/").content.decode()
    assert "Olive Officer · 2026-03-02 10:00:07" in page and "2026-03-02 10:00:07 · dispatch: " in page
    assert "2026-03-02 10:00:07 image agrees with the vehicle" in page


@pytest.mark.django_db
def test_nothing_new_is_a_304(cast: Cast, as_role: AsRole) -> None:
    make_hit(cast)
    officer = as_role("officer")
    tag = officer.get("/hits/live/").headers["ETag"]
    assert officer.get("/hits/live/", headers={"If-None-Match": tag}).status_code == 304
    make_hit(cast, plate="XYZ9876", how=HowMatched.LOOK_ALIKE, steps=("stopped",))
    assert officer.get("/hits/live/", headers={"If-None-Match": tag}).status_code == 304, "none of the board's"
    make_hit(cast, plate="XYZ9876")
    assert officer.get("/hits/live/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.django_db
def test_the_board_names_the_newest_recalls_of_the_last_day_with_their_time(cast: Cast, as_role: AsRole) -> None:
    now = datetime.now(UTC)
    for hours, plate in (
        (0, "AAA1111"),
        (30, "BBB2222"),
        (1, "CCC3333"),
        (20, "DDD4444"),
        (2, "EEE5555"),
        (3, "FFF6666"),
    ):
        hit = make_hit(cast, plate=plate, at=now - timedelta(days=3))
        if hours:  # raised long ago, recalled so many hours ago
            changes.add_step(hit, kind=HitStep.Kind.RECALLED, at=now - timedelta(hours=hours), by=None, policy=STAMP)
    page = as_role("officer").get("/hits/").content.decode()
    named = re.findall(r'data-recalled=.*?class="plate">(\w+)</span> <span class="muted">([-0-9 :]+)<', page)
    assert [plate for plate, _at in named] == ["CCC3333", "EEE5555", "FFF6666"]
    zone = ZoneInfo("America/New_York")
    assert named[0][1] == f"{(now - timedelta(hours=1)).astimezone(zone):%Y-%m-%d %H:%M}"


@pytest.mark.django_db
def test_showing_a_hit_is_logged_once_a_person(cast: Cast, as_role: AsRole) -> None:
    hit, officer = make_hit(cast), as_role("officer")
    for _ in range(2):
        officer.get(f"/hits/{hit.pk}/")
    assert hit.steps.filter(kind=HitStep.Kind.SHOWN).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "is_led_there"), [("officer", True), ("custodian", True), ("rookie", False)])
def test_a_missing_hot_list_is_called_out_on_every_page(
    role: str, is_led_there: bool, cast: Cast, as_role: AsRole
) -> None:
    found = as_role(role).get("/").content.decode()
    assert "No hot list has been loaded yet." in found
    assert ('loaded yet. <a href="/hot-lists/">Hot lists</a>' in found) == is_led_there


@pytest.mark.django_db
def test_a_hit_that_raises_no_alarm_is_seen_by_who_reviews_it_and_a_stop_on_it_is_recorded(
    cast: Cast, as_role: AsRole
) -> None:
    hit, case = make_hit(cast, how=HowMatched.LOOK_ALIKE, image=_jpeg()), opened(cast)
    assert hit.action == "silent"
    place = f"/hits/{hit.pk}/"
    for role, status in (
        ("officer", 403),
        ("dispatcher", 403),
        ("custodian", 200),
        ("sergeant", 200),
        ("auditor", 200),
    ):
        seen = [as_role(role).get(address).status_code for address in (place, f"{place}image/")]
        assert seen == [status, status], role
    officer = as_role("officer")
    for step in ("image-agrees", "ask", "outcome"):
        assert officer.post(f"{place}{step}/", {"outcome": "correct", "state": "NY"}).status_code == 403
    assert officer.post(f"/cases/preserve/hit/{hit.pk}/", {"number": case.number, "into": case.pk}).status_code == 403
    page = as_role("sergeant").get(place).content.decode()
    assert "A stop was made all the same" in page and "Ask dispatch" not in page and "Record the outcome" not in page
    assert "Which plate did you see" in page
    for plate in ("", "ABC1235"):
        refused = officer.post(f"{place}stop/", {"plate": plate, "remark": "to see it"})
        assert (refused.status_code, hit.plate in refused.content.decode()) == (403, False)
    officer.post(f"{place}stop/", {"plate": "abc-1234", "remark": "it matched"})
    officer.post(f"{place}outcome/", {"outcome": "misread"})
    kinds = HitStep.objects.filter(hit=hit).exclude(kind="shown").values_list("kind", flat=True)
    assert (list(kinds), Departure.objects.count()) == (["stopped", "outcome"], 1)


@pytest.mark.django_db
def test_a_stop_that_another_made_on_a_hit_without_an_alarm_opens_it_to_nobody_else(
    cast: Cast, as_role: AsRole
) -> None:
    place = f"/hits/{make_hit(cast, how=HowMatched.LOOK_ALIKE).pk}/"
    assert as_role("sergeant").post(f"{place}stop/", {"plate": "ABC1234"}).status_code == 302
    for step in ("outcome", "image-agrees", "attest-confirmed"):
        assert as_role("officer").post(f"{place}{step}/", {"outcome": "correct", "who": "D"}).status_code == 403
    assert as_role("officer").get(place).status_code == 403
