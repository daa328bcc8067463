"""Training (IV.i, VII.b): before use, again within the policy's days, and again with every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.rules.access import is_trained, may_inquire, may_use_lpr
from platekeeper.core.rules.decision import TRAINING, Decision, Refused
from platekeeper.server.personnel.lookups.training import notices
from platekeeper.server.personnel.models import Bulletin, Course, Training
from platekeeper.server.procedures import train_people
from platekeeper.server.procedures.adopt_policy import adopt
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.draft_policy import fill_blank, put_up
from platekeeper.server.procedures.manage_equipment import change_make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC).replace(hour=17, minute=0)  # about noon in Harbor Falls: one day, here and in UTC


def _by(cast: Cast, role: str, *, days: float = 0) -> Footing:
    return footing(cast.people()[role], at=NOW + timedelta(days=days))


def _use(by: Footing) -> Decision:
    return may_use_lpr(by.authority, by.policy, by.today)


def _bulletin(cast: Cast, *, course: Course | None = None, days: int = 3, positions: tuple[str, ...] = ()) -> int:
    by = _by(cast, "trainer")
    due = by.today + timedelta(days=days)
    issued = train_people.issue_bulletin(
        by, title="New lens", text="Look closer.", cause="hardware", due_on=due, course=course, positions=positions
    )
    return issued.pk


def test_iv_i_a_lapse_stops_use_and_inquiries_and_says_where_it_is_mended(cast: Cast) -> None:
    for role, rule in (("officer", may_use_lpr), ("detective", may_inquire)):
        by = _by(cast, role, days=400)
        decision = rule(by.authority, by.policy, by.today)
        assert isinstance(decision, Refused)
        assert decision.mend == TRAINING


def test_iv_i_a_refresher_renews_but_never_begins(cast: Cast) -> None:
    trainer = _by(cast, "trainer")
    refresher = train_people.add_course(trainer, title="Yearly", kind=Course.Kind.REFRESHER)
    train_people.record_training(trainer, people=[cast.rookie, cast.officer], course=refresher, on=trainer.today)
    assert isinstance(_use(_by(cast, "rookie")), Refused)
    assert _use(_by(cast, "officer", days=364))
    train_people.retire_course(trainer, course=refresher)
    refresher.refresh_from_db()
    with pytest.raises(RefusedAction):
        train_people.record_training(trainer, people=[cast.officer], course=refresher, on=trainer.today)
    assert _use(_by(cast, "officer", days=364))  # what was taken counts on


def test_iv_i_a_bulletin_past_its_day_stops_use_until_it_is_read(cast: Cast) -> None:
    number = _bulletin(cast, positions=("Patrol Officer",))
    assert _use(_by(cast, "officer", days=2))
    late = _by(cast, "officer", days=5)
    assert isinstance(_use(late), Refused)
    assert _use(_by(cast, "sergeant", days=5))  # whom it does not concern
    train_people.read_bulletin(late, bulletin=Bulletin.objects.get(pk=number))
    assert _use(_by(cast, "officer", days=5.1))


def test_iv_i_a_bulletin_that_asks_for_a_course_is_done_by_taking_it(cast: Cast) -> None:
    course = train_people.add_course(_by(cast, "trainer"), title="New law", kind=Course.Kind.IN_SERVICE)
    number = _bulletin(cast, course=course)
    late = _by(cast, "officer", days=5)
    with pytest.raises(RefusedAction):
        train_people.read_bulletin(late, bulletin=Bulletin.objects.get(pk=number))
    trainer = _by(cast, "trainer", days=5)
    train_people.record_training(trainer, people=[cast.officer], course=course, on=trainer.today)
    assert _use(_by(cast, "officer", days=5.1))
    assert isinstance(_use(_by(cast, "sergeant", days=5.1)), Refused)


def test_iv_i_a_course_taken_on_the_evening_of_the_bulletin_is_enough(cast: Cast) -> None:
    evening = (NOW + timedelta(days=1)).replace(hour=1)  # still the day before in New York
    by = footing(cast.trainer, at=evening)
    course = train_people.add_course(by, title="New law", kind=Course.Kind.IN_SERVICE)
    train_people.issue_bulletin(by, title="x", text="x", cause="law", due_on=by.today, course=course)
    later = footing(cast.trainer, at=evening + timedelta(hours=2))
    assert later.today == by.today
    train_people.record_training(later, people=[cast.officer], course=course, on=later.today)
    assert _use(_by(cast, "officer", days=5))


def test_iv_i_a_withdrawn_bulletin_stops_nobody(cast: Cast) -> None:
    bulletin = Bulletin.objects.get(pk=_bulletin(cast))
    train_people.withdraw_bulletin(_by(cast, "trainer"), bulletin=bulletin)
    assert _use(_by(cast, "officer", days=5))


def test_iv_i_a_record_made_in_error_is_withdrawn_with_a_reason_and_counted_until_then(cast: Cast) -> None:
    record = Training.objects.get(person=cast.officer)
    with pytest.raises(RefusedAction):
        train_people.withdraw_training(_by(cast, "trainer"), training=record, why=" ")
    train_people.withdraw_training(_by(cast, "trainer", days=1), training=record, why="another Olive")
    assert _use(_by(cast, "officer"))
    assert isinstance(_use(_by(cast, "officer", days=1)), Refused)


@pytest.mark.parametrize("role", ["officer", "chief", "administrator", "outsider"])
def test_iv_i_only_those_named_teach_and_issue(role: str, cast: Cast) -> None:
    by = _by(cast, role)
    with pytest.raises(RefusedAction) as refused:
        train_people.add_course(by, title="x", kind=Course.Kind.INITIAL)
    assert refused.value.refusal.clause.number == "IV.i"
    with pytest.raises(RefusedAction):
        train_people.issue_bulletin(by, title="x", text="x", cause="law", due_on=by.today)
    with pytest.raises(RefusedAction):
        train_people.note_change(by, cause="law", what="x")


def test_iv_i_other_hardware_and_software_and_a_new_policy_ask_for_in_service_training(cast: Cast) -> None:
    administrator = _by(cast, "administrator")
    change_make(administrator, lpr=cast.lpr, model="Q6", software="1.0")
    assert not notices().exists()  # what was unknown has not changed
    change_make(administrator, lpr=cast.lpr, model="Q7", software="1.1")
    chief = _by(cast, "chief")
    fill_blank(chief, key="header.effective", value=chief.today.isoformat())
    fill_blank(chief, key="header.review", value=(chief.today + timedelta(days=300)).isoformat())
    put_up(chief)
    adopt(chief)
    assert sorted(notices().values_list("cause", flat=True)) == ["hardware", "policy", "software"]
    by = _by(cast, "trainer")
    train_people.issue_bulletin(
        by,
        title="All of it",
        text="x",
        cause="hardware",
        due_on=by.today,
        answers=list(notices().exclude(cause="policy")),
    )
    train_people.needs_no_bulletin(by, notice=notices().get(), why="dates alone changed")
    assert not notices().exists()


def test_vii_b_training_comes_before_a_mobile_lpr(cast: Cast) -> None:
    rookie = _by(cast, "rookie")
    assert isinstance(is_trained(rookie.authority, rookie.policy, rookie.today), Refused)
    trainer = _by(cast, "trainer")
    basics = Course.objects.get(title="LPR basics")
    train_people.record_training(trainer, people=[cast.rookie], course=basics, on=trainer.today)
    assert _use(_by(cast, "rookie"))
