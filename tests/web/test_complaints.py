"""Complaints on their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.core.matching import HowMatched
from platekeeper.core.rules.complaints import Finding
from platekeeper.server.oversight.models import Complaint, Notice
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.web import complaints
from tests.cast import FOUNDED, Cast
from tests.web.access.oversight import SAID, complained, corrected, stopped_hit
from tests.web.making import make_hit, stepped_up

AsRole = Callable[[str], Client]
Browse = Callable[..., Page]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_complaint_is_worked_from_its_page_to_its_end(cast: Cast, browse: Browse, as_role: AsRole) -> None:
    hit, page = stopped_hit(cast), browse("sergeant", width=390)
    page.goto("/complaints/new/")
    for label, value in (("Who complains", "Wendy"), ("How to reach them", "mail"), ("What happened", "Stopped."),
                         ("Plate", hit.plate), ("Time of the stop", SAID["stopped_at"])):  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Enter it").click()
    page.get_by_role("link", name="Find the hit").click()
    expect(page.get_by_text("stop made")).to_be_visible()
    page.get_by_role("button", name="It was this hit").click()
    expect(page.get_by_text("All 3 events in order")).to_be_visible()
    page.get_by_label("both steps of VII.e were not taken").check()
    page.get_by_label("On what it rests").fill("No step was recorded.")
    page.get_by_role("button", name="Record the finding").click()
    expect(page.get_by_text("Answer the complainant before")).to_be_visible()
    page.get_by_text("Answer the complainant", exact=True).click()
    page.get_by_label("What was answered").fill("By letter.")
    page.get_by_role("button", name="Record the answer").click()
    page.get_by_role("button", name="Close the complaint").click()
    expect(page.get_by_text("This complaint is closed.")).to_be_visible()


@pytest.mark.django_db
def test_the_correction_is_made_and_everybody_reached_sees_it_at_home(cast: Cast, as_role: AsRole) -> None:
    complaint = complained(cast, hit=stopped_hit(cast), findings=(Finding.WRONG_ENTRY,))
    address = f"/complaints/{complaint.pk}/"
    custodian = stepped_up(as_role("custodian"))
    page = _text(custodian, address)
    assert "Correct the entry" in page and "Wendy" not in page and "gunpoint" not in page
    unsaid = custodian.post(f"{address}correct/", {"source": "State portal", "text": ""}).content.decode()
    assert "This field is required" in unsaid and 'value="State portal"' in unsaid
    custodian.post(f"{address}correct/", {"source": "State portal", "text": "Recovered on the 3rd."})
    assert "not seen yet" in _text(as_role("auditor"), address)
    officer = as_role("officer")
    assert "Do not act on it again" in _text(officer, "/")
    officer.post(f"/complaints/notices/{Notice.objects.get().pk}/seen/")
    assert "Do not act on it again" not in _text(officer, "/")
    assert "not seen yet" not in _text(as_role("auditor"), address)


@pytest.mark.django_db
def test_a_complaint_about_ones_own_stop_is_entered_and_then_somebody_elses(cast: Cast, as_role: AsRole) -> None:
    sergeant = as_role("sergeant")
    answer = sergeant.post("/complaints/new/", {**SAID, "about": cast.sergeant.pk}, follow=True)
    assert "somebody else handles it" in answer.content.decode()
    assert sergeant.get(f"/complaints/{Complaint.objects.get().pk}/").status_code == 403
    assert "errorlist" in sergeant.post("/complaints/new/", {**SAID, "plate": "!"}).content.decode()


@pytest.mark.django_db
def test_pages_say_what_is_missing(cast: Cast, as_role: AsRole) -> None:
    chief = as_role("chief")
    assert "Nobody has complained" in _text(chief, "/complaints/")
    address = f"/complaints/{complained(cast).pk}/"
    assert "Find the hit first" in _text(chief, address)
    assert "No hit fits" in _text(chief, f"{address}hits/?plate=XYZ*&at={SAID['stopped_at']}")
    assert "Choose to whom" in chief.post(f"{address}assign/", {}, follow=True).content.decode()
    chief.post(f"{address}assign/", {"to": cast.sergeant.pk})
    assert f"assigned</strong>: {cast.sergeant.name}" in _text(chief, address)
    assert chief.post(f"{address}nonsense/").status_code == 404
    assert chief.post(f"{address}close/").status_code == 403


@pytest.mark.django_db
def test_a_hit_that_raises_no_alarm_is_linked_for_who_may_open_it(cast: Cast, as_role: AsRole) -> None:
    heard = stopped_hit(cast, entry_key="portal:1")
    silent = make_hit(cast, entry_key="portal:1", how=HowMatched.LOOK_ALIKE, steps=("shown",))
    personnel.give_position(
        cast.chief, personnel.ensure_position("Dispatcher"), since=FOUNDED.date(), at=heard.raised_at
    )
    address = f"/complaints/{complained(cast, hit=heard).pk}/"
    for role, opens in (("chief", False), ("auditor", True)):
        page = _text(as_role(role), address)
        assert f'href="/hits/{heard.pk}/"' in page and f"hit {silent.pk}" in page
        assert (f'href="/hits/{silent.pk}/"' in page) is opens, role
        assert (as_role(role).get(f"/hits/{silent.pk}/").status_code == 200) is opens


@pytest.mark.django_db
def test_suppressed_lines_stand_on_the_hot_lists_page(cast: Cast, as_role: AsRole) -> None:
    made = corrected(cast)
    assert made.entry_key in _text(as_role("custodian"), "/hot-lists/")
    stepped_up(custodian := as_role("custodian")).post(f"/complaints/corrections/{made.pk}/lift/", {"why": "stolen"})
    assert made.entry_key not in _text(custodian, "/hot-lists/")


@pytest.mark.django_db
def test_what_an_entry_did_is_paged_however_much_it_was_and_printed_whole(
    cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = [stopped_hit(cast, entry_key="portal:1") for _number in range(3)]
    made, chief = complained(cast, hit=raised[0]), as_role("chief")
    monkeypatch.setattr(complaints, "_LISTED", dict.fromkeys(complaints._LISTED, 2))
    monkeypatch.setattr(complaints, "_HITS_SHOWN", 2)

    def events(page: str) -> int:
        return page[page.index('id="events"') :].count("<li>")

    first = _text(chief, f"/complaints/{made.pk}/")
    assert events(first) == 2 and '<details id="events">' in first
    assert "and more, 3 in all" in first
    assert 'href="?events=2#events"' in first
    second = _text(chief, f"/complaints/{made.pk}/?events=2")
    assert events(second) == 2 and '<details id="events" open>' in second
    whole = _text(chief, f"/complaints/{made.pk}/?print")
    assert events(whole) >= 6 and "and more" not in whole and "?events=" not in whole
