"""Field uploads (V.b) and transfers (VI.i): in time, overdue, never heard from, nothing to upload, out of service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.uploads import Standing
from platekeeper.server.equipment.models import LPR
from platekeeper.server.jobs import work
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import see_to_uploads
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.hear_lprs import hear_sign_of_life
from platekeeper.server.procedures.manage_equipment import set_in_service
from platekeeper.server.reads.changes import note_contacts
from platekeeper.server.reads.models import Contact
from platekeeper.server.reads.uploads import Upload, uploads
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import line_of
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.register.judging import status, until

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOTH = (Clause.V_b, Clause.VI_i)


@pytest.fixture
def car(cast: Cast) -> LPR:
    """The cast's LPR rides in a car."""
    LPR.objects.filter(pk=cast.lpr.pk).update(kind=LPR.Kind.MOBILE)
    cast.lpr.refresh_from_db()
    return cast.lpr


def _by(cast: Cast, role: str, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def _heard(lpr: LPR, at: datetime, kind: Contact.Kind = Contact.Kind.UPLOAD) -> None:
    note_contacts({lpr.pk: 1.0}, kind=kind, at=at)


def _stands(at: datetime = NOW) -> Upload:
    [found] = uploads(in_force(at=at), at=at)
    return found


def _statuses(at: datetime = NOW) -> set[Status]:
    return {status(clause, at=at) for clause in BOTH}


def test_reads_that_come_in_are_an_upload(cast: Cast, car: LPR) -> None:
    assert _stands().standing is Standing.NEVER
    drive_past(cast, ["ABC1234"], at=NOW)
    found = _stands()
    assert (found.standing, found.heard_at, found.uploaded_at) == (Standing.KEPT, NOW, NOW)
    assert found.lag is not None and -1 < found.lag < 60
    assert _statuses() == {Status.KEPT}


def test_what_is_heard_again_and_again_is_one_stretch(car: LPR) -> None:
    for minutes in (0, 40, 80, 200, 230):
        _heard(car, NOW - 4 * HOUR + timedelta(minutes=minutes))
    stretches = Contact.objects.order_by("since").values_list("since", "until")
    assert [(until - since).seconds // 60 for since, until in stretches] == [80, 30]


@pytest.mark.parametrize("hours", [24, 25])
def test_an_upload_is_overdue_once_the_policys_period_is_over(hours: int, car: LPR) -> None:
    _heard(car, NOW - hours * HOUR)
    late = hours > 24
    assert _stands().standing is (Standing.OVERDUE if late else Standing.KEPT)
    assert _statuses() == {Status.BREACH if late else Status.KEPT}


def test_a_shorter_schedule_of_its_own_counts_from_when_it_has_it(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 5 * HOUR)
    see_to_uploads.set_schedule(_by(cast, "custodian", NOW - HOUR), car, way="docked", every="2 hours")
    assert _stands().standing is Standing.OVERDUE  # the page asks for it now
    assert _statuses() == {Status.KEPT}  # the register blames nobody for before
    assert _statuses(NOW + 2 * HOUR) == {Status.BREACH}


@pytest.mark.parametrize(("role", "every", "clause"), [
    ("custodian", "25 hours", "V.b"), ("custodian", "never", "V.b"), ("administrator", "12 hours", ""),
    ("officer", "12 hours", "V.b"),
])  # fmt: skip
def test_who_sets_which_schedule(role: str, every: str, clause: str, cast: Cast, car: LPR) -> None:
    if clause:
        with pytest.raises(RefusedAction) as refused:
            see_to_uploads.set_schedule(_by(cast, role), car, way="", every=every)
        assert refused.value.refusal.clause.number == clause
    else:
        see_to_uploads.set_schedule(_by(cast, role), car, way="", every=every)
    car.refresh_from_db()
    assert car.upload_every == ("" if clause else every)


@pytest.mark.parametrize(("way", "every"), [("", "soon"), ("pigeon", "1 hour")])
def test_a_schedule_that_is_none_is_told(way: str, every: str, cast: Cast, car: LPR) -> None:
    with pytest.raises(ValidationError):
        see_to_uploads.set_schedule(_by(cast, "custodian"), car, way=way, every=every)


def test_a_gap_that_was_made_up_for_stays_a_breach_of_its_time(car: LPR) -> None:
    _heard(car, NOW - 4 * DAY)
    _heard(car, NOW - HOUR)
    words = line_of(Clause.V_b, until(NOW)).evidence
    assert words.status is Status.BREACH
    assert "1 overdue before and made up for" in words.words
    assert _statuses(NOW + HOUR) == {Status.BREACH}
    assert status(Clause.V_b, at=NOW - 4 * DAY + HOUR) is Status.KEPT


def _say(cast: Cast, every: str, *, at: datetime) -> None:
    draft = policy.open_draft(at=at)
    for key in ("V.b.every", "VI.i.every"):
        policy.fill(draft, key=key, value=every)
    policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=at)


def test_a_silence_is_judged_by_the_policy_of_its_moment(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 20 * HOUR)
    _say(cast, "2 hours", at=NOW - HOUR)
    _say(cast, "2 hours", at=NOW + HOUR)  # the same again does not begin it anew
    assert _statuses() == {Status.KEPT}
    assert _statuses(NOW + timedelta(minutes=61)) == {Status.BREACH}
    _say(cast, "2 days", at=NOW + 2 * HOUR)
    evidence = line_of(Clause.V_b, until(NOW + 3 * HOUR)).evidence
    assert evidence.status is Status.BREACH
    assert "1 overdue before and made up for" in evidence.words
    assert line_of(Clause.V_b, until(NOW + 27 * HOUR, days=1)).evidence.status is not Status.BREACH


def test_no_new_policy_makes_up_for_what_is_overdue(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 20 * DAY)
    assert _statuses(NOW - 2 * DAY) == {Status.BREACH}
    _say(cast, "3 days", at=NOW - 2 * DAY)
    for evidence in (line_of(Clause.V_b, until(NOW, days=days)).evidence for days in (1, 30)):
        assert evidence.status is Status.BREACH and "overdue: " in evidence.words


def test_a_parked_car_is_no_breach(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 30 * HOUR)
    see_to_uploads.declare_nothing(_by(cast, "custodian", NOW - 7 * HOUR), car, why="parked")
    assert _stands().standing is Standing.KEPT
    assert _statuses() == {Status.KEPT}
    entry = LedgerEntry.objects.get(action="upload_nothing")
    assert (entry.clause, entry.content()["details"]) == ("V.b", {"why": "parked"})


@pytest.mark.parametrize(("role", "why"), [("custodian", " "), ("administrator", "parked"), ("officer", "parked")])
def test_who_declares_that_there_is_nothing_and_why(role: str, why: str, cast: Cast, car: LPR) -> None:
    with pytest.raises(RefusedAction):
        see_to_uploads.declare_nothing(_by(cast, role), car, why=why)
    assert not Contact.objects.exists()


def test_a_sign_of_life_is_heard(car: LPR) -> None:
    hear_sign_of_life(car.pk, at=NOW)
    found = _stands()
    assert (found.standing, found.uploaded_at) == (Standing.KEPT, None)


def test_out_of_service_nothing_is_expected(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 10 * DAY)
    set_in_service(_by(cast, "administrator", NOW - 10 * DAY + HOUR), lpr=car, in_service=False)
    assert _stands().standing is Standing.OUT
    assert Status.BREACH not in _statuses()
    set_in_service(_by(cast, "administrator", NOW - 2 * HOUR), lpr=car, in_service=True)
    assert _stands().standing is Standing.KEPT
    assert Status.BREACH not in _statuses()
    assert _statuses(NOW + 2 * DAY) == {Status.BREACH}


def test_one_never_heard_from_is_a_concern_beside_others(cast: Cast, car: LPR) -> None:
    assert _statuses() == {Status.IDLE}
    _heard(car, NOW)
    LPR.objects.create(name="Car 13", kind=LPR.Kind.MOBILE, zone="UTC", added_at=NOW - 9 * DAY)
    assert _statuses() == {Status.CAUTION}


def test_the_responsible_are_reminded_once_a_day_and_of_another_at_once(cast: Cast, car: LPR) -> None:
    _heard(car, NOW - 25 * HOUR)
    assert see_to_uploads.remind(at=NOW) == 1
    assert see_to_uploads.remind(at=NOW + HOUR) == 0
    entry = LedgerEntry.objects.get(action="upload_reminded")
    assert entry.content()["details"] == {"lprs": [car.pk], "holders": 1}
    assert entry.openings.get(field="to").value == "Cass Custodian"
    LPR.objects.create(name="Car 13", kind=LPR.Kind.MOBILE, zone="UTC", added_at=NOW - 9 * DAY)
    assert see_to_uploads.remind(at=NOW + 2 * HOUR) == 2
    assert see_to_uploads.remind(at=NOW + 27 * HOUR) == 2
    assert [each.lpr for each in see_to_uploads.to_see_to(_by(cast, "custodian"))] == list(LPR.objects.all())
    assert see_to_uploads.to_see_to(_by(cast, "officer")) == []


def test_the_job_says_what_it_did(cast: Cast, car: LPR) -> None:
    assert work.remind_of_uploads() == "reminded of 1 LPRs"
    assert work.remind_of_uploads() == "nothing is due"
