"""Training: who keeps it, what each act leaves behind, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.rules.access import is_trained
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import set_active
from platekeeper.server.personnel.lookups.training import notices, open_for, overdue_of
from platekeeper.server.personnel.models import Bulletin, BulletinReceipt, ChangeNotice, Course, Training
from platekeeper.server.procedures import train_people
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.manage_equipment import change_make
from tests.cast import ROLES, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC).replace(hour=17, minute=0)  # about noon in Harbor Falls: one day, here and in UTC
Act = Callable[[Footing, Cast], object]


def _by(cast: Cast, role: str = "trainer", *, days: int = 0) -> Footing:
    return footing(cast.people()[role], at=NOW + timedelta(days=days))


def _basics() -> Course:
    return Course.objects.get(title="LPR basics")


def _issue(cast: Cast, *, days: int = 7, **given: Any) -> Bulletin:
    by = _by(cast)
    values: dict[str, Any] = {"title": "New lens", "text": "It sees better.", "cause": "hardware"} | given
    return train_people.issue_bulletin(by, due_on=by.today + timedelta(days=days), **values)


def _refusal(act: Callable[[], object]) -> str:
    """Return the reason of a refusal, which the ledger has under IV.i."""
    with pytest.raises(RefusedAction) as refused:
        act()
    logged = LedgerEntry.objects.order_by("index").last()
    assert logged is not None
    assert (logged.outcome, logged.clause) == ("refused", refused.value.refusal.clause.number)
    return refused.value.refusal.reason


def _logged(action: str) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(action=action).order_by("index"))


_ACTS: dict[str, Act] = {
    "course_added": lambda by, cast: train_people.add_course(by, title="Law", kind=Course.Kind.IN_SERVICE),
    "course_retired": lambda by, cast: train_people.retire_course(by, course=_basics()),
    "training_recorded": lambda by, cast: train_people.record_training(
        by, people=[cast.rookie], course=_basics(), on=by.today
    ),
    "training_withdrawn": lambda by, cast: train_people.withdraw_training(
        by, training=Training.objects.get(person=cast.officer), why="wrong person"
    ),
    "bulletin_issued": lambda by, cast: train_people.issue_bulletin(
        by, title="B", text="b", cause="law", due_on=by.today
    ),
    "bulletin_withdrawn": lambda by, cast: train_people.withdraw_bulletin(by, bulletin=_issue(cast)),
    "change_noted": lambda by, cast: train_people.note_change(by, cause="law", what="a new statute"),
    "change_answered": lambda by, cast: train_people.needs_no_bulletin(
        by, notice=train_people.note_change(_by(cast), cause="law", what="a statute"), why="it concerns courts"
    ),
}


@pytest.mark.parametrize("action", _ACTS)
def test_only_those_who_train_keep_the_training_and_the_ledger_has_it(action: str, cast: Cast) -> None:
    for role in ROLES:
        if role != "trainer":
            assert _refusal(lambda role=role: _ACTS[action](_by(cast, role), cast))  # type: ignore[misc]
    assert not _logged(action)
    _ACTS[action](_by(cast), cast)
    assert [(each.outcome, each.clause) for each in _logged(action)] == [("done", "IV.i")]


def test_a_course_is_added_once(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        train_people.add_course(_by(cast), title="LPR basics", kind=Course.Kind.INITIAL)
    assert Course.objects.count() == 1


def test_a_retired_course_is_not_given_but_counts_on(cast: Cast) -> None:
    for _ in range(2):
        train_people.retire_course(_by(cast), course=_basics())
    assert len(_logged("course_retired")) == 1
    by = _by(cast)
    assert "no longer given" in _refusal(
        lambda: train_people.record_training(by, people=[cast.rookie], course=_basics(), on=by.today)
    )
    assert is_trained(_by(cast, "officer").authority, by.policy, by.today)


def test_a_course_that_a_bulletin_asks_for_is_not_retired_nor_a_retired_one_asked_for(cast: Cast) -> None:
    course = train_people.add_course(_by(cast), title="New law", kind=Course.Kind.IN_SERVICE)
    bulletin = _issue(cast, course=course)
    assert "“New lens” still asks" in _refusal(lambda: train_people.retire_course(_by(cast), course=course))
    train_people.withdraw_bulletin(_by(cast), bulletin=bulletin)
    train_people.retire_course(_by(cast), course=course)
    course.refresh_from_db()
    assert "nobody could take it" in _refusal(lambda: _issue(cast, course=course))
    assert Bulletin.objects.count() == 1


def test_a_class_is_recorded_at_once_and_never_twice(cast: Cast) -> None:
    by, took = _by(cast), [cast.rookie, cast.officer, cast.rookie]
    assert train_people.record_training(by, people=took, course=_basics(), on=by.today) == 2
    assert train_people.record_training(by, people=took, course=_basics(), on=by.today) == 0
    assert Training.objects.filter(on=by.today).count() == 2
    assert {each.subject for each in _logged("training_recorded")} == {
        f"person:{cast.rookie.pk}",
        f"person:{cast.officer.pk}",
    }
    record = Training.objects.get(person=cast.rookie)
    assert (record.given_by, record.recorded_by, record.policy_number) == ("Tina Trainer", cast.trainer, 1)
    train_people.withdraw_training(by, training=record, why="somebody else took it")
    later = _by(cast, days=0)
    assert train_people.record_training(later, people=[cast.rookie], course=_basics(), on=by.today) == 1


def test_no_name_stands_open_in_the_ledger(cast: Cast) -> None:
    by = _by(cast)
    train_people.record_training(by, people=[cast.rookie], course=_basics(), on=by.today)
    train_people.withdraw_training(by, training=Training.objects.get(person=cast.rookie), why="wrong")
    assert not any(cast.rookie.name.encode() in bytes(each.body) for each in LedgerEntry.objects.all())


@pytest.mark.parametrize(("nobody", "days", "reason"), [(True, 0, "Choose who"), (False, 1, "once it was taken")])
def test_what_cannot_be_recorded(nobody: bool, days: int, reason: str, cast: Cast) -> None:
    by, took = _by(cast), [] if nobody else [cast.rookie]
    day = by.today + timedelta(days=days)
    assert reason in _refusal(lambda: train_people.record_training(by, people=took, course=_basics(), on=day))
    assert not Training.objects.filter(person=cast.rookie).exists()


def test_a_record_is_withdrawn_once_and_with_a_reason(cast: Cast) -> None:
    record = Training.objects.get(person=cast.officer)
    assert "Say why" in _refusal(lambda: train_people.withdraw_training(_by(cast), training=record, why=" "))
    for why in ("wrong person", "again"):
        train_people.withdraw_training(_by(cast), training=record, why=why)
    record.refresh_from_db()
    assert (record.withdrawn_at, record.withdrawn_why) == (NOW, "wrong person")
    assert len(_logged("training_withdrawn")) == 1


def test_a_bulletin_says_in_the_ledger_what_people_were_told(cast: Cast) -> None:
    course = train_people.add_course(_by(cast), title="New law", kind=Course.Kind.IN_SERVICE)
    _issue(cast, course=course, positions=["Patrol Officer"], must=False)
    details = json.loads(bytes(_logged("bulletin_issued")[0].body))["details"]
    assert (details["title"], details["text"], details["course"]) == ("New lens", "It sees better.", "New law")
    assert (details["positions"], details["must"]) == (["Patrol Officer"], False)


def test_a_bulletin_is_due_today_at_the_earliest(cast: Cast) -> None:
    assert "until today at least" in _refusal(lambda: _issue(cast, days=-1))
    _issue(cast, days=0)
    assert not _by(cast, "officer").authority.overdue
    assert _by(cast, "officer", days=1).authority.overdue == ("New lens",)


def test_a_bulletin_concerns_the_positions_it_names_or_everybody(cast: Cast) -> None:
    _issue(cast, positions=["Patrol Officer"])
    _issue(cast, title="All")
    _issue(cast, title="Perhaps", must=False)
    assert _by(cast, "officer", days=9).authority.overdue == ("New lens", "All")
    assert _by(cast, "detective", days=9).authority.overdue == ("All",)
    assert [each.title for each in train_people.to_do(_by(cast, "detective"))] == ["All", "Perhaps"]


def test_a_receipt_is_kept_once(cast: Cast) -> None:
    bulletin = _issue(cast)
    for days in (0, 1):
        train_people.read_bulletin(_by(cast, "officer", days=days), bulletin=bulletin)
    assert BulletinReceipt.objects.get().read_at == NOW
    assert len(_logged("bulletin_read")) == 1
    assert not train_people.to_do(_by(cast, "officer"))


def test_bulletins_are_for_the_department_and_for_active_accounts(cast: Cast) -> None:
    bulletin = _issue(cast)
    assert not train_people.to_do(_by(cast, "outsider"))
    own = _refusal(lambda: train_people.read_bulletin(_by(cast, "outsider"), bulletin=bulletin))
    assert "department's own people" in own
    set_active(cast.officer, active=False, at=NOW)
    assert "not active" in _refusal(lambda: train_people.read_bulletin(_by(cast, "officer"), bulletin=bulletin))


def test_a_withdrawn_bulletin_asks_nothing_of_anybody(cast: Cast) -> None:
    bulletin = _issue(cast)
    train_people.read_bulletin(_by(cast, "officer"), bulletin=bulletin)
    for _ in range(2):
        train_people.withdraw_bulletin(_by(cast), bulletin=bulletin)
    assert len(_logged("bulletin_withdrawn")) == 1
    assert not _by(cast, "detective", days=30).authority.overdue
    bulletin.refresh_from_db()
    reason = _refusal(lambda: train_people.read_bulletin(_by(cast, "detective"), bulletin=bulletin))
    assert "was withdrawn" in reason
    assert BulletinReceipt.objects.count() == 1


def test_a_change_is_answered_once(cast: Cast) -> None:
    notice = train_people.note_change(_by(cast), cause="law", what="  a new statute  ")
    assert (notice.what, notice.arose_by, list(notices())) == ("a new statute", cast.trainer.pk, [notice])
    bulletin = _issue(cast, answers=[notice])
    train_people.needs_no_bulletin(_by(cast), notice=notice, why="too late")
    notice.refresh_from_db()
    assert (notice.bulletin, notice.no_need, notice.answered_at) == (bulletin, "", NOW)
    assert len(_logged("change_answered")) == 1
    assert "Say why" in _refusal(lambda: train_people.needs_no_bulletin(_by(cast), notice=notice, why=" "))
    assert "what changed" in _refusal(lambda: train_people.note_change(_by(cast), cause="law", what=" "))


def test_what_an_lpr_is_said_to_be_opens_notices_only_where_it_changed(cast: Cast) -> None:
    by = _by(cast, "administrator")
    assert change_make(by, lpr=cast.lpr, model="Q6", software="1.0") == []  # nothing was known before
    assert change_make(by, lpr=cast.lpr, model="Q6 ", software="1.0") == []
    assert len(_logged("lpr_changed")) == 1
    noted = change_make(by, lpr=cast.lpr, model="Q8", software="")
    assert [(each.cause, each.what) for each in noted] == [
        ("hardware", "Bridge Street east: Q6 became Q8"),
        ("software", "Bridge Street east: 1.0 became unknown"),
    ]
    reason = _refusal(lambda: change_make(_by(cast), lpr=cast.lpr, model="", software=""))
    assert "LPR Administrator" in reason
    assert ChangeNotice.objects.count() == 2


def test_many_bulletins_cost_no_more_than_one(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    course = train_people.add_course(_by(cast), title="New law", kind=Course.Kind.IN_SERVICE)
    for number in range(6):
        _issue(cast, title=f"B{number}", course=course if number % 2 else None)
    late, titles = NOW + timedelta(days=30), {cast.officer.pk: frozenset({"Patrol Officer"})}
    day: date = late.date()
    with django_assert_max_num_queries(4):
        assert len(overdue_of(titles, at=late, today=day)[cast.officer.pk]) == 6
    with django_assert_max_num_queries(4):
        assert len(open_for(cast.officer, titles[cast.officer.pk], at=NOW)) == 6


def test_a_refusal_for_want_of_training_says_what_mends_it(cast: Cast) -> None:
    by = _by(cast, "rookie")
    decision = is_trained(by.authority, by.policy, by.today)
    assert isinstance(decision, Refused) and decision.mend == "training"
