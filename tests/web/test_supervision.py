"""Supervisors see what is open and close what nobody will work; the LPR Administrator sees which LPR reads badly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from platekeeper.core.matching import HowMatched
from platekeeper.core.rules.reading import Reading
from platekeeper.server.hits import changes
from platekeeper.server.hits.lookups import facts_of
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hits.reading import readings
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.policy import changes as policy
from tests.cast import Cast
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AsRole = Callable[[str], Client]
Outcome = HitStep.Outcome


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _older(hit: Hit, minutes: int) -> None:
    Hit.objects.filter(pk=hit.pk).update(raised_at=datetime.now(UTC) - timedelta(minutes=minutes))


def _ended(cast: Cast, *outcomes: Outcome, days_ago: int = 0, how: HowMatched = HowMatched.PLATE) -> None:
    """Let one hit end with these outcomes, the later adding to the first."""
    hit, at = make_hit(cast, how=how), datetime.now(UTC) - timedelta(days=days_ago)
    for outcome in outcomes:
        changes.add_step(hit, kind=HitStep.Kind.OUTCOME, at=at, by=cast.officer, policy=STAMP, outcome=outcome)


def test_the_hit_open_longest_is_first_and_says_how_far_it_is(cast: Cast, as_role: AsRole) -> None:
    make_hit(cast, plate="NEW0001")
    _older(make_hit(cast, plate="OLD0001", steps=("shown", "image_verified", "confirmed")), minutes=31)
    make_hit(cast, plate="DONE001", steps=("outcome",))
    page = _text(as_role("sergeant"), "/hits/open/")
    assert page.index("OLD0001") < page.index("NEW0001")
    for said in ("Olive Officer", "confirmed, no stop yet", "dispatch: Dora Dispatcher", "nobody has looked at it"):
        assert said in page
    assert page.count('badge is-bad">31') == 1 and "DONE001" not in page
    assert "hit open for more than half an hour" in _text(as_role("sergeant"), "/")
    assert LedgerEntry.objects.filter(action="hits_watched").count() == 1


def test_a_supervisor_closes_what_nobody_will_work_with_a_reason(cast: Cast, as_role: AsRole) -> None:
    hit, sergeant = make_hit(cast), as_role("sergeant")
    assert sergeant.post(f"/hits/open/{hit.pk}/not-worked/", {"reason": " "}).status_code == 403
    sergeant.post(f"/hits/open/{hit.pk}/not-worked/", {"reason": "the tour had ended"})
    step = hit.steps.get(kind=HitStep.Kind.OUTCOME)
    assert (step.by, step.outcome, step.remark) == (cast.sergeant, "dismissed", "not worked: the tour had ended")
    assert "No hit is open." in _text(sergeant, "/hits/open/")
    assert sergeant.post("/hits/open/0/not-worked/", {"reason": "none"}).status_code == 404


def test_a_hit_that_was_closed_by_mistake_is_opened_again_by_who_closed_it_or_a_supervisor(
    cast: Cast, as_role: AsRole
) -> None:
    wrong, unworked, sergeant, officer = make_hit(cast), make_hit(cast), as_role("sergeant"), as_role("officer")
    officer.post(f"/hits/{wrong.pk}/outcome/", {"outcome": "misread", "led_on": "on"})
    sergeant.post(f"/hits/open/{unworked.pk}/not-worked/", {"reason": "the row above"})
    assert "Open it again" not in _text(officer, f"/hits/{unworked.pk}/")
    assert officer.post(f"/hits/{unworked.pk}/reopen/", {"remark": "mine"}).status_code == 403
    assert officer.post(f"/hits/{wrong.pk}/reopen/", {"remark": " "}).status_code == 403
    assert "Open it again" in _text(officer, f"/hits/{wrong.pk}/")
    for client, hit in ((officer, wrong), (sergeant, unworked)):
        client.post(f"/hits/{hit.pk}/reopen/", {"remark": "the wrong hit"})
        assert client.post(f"/hits/{hit.pk}/reopen/", {"remark": "the wrong hit"}).status_code == 403, "it is open"
    page = _text(officer, f"/hits/{wrong.pk}/")
    assert "opened again · Olive Officer · the wrong hit" in page and "Open it again" not in page
    assert _text(officer, "/hits/").count("data-hit=") == 2
    assert readings(at=datetime.now(UTC))[cast.lpr.pk].ever == Reading()
    officer.post(f"/hits/{wrong.pk}/outcome/", {"outcome": "correct"})
    assert readings(at=datetime.now(UTC))[cast.lpr.pk].ever == Reading(worked=1)
    assert _text(officer, "/hits/").count("data-hit=") == 1


def test_a_stop_that_was_none_is_taken_back_on_its_page_and_its_departure_says_so(cast: Cast, as_role: AsRole) -> None:
    hit, officer = make_hit(cast), as_role("officer")
    officer.post(f"/hits/{hit.pk}/stop/", {"remark": "he ran"})
    assert "Take the stop back" in _text(officer, f"/hits/{hit.pk}/")
    assert officer.post(f"/hits/{hit.pk}/stop-back/", {"remark": " "}).status_code == 403
    officer.post(f"/hits/{hit.pk}/stop-back/", {"remark": "it was another car"})
    page = _text(officer, f"/hits/{hit.pk}/")
    assert "stop taken back · Olive Officer · it was another car" in page and "Record the departure" in page
    assert "nobody will work it" in _text(as_role("sergeant"), "/hits/open/")
    assert "stop taken back</span> it was another car" in _text(as_role("sergeant"), "/hits/departures/")


def test_what_is_no_longer_wanted_or_was_read_wrongly_is_not_opened_again(cast: Cast, as_role: AsRole) -> None:
    gone, corrected = make_hit(cast, entry_key="portal:NY:ABC1234:V"), make_hit(cast)
    for hit, kind in ((gone, "outcome"), (corrected, "outcome"), (corrected, "read_corrected")):
        step = HitStep.Kind(kind)
        changes.add_step(hit, kind=step, at=datetime.now(UTC), by=cast.officer, policy=STAMP, outcome="correct")
    for hit, why in ((gone, "no longer on the hot list"), (corrected, "The LPR corrected this read.")):
        refused = as_role("sergeant").post(f"/hits/{hit.pk}/reopen/", {"remark": "the wrong hit"})
        assert refused.status_code == 403 and why in refused.content.decode()


def test_a_hit_with_a_stop_is_ended_by_its_outcome_only(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, steps=("stopped",))
    assert as_role("sergeant").post(f"/hits/open/{hit.pk}/not-worked/", {"reason": "late"}).status_code == 403
    assert "record its outcome" in str(LedgerEntry.objects.get(outcome="refused").content())


def test_who_reviews_look_alikes_alone_opens_them_and_says_later_what_one_was_after_all(
    cast: Cast, as_role: AsRole
) -> None:
    reviewing, now = personnel.ensure_position("Reviewer"), datetime.now(UTC)
    personnel.give_position(cast.temp, reviewing, since=now.date() - timedelta(days=1), at=now)
    draft = policy.open_draft(at=now)
    policy.fill(draft, key="VI.j.manager", value=["Reviewer"])
    policy.adopt(draft, at=now, by=cast.chief.pk, by_name=cast.chief.name, effective_at=now)
    hit, alarm, temp = make_hit(cast, how=HowMatched.LOOK_ALIKE), make_hit(cast), as_role("temp")
    assert f'href="/hits/{hit.pk}/"' in _text(temp, "/hits/silent/")
    places = [f"/hits/{each.pk}/{page}" for each in (hit, alarm) for page in ("", "image/")]
    assert [temp.get(place).status_code for place in [*places, "/hits/"]] == [200, 200, 403, 403, 403]
    ended = temp.post(f"/hits/silent/{hit.pk}/close/", {"outcome": "misread"}, follow=True).content.decode()
    assert "The review of ABC1234 has ended: misread." in ended and f'href="/hits/{hit.pk}/"' in ended
    page = _text(temp, f"/hits/{hit.pk}/")
    assert "Another plate" in page and "A misread of the wanted plate" not in page
    assert 'href="/hits/silent/"' in page and 'href="/hits/"' not in page
    said = [temp.post(f"/hits/silent/{hit.pk}/close/", {"outcome": each}) for each in ("misread", "dismissed")]
    assert [each.status_code for each in said] == [403, 302]
    assert readings(at=datetime.now(UTC))[cast.lpr.pk].ever == Reading(worked=1)


def test_a_supervisor_without_lpr_training_ends_a_stop_that_raised_no_alarm(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, how=HowMatched.LOOK_ALIKE)
    as_role("officer").post(f"/hits/{hit.pk}/stop/", {"plate": hit.plate})
    now = datetime.now(UTC)
    personnel.give_position(cast.rookie, personnel.ensure_position("Patrol Sergeant"), since=now.date(), at=now)
    rookie = as_role("rookie")
    assert f'href="/hits/{hit.pk}/"' in _text(rookie, "/hits/open/")
    assert "Record the outcome" in _text(rookie, f"/hits/{hit.pk}/")
    rookie.post(f"/hits/{hit.pk}/outcome/", {"outcome": "correct"})
    assert facts_of(hit, at=datetime.now(UTC)).outcome == "correct"
    assert f'href="/hits/{hit.pk}/"' not in _text(rookie, "/hits/open/")


def test_every_hit_counts_once_by_its_last_outcome(cast: Cast) -> None:
    _ended(cast, Outcome.CORRECT, Outcome.MISREAD)
    _ended(cast, Outcome.CORRECT)
    _ended(cast, Outcome.WRONG_STATE, days_ago=31)
    _ended(cast, Outcome.DISMISSED)  # says nothing of the reading
    _ended(cast, Outcome.DISMISSED, how=HowMatched.LOOK_ALIKE)  # another plate, so it was read well
    _ended(cast, Outcome.MISREAD, how=HowMatched.LOOK_ALIKE)
    found = readings(at=datetime.now(UTC))[cast.lpr.pk]
    assert found.ever == Reading(worked=5, misread=2, wrong_state=1)
    assert found.lately == Reading(worked=4, misread=2, wrong_state=0)
    assert found.verdict


@pytest.mark.parametrize(("misreads", "marked"), [(1, False), (2, True)])
def test_an_lpr_that_reads_badly_waits_for_its_administrator(
    misreads: int, marked: bool, cast: Cast, as_role: AsRole
) -> None:
    for number in range(10):
        _ended(cast, Outcome.MISREAD if number < misreads else Outcome.CORRECT)
    said = f"{misreads} of 10 worked hits in the last 30 days were misreads. Check aim, lens and light."
    for role, address in (("administrator", "/lprs/"), ("custodian", "/lprs/"), ("sergeant", "/hits/departures/")):
        page = _text(as_role(role), address)
        assert f"10 worked, {misreads} misread ({misreads}0%)" in page and (said in page) is marked
    assert ("LPR that reads badly" in _text(as_role("administrator"), "/")) is marked
