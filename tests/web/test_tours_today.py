"""The day as the sergeant sees it: overrides, tours, lists, logs, hits and training; and how a log goes back and forth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.core import transfer
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.tours import Answer, Question
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import keep_user_logs
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.end_cases import seal_case
from platekeeper.server.procedures.issue_hot_list import issue_hot_list
from platekeeper.server.procedures.keep_cases import change_case, open_case
from platekeeper.server.procedures.keep_user_logs import forward_log
from platekeeper.server.procedures.override_tour import ask_override, decide_override
from platekeeper.server.procedures.run_tour import day_began
from platekeeper.server.userlog.lookups import granted_overrides, logs
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, Tour, TourOverride
from tests.cast import Cast
from tests.hotlist.making import deliver, file, line, made_a_unit
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.access.cases import opened
from tests.web.access.tours import _arrest
from tests.web.test_screens import look

Browse = Callable[..., Page]
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_stale_list_is_overridden_by_the_sergeant_with_a_reason(cast: Cast, browse: Browse) -> None:
    patrol_car()
    hot_list_on_hand(cast, at=NOW - timedelta(days=2))
    officer, sergeant = browse("officer", width=360), browse("sergeant")
    officer.goto("/tours/")
    officer.get_by_text("It cannot wait: ask a supervisor").click()
    officer.get_by_label("Why the tour cannot wait").fill("an abduction is under way")
    look(officer, "tours-stale-360")
    officer.get_by_role("button", name="Ask for an override").click()
    expect(officer.get_by_text("A supervisor was asked to override this today.")).to_be_visible()
    sergeant.goto("/tours/today/")
    look(sergeant, "tours-today-asked-1280")
    sergeant.get_by_label("Why", exact=True).fill("the portal is down")
    sergeant.get_by_role("button", name="Override for today").click()
    expect(sergeant.get_by_text("Overridden for today.")).to_be_visible()
    officer.reload()
    expect(officer.get_by_text("Overridden for today by Sam Sergeant: the portal is down")).to_be_visible()
    for answer in ("general patrol", "checked: right lanes", "clean"):
        officer.get_by_label(answer, exact=True).click()
    officer.get_by_label("damaged", exact=True).click()
    officer.get_by_role("button", name="Begin").click()
    expect(officer.get_by_text("Say what is not in order.")).to_be_visible()
    officer.get_by_label("What is not in order").fill("left housing cracked")
    officer.get_by_role("button", name="Begin").click()
    expect(officer.get_by_role("heading", name="You are on tour with Car 3")).to_be_visible()
    sergeant.reload()
    expect(sergeant.get_by_text("V.a overridden by Sam Sergeant")).to_be_visible()
    sergeant.locator("summary", has_text="Withdraw it").click()
    look(sergeant, "tours-today-1280")
    sergeant.get_by_label("Why", exact=True).fill("the portal is up again")
    sergeant.get_by_role("button", name="Withdraw the override").click()
    expect(sergeant.get_by_text("withdrawn by Sam Sergeant")).to_be_visible()
    officer.goto("/tours/")
    expect(officer.get_by_text("Withdrawn by Sam Sergeant.")).to_be_visible()
    sergeant.set_viewport_size({"width": 360, "height": 800})
    look(sergeant, "tours-today-360")
    said = {check.question: (check.answer, check.words) for check in Tour.objects.get().checks.all()}
    assert said[Question.HOT_LIST][0] == Answer.OVERRIDDEN
    assert said[Question.DAMAGE] == ("no", "left housing cracked")


@pytest.mark.django_db
def test_what_was_asked_before_midnight_and_granted_after_it_can_be_withdrawn(cast: Cast, as_role: AsRole) -> None:
    hot_list_on_hand(cast, at=NOW - timedelta(days=3))
    asked = ask_override(footing(cast.officer, at=NOW - timedelta(days=1)), lpr=patrol_car(), purpose="patrol", why="x")
    sergeant = footing(cast.sergeant, at=datetime.now(UTC))
    decide_override(sergeant, asked, grant=True, reason="the portal is down")
    assert granted_overrides(cast.officer, since=day_began(sergeant)) == {Clause.V_a: asked}
    assert "Withdraw the override" in _text(as_role("sergeant"), "/tours/today/")
    assert "Overridden for today by Sam Sergeant" in _text(as_role("officer"), "/tours/")


@pytest.mark.django_db(transaction=True)
def test_a_log_is_sent_back_completed_and_accepted(cast: Cast, browse: Browse) -> None:
    hot_list_on_hand(cast, at=NOW)
    by = footing(cast.officer, at=datetime.now(UTC))
    end(by, tour := begin(by, patrol_car()))
    forward_log(by, tour.log)
    open_case(by, number="26-88", title="x", offense_class="felony", is_felony=True)
    officer, sergeant = browse("officer", width=360), browse("sergeant")
    sergeant.goto("/")
    sergeant.get_by_role("link", name="Daily User Log to check").click()
    sergeant.get_by_role("link", name="Olive Officer").first.click()
    sergeant.get_by_label("If something is missing").fill("the arrest is missing")
    look(sergeant, "user-log-to-check-1280")
    sergeant.get_by_role("button", name="Send it back").click()
    expect(sergeant.get_by_text("The log was sent back.")).to_be_visible()
    officer.goto("/tours/")
    officer.get_by_role("link", name="Your Daily User Log").click()
    expect(officer.get_by_text("the arrest is missing").first).to_be_visible()
    officer.get_by_text("An arrest was made").click()
    officer.get_by_label("Number of its case").fill("26-88")
    officer.get_by_role("button", name="Keep the log with this case").click()
    officer.get_by_label("What you completed").fill("the arrest")
    look(officer, "user-log-sent-back-360")
    officer.get_by_role("button", name="Complete and forward").click()
    expect(officer.get_by_text("The log was forwarded.")).to_be_visible()
    sergeant.goto(f"/tours/logs/{tour.log_id}/")
    sergeant.get_by_role("button", name="It is complete: accept").click()
    expect(sergeant.get_by_text("The log was accepted.")).to_be_visible()
    sergeant.goto(f"/tours/logs/{tour.log_id}/")
    look(sergeant, "user-log-accepted-1280")
    first, second = DailyUserLog.objects.get().revisions.order_by("number")
    assert (first.accepted, second.accepted) == (False, True)
    assert b'"arrests":[]' in bytes(first.content) and b'"arrests":["26-88"]' in bytes(second.content)


@pytest.mark.django_db
def test_what_waits_is_shown_to_whoever_holds_the_duty_now(cast: Cast, as_role: AsRole) -> None:
    hot_list_on_hand(cast, at=NOW)
    by = footing(cast.officer, at=datetime.now(UTC))
    end(by, tour := begin(by, patrol_car()))
    assert "of your Daily User Logs to forward" in _text(as_role("officer"), "/")
    forward_log(by, tour.log)
    assert "Daily User Log to check" in _text(as_role("sergeant"), "/")
    assert "Daily User Log to check" not in _text(as_role("officer"), "/")
    sergeant = as_role("sergeant")
    assert "Olive Officer" in _text(sergeant, "/tours/logs/") and "Olive Officer" in _text(sergeant, "/tours/today/")
    assert "Rory Rookie: <span" in _text(sergeant, "/tours/today/")  # never trained


@pytest.mark.django_db
def test_a_unit_with_a_list_of_its_own_needs_the_members_word(cast: Cast, as_role: AsRole) -> None:
    car, officer = patrol_car(), as_role("officer")
    LPR.objects.filter(pk=car.pk).update(upload_way="docked")
    given = {"lpr": car.pk, "purpose": "patrol", "aim": "yes", "lens": "yes", "damage": "yes"}
    assert "The unit&#x27;s own hot list (V.a)" in _text(officer, "/tours/")
    for word in ({}, {"attested": "no"}):
        refused = officer.post("/tours/", given | word)
        assert (refused.status_code, "V.a" in refused.content.decode()) == (403, True)
    assert officer.post("/tours/override/", {"lpr": car.pk, "why": "at once", "own_list": "1"}).status_code == 302
    assert TourOverride.objects.get().clause == "V.a"
    assert officer.post("/tours/", given | {"attested": "yes"}).status_code == 302
    check = Tour.objects.get().checks.get(question="hot_list")
    assert (check.answer, check.by, check.clause) == ("attested", cast.officer, "V.a")
    assert "of today" in _text(as_role("sergeant"), "/tours/today/")


@pytest.mark.django_db
def test_of_a_unit_of_ours_it_is_said_what_list_it_has(cast: Cast, as_role: AsRole) -> None:
    car, at = patrol_car(), datetime.now(UTC)
    made_a_unit(cast, car)
    deliver(file(line("ABC1234")), by=cast.custodian, at=at)
    issue = issue_hot_list(car, known="", at=at)
    assert issue is not None
    sergeant = as_role("sergeant")
    said = f"{car.name}: <span"
    assert "not of today" in _text(sergeant, "/tours/today/").split(said)[1].split("</li>")[0]
    issue_hot_list(car, known=str(transfer.opened(issue.line).content["sha256"]), at=at)
    ours = _text(sergeant, "/tours/today/").split(said)[1].split("</li>")[0]
    assert "not of today" not in ours
    assert "list on the unit" in ours


@pytest.mark.django_db
def test_an_lpr_is_handed_over_in_mid_shift(cast: Cast, as_role: AsRole) -> None:
    car = patrol_car()
    hot_list_on_hand(cast, at=NOW)
    first = begin(footing(cast.officer, at=datetime.now(UTC)), car)
    sergeant = as_role("sergeant")
    assert f'href="/tours/?over={car.pk}"' in _text(sergeant, "/tours/")
    assert f'value="{car.pk}" selected' in _text(sergeant, f"/tours/?over={car.pk}")
    given = {"lpr": car.pk, "purpose": "patrol", "aim": "yes", "lens": "yes", "damage": "yes"}
    assert sergeant.post("/tours/", given).status_code == 403
    assert sergeant.post("/tours/", given | {"over": car.pk}).status_code == 302
    first.refresh_from_db()
    second = Tour.objects.get(member=cast.sergeant)
    assert (first.ended_by, first.ended_at, second.ended_at) == (cast.sergeant, second.begun_at, None)
    assert first.checks.get(phase="end").answer == "handed_over"
    assert "Your Daily User Log of" in _text(as_role("officer"), "/tours/")


@pytest.mark.django_db
def test_a_log_of_a_member_who_is_gone_is_forwarded_by_who_checks(cast: Cast, as_role: AsRole) -> None:
    hot_list_on_hand(cast, at=NOW)
    by = footing(cast.officer, at=datetime.now(UTC))
    end(by, tour := begin(by, patrol_car()))
    sergeant, address = as_role("sergeant"), f"/tours/logs/{tour.log_id}/"
    assert "Why its member does not forward it" in _text(sergeant, address)
    assert sergeant.post(f"{address}forward/", {"remark": ""}).status_code == 403
    assert sergeant.post(f"{address}forward/", {"remark": "retired"}).status_code == 302
    assert sergeant.post(f"{address}arrest/", {"number": "none such"}, follow=True).status_code == 200
    assert LedgerEntry.objects.filter(action="user_log_viewed", subject=f"log:{tour.log_id}").count() == 2
    sergeant.post(f"{address}arrest/", {"number": opened(cast).number})
    assert "It does not go with 26-114" in _text(sergeant, address)
    withdrawn = f"{address}arrest/{LogArrest.objects.get().pk}/withdraw/"
    told = sergeant.post(withdrawn, {"why": "it was 26-141"}, follow=True).content.decode()
    assert "by Sam Sergeant: it was 26-141" in told and "It does not go with" not in told


@pytest.mark.django_db
def test_why_an_arrest_was_withdrawn_is_told_to_who_may_open_its_case(cast: Cast, as_role: AsRole) -> None:
    number, arrest = _arrest(cast)
    keep_user_logs.withdraw_arrest(
        footing(cast.officer, at=NOW), logs().get(pk=number), LogArrest.objects.get(pk=arrest), why="it was his brother"
    )
    pages = [("officer", f"/tours/logs/{number}/"), ("sergeant", f"/tours/logs/{number}/"), ("auditor", "/audit/")]
    assert all("it was his brother" in _text(as_role(role), page) for role, page in pages)
    by, case = footing(cast.custodian, at=NOW), LogArrest.objects.get().case
    change_case(by, case, disposed_on=by.today, disposition="dismissed")
    seal_case(by, case, order="order 12")
    for role, page in pages:
        text = _text(as_role(role), page)
        assert "withdrawn" in text and "it was his brother" not in text
