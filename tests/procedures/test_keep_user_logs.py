"""Daily User Logs: what fills one, what is frozen, who is reminded, and where it goes with an arrest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.categories import Category
from platekeeper.core.clauses import Clause
from platekeeper.core.matching import HowMatched
from platekeeper.core.rules.tours import Question
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.lookups import check
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import end_cases, keep_user_logs
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.fill_user_log import content_of
from platekeeper.server.procedures.keep_cases import change_case, open_case
from platekeeper.server.procedures.keep_user_logs import (
    check_log,
    forward_log,
    late_logs,
    name_arrest,
    remind,
    withdraw_arrest,
)
from platekeeper.server.procedures.preserve import preserve_hit, preserve_tour, unpreserved_tours
from platekeeper.server.register.evidence import Status
from platekeeper.server.userlog import changes as userlog
from platekeeper.server.userlog.lookups import arrests_of, logs, matters_of, unworked_hits
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, Tour
from tests.cast import Cast
from tests.hotlist.making import ask, records
from tests.procedures.test_preserve import take_in
from tests.register import judging
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.making import make_hit

pytestmark = records
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    hot_list_on_hand(cast, at=NOW)
    return cast


def _by(cast: Cast, role: str = "officer", *, later: timedelta = timedelta(0)) -> Footing:
    return footing(cast.people()[role], at=NOW + later)


def _toured(cast: Cast, *, at: timedelta = timedelta(0)) -> Tour:
    """Return a tour of the officer's that ended at once."""
    car = LPR.objects.filter(name="Car 3").first() or patrol_car()
    tour = begin(_by(cast, later=at), car)
    end(_by(cast, later=at), tour)
    return tour


def _log(tour: Tour) -> DailyUserLog:
    return logs().get(pk=tour.log_id)


def _case(cast: Cast, number: str = "26-9") -> CaseFile:
    return open_case(_by(cast), number=number, title="x", offense_class="felony", is_felony=True)


def test_a_log_fills_itself_and_names_no_plate(cast: Cast) -> None:
    car = patrol_car()
    tour = begin(_by(cast, later=-HOUR), car)
    hit = make_hit(cast, plate="HVK4410", steps=("stopped", "outcome"))
    Hit.objects.filter(pk=hit.pk).update(lpr=car, seen_at=NOW - timedelta(minutes=5))
    hit.steps.filter(kind="outcome").update(outcome="correct")
    entry = ask(cast.officer, "XYZ7777", category=Category.CRIME_JUST_OCCURRED, at=NOW - timedelta(minutes=9)).entry
    end(_by(cast), tour, answers={Question.DAMAGE: "no", Question.PARKED: "yes"}, words="mirror gone")
    revision = forward_log(_by(cast, later=HOUR), _log(tour))
    content = json.loads(bytes(revision.content))
    [told] = content["tours"]
    assert [(each["hit"], each["stopped"], bool(each["outcome"])) for each in told["hits"]] == [(hit.pk, True, True)]
    assert [each["entry"] for each in told["entries"]] == [entry.pk]
    assert {"question": "damage", "answer": "no", "words": "mirror gone"}.items() <= told["checks"][-2].items()
    assert b"HVK4410" not in bytes(revision.content) and b"XYZ7777" not in bytes(revision.content)
    leaf = LedgerEntry.objects.get(action="user_log_forwarded").content()["details"]
    assert (leaf["sha256"], leaf["to"]) == (revision.sha256, ["Patrol Sergeant"])


def test_reads_of_the_lpr_during_the_tour_are_counted(cast: Cast) -> None:
    tour = begin(_by(cast, later=-HOUR), cast.lpr)
    take_in(cast, ["ABC1200", "ABC1201"], at=NOW - timedelta(minutes=5))  # seven hours apart: one before the tour
    end(_by(cast), tour)
    assert json.loads(bytes(forward_log(_by(cast), _log(tour)).content))["tours"][0]["reads"] == 1


def test_a_log_takes_as_many_tours_as_the_policy_says(cast: Cast) -> None:
    for version in PolicyVersion.objects.all():
        PolicyVersion.objects.update(values=version.values | {"VII.h.1.tours": 2})
    first, second, third = (_toured(cast, at=timedelta(minutes=3 * number)) for number in range(3))
    assert first.log == second.log != third.log
    forward_log(_by(cast, later=HOUR), _log(third))
    hot_list_on_hand(cast, at=NOW + HOUR)  # it may be tomorrow by then
    assert _toured(cast, at=HOUR).log != third.log  # what was forwarded takes no more


def test_what_was_forwarded_stays_when_it_is_sent_back(cast: Cast) -> None:
    tour = _toured(cast)
    first = forward_log(_by(cast), _log(tour))
    with pytest.raises(RefusedAction, match="forwarded already"):
        forward_log(_by(cast), _log(tour))
    for role, own in (("officer", "VII.h.2"), ("chief", "VII.h.2")):
        with pytest.raises(RefusedAction) as refused:
            check_log(_by(cast, role), _log(tour), accept=True)
        assert refused.value.refusal.clause.number == own
    with pytest.raises(RefusedAction, match="what its member is to complete"):
        check_log(_by(cast, "sergeant"), _log(tour), accept=False, reason=" ")
    check_log(_by(cast, "sergeant"), _log(tour), accept=False, reason="the arrest")
    name_arrest(_by(cast), _log(tour), case=_case(cast))
    second = forward_log(_by(cast), _log(tour))
    content = bytes(first.content)
    first.refresh_from_db()
    assert (bytes(first.content), first.reason, second.number) == (content, "the arrest", 2)
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    with pytest.raises(RefusedAction, match="does not wait"):
        check_log(_by(cast, "sergeant"), _log(tour), accept=False, reason="again")


def test_an_accepted_log_goes_into_the_cases_of_its_arrests_whichever_came_first(cast: Cast) -> None:
    tour, before, after, sealed = _toured(cast), _case(cast), _case(cast, "26-10"), _case(cast, "26-11")
    for case in (before, sealed):
        name_arrest(_by(cast), _log(tour), case=case)
    CaseFile.objects.filter(pk=sealed.pk).update(sealed_on=NOW.date())
    assert not before.preserved.exists()
    forward_log(_by(cast), _log(tour))
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    name_arrest(_by(cast), _log(tour), case=after)
    keys = [list(case.preserved.values_list("key", flat=True)) for case in (before, after, sealed)]
    assert keys == [[f"tour:{tour.pk}"], [f"tour:{tour.pk}"], []]
    assert LedgerEntry.objects.filter(action="preserved", clause="VII.h.3").count() == 2
    with pytest.raises(RefusedAction, match="names this case already"):
        name_arrest(_by(cast), _log(tour), case=after)


def test_an_arrest_named_under_the_wrong_number_is_withdrawn_and_its_copy_set_aside(cast: Cast) -> None:
    tour, wrong, right = _toured(cast), _case(cast), _case(cast, "26-10")
    forward_log(_by(cast), _log(tour))
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    name_arrest(_by(cast), _log(tour), case=wrong)
    [copy], named = wrong.preserved.all(), LogArrest.objects.get()
    for role, why in (("rookie", "26-10 it is"), ("officer", " ")):
        with pytest.raises(RefusedAction):
            withdraw_arrest(_by(cast, role), _log(tour), named, why=why)
    withdraw_arrest(_by(cast, later=HOUR), _log(tour), named, why="26-10 it is")
    copy.refresh_from_db()
    assert (copy.set_aside_why, arrests_of(_log(tour), at=NOW), unpreserved_tours(wrong)) == ("26-10 it is", [], [])
    assert judging.status(Clause.VII_h_3, at=NOW + 8 * 24 * HOUR) is Status.IDLE
    acts = LedgerEntry.objects.filter(action__in=("set_aside", "user_log_arrest_withdrawn")).order_by("index")
    of_case, of_log = f"case:{wrong.pk}", f"log:{tour.log_id}"
    assert [(act.action, act.subject) for act in acts] == [
        ("set_aside", of_case), ("user_log_arrest_withdrawn", of_case), ("user_log_arrest_withdrawn", of_log),
    ]  # fmt: skip
    with pytest.raises(RefusedAction, match="names this case no more"):
        withdraw_arrest(_by(cast), _log(tour), named, why="again")
    for case in (right, wrong):  # the wrong one was the right one, too
        name_arrest(_by(cast), _log(tour), case=case)
        assert [each.key for each in preserved().filter(case=case)] == [f"tour:{tour.pk}"]


def test_why_an_arrest_was_withdrawn_ends_with_its_case(cast: Cast) -> None:
    tour, case, keeper = _toured(cast), _case(cast), _by(cast, "custodian")
    name_arrest(_by(cast), _log(tour), case=case)
    withdraw_arrest(_by(cast), _log(tour), LogArrest.objects.get(), why="it was his brother")
    said = LedgerOpening.objects.filter(value__contains="brother")
    assert {opening.entry.subject for opening in said.select_related("entry")} == {f"case:{case.pk}"}
    change_case(keeper, case, disposed_on=keeper.today, disposition="dismissed")
    end_cases.seal_case(keeper, case, order="order 12")
    end_cases.expunge_case(keeper, case, order="order 12", number=case.number)
    assert (LogArrest.objects.get().withdrawn_why, said.exists()) == ("", False)
    assert check().faults == []
    again = userlog.name_arrest(_log(tour), case=case, at=NOW, by=cast.officer)
    withdraw_arrest(_by(cast), _log(tour), again, why="his brother, as was said")
    assert (LogArrest.objects.latest("pk").withdrawn_why, said.exists()) == ("", False)


def test_a_log_stays_in_a_case_that_preserves_a_hit_of_its_tour_though_its_arrest_is_withdrawn(cast: Cast) -> None:
    car = patrol_car()
    tour = begin(_by(cast, later=-HOUR), car)
    hit = make_hit(cast, steps=("outcome",))
    Hit.objects.filter(pk=hit.pk).update(lpr=car, seen_at=NOW - timedelta(minutes=5))
    end(_by(cast), tour)
    case = _case(cast)
    preserve_hit(_by(cast), Hit.objects.get(pk=hit.pk), case=case)
    forward_log(_by(cast), _log(tour))
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    name_arrest(_by(cast), _log(tour), case=case)
    withdraw_arrest(_by(cast), _log(tour), LogArrest.objects.get(), why="no arrest was made")
    assert f"tour:{tour.pk}" in [each.key for each in preserved().filter(case=case)]


def test_a_log_without_an_outcome_is_forwarded_with_a_word_only(cast: Cast) -> None:
    car = patrol_car()
    tour = begin(_by(cast, later=-HOUR), car)
    Hit.objects.filter(pk=make_hit(cast).pk).update(lpr=car, seen_at=NOW - timedelta(minutes=5))
    with pytest.raises(RefusedAction, match="has not ended"):
        forward_log(_by(cast), _log(tour), remark="x")
    end(_by(cast), tour)
    with pytest.raises(RefusedAction, match="1 hit has no outcome"):
        forward_log(_by(cast), _log(tour))
    assert forward_log(_by(cast), _log(tour), remark="dispatch was down").remark == "dispatch was down"


@pytest.mark.parametrize(("forwarded", "hours"), [(False, 25), (True, 73)])
def test_who_is_late_is_reminded_once_a_day_whoever_holds_the_duty(forwarded: bool, hours: int, cast: Cast) -> None:
    tour, later = _toured(cast), NOW + timedelta(hours=hours)
    if forwarded:
        forward_log(_by(cast), _log(tour))
    assert remind(at=NOW + timedelta(hours=20)) == 0
    assert [log.pk for log in late_logs(_by(cast).policy, at=later)] == [tour.log_id]
    title = personnel.ensure_position("Patrol Sergeant")
    personnel.end_position(cast.sergeant, title, at=later - HOUR, today=later.date())
    personnel.give_position(cast.detective, title, since=later.date() - timedelta(days=1), at=later - HOUR)
    assert [remind(at=later), remind(at=later + HOUR), remind(at=later + timedelta(days=1, minutes=1))] == [1, 0, 1]
    told = LedgerEntry.objects.filter(action="user_logs_reminded").order_by("index")[0].openings.get(field="to").value
    assert told == ("Dee Detective" if forwarded else "Dee Detective, Olive Officer")


def test_an_arrest_of_a_preserved_hit_belongs_to_the_log_by_itself(cast: Cast) -> None:
    car = patrol_car()
    tour = begin(_by(cast, later=-HOUR), car)
    hit = make_hit(cast, steps=("outcome",))
    Hit.objects.filter(pk=hit.pk).update(lpr=car, seen_at=NOW - timedelta(minutes=5))
    end(_by(cast), tour)
    case = _case(cast)
    preserve_hit(_by(cast), Hit.objects.get(pk=hit.pk), case=case)
    assert arrests_of(_log(tour), at=NOW) == []
    change_case(_by(cast), case, arrested_on=_by(cast).today)
    assert [each.number for each in matters_of(arrests_of(_log(tour), at=NOW))] == ["26-9"]
    forward_log(_by(cast), _log(tour))
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    assert case.preserved.filter(key=f"tour:{tour.pk}").exists() and unpreserved_tours(case) == []


def test_a_hit_of_another_lpr_that_the_member_worked_on_the_tour_is_in_the_log(cast: Cast) -> None:
    tour = begin(_by(cast, later=-HOUR), patrol_car())
    worked, anothers, before = (make_hit(cast) for _ in range(3))
    for hit, who, at in (
        (worked, cast.officer, NOW),
        (anothers, cast.sergeant, NOW),
        (before, cast.officer, NOW - 2 * HOUR),
    ):
        changes.add_step(hit, kind=HitStep.Kind.IMAGE_VERIFIED, at=at, by=who, policy=(1, "0" * 64))
    changes.add_step(anothers, kind=HitStep.Kind.CONFIRMED, at=NOW, by=cast.officer, policy=(1, "0" * 64))
    end(_by(cast), tour)
    [told] = content_of(_log(tour), at=NOW)["tours"]
    assert [(hit["hit"], hit["lpr"], hit["outcome"]) for hit in told["hits"]] == [(worked.pk, cast.lpr.name, "")]
    assert unworked_hits(_log(tour), at=NOW) == 1

    changes.add_step(
        worked,
        kind=HitStep.Kind.OUTCOME,
        outcome=HitStep.Outcome.CORRECT,
        at=NOW,
        by=cast.officer,
        policy=(1, "0" * 64),
    )
    case = _case(cast)
    change_case(_by(cast), case, arrested_on=_by(cast).today)
    preserve_hit(_by(cast), worked, case=case)
    assert [each.number for each in arrests_of(_log(tour), at=NOW)] == ["26-9"]
    forward_log(_by(cast), _log(tour))
    assert unpreserved_tours(case) == []  # not accepted yet
    assert judging.status(Clause.VII_h_3, at=NOW + HOUR) is Status.CAUTION
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    assert case.preserved.filter(key=f"tour:{tour.pk}").exists()
    assert judging.status(Clause.VII_h_3, at=NOW + HOUR) is Status.KEPT


def test_a_hit_that_raises_no_alarm_is_in_the_log_of_who_stopped_on_it_alone(cast: Cast) -> None:
    car = patrol_car()
    tour = begin(_by(cast, later=-HOUR), car)
    stopped, seen, reviewed = (make_hit(cast, how=HowMatched.LOOK_ALIKE) for _ in range(3))
    Hit.objects.filter(pk=seen.pk).update(lpr=car)
    policy, kind = (1, "0" * 64), HitStep.Kind
    changes.add_step(stopped, kind=kind.STOPPED, at=NOW, by=cast.officer, policy=policy)
    changes.add_step(reviewed, kind=kind.OUTCOME, outcome="misread", at=NOW, by=cast.officer, policy=policy)
    end(_by(cast), tour)
    [told] = content_of(_log(tour), at=NOW)["tours"]
    assert [hit["hit"] for hit in told["hits"]] == [stopped.pk]
    assert unworked_hits(_log(tour), at=NOW) == 1
    case = _case(cast)
    change_case(_by(cast), case, arrested_on=_by(cast).today)
    preserve_hit(_by(cast, "sergeant"), seen, case=case)
    assert arrests_of(_log(tour), at=NOW) == []
    forward_log(_by(cast), _log(tour), remark="the outcome follows")
    check_log(_by(cast, "sergeant"), _log(tour), accept=True)
    copy = json.loads(bytes(preserve_tour(_by(cast), tour, case=case).content))
    assert [hit["hit"] for hit in copy["hits"]] == [stopped.pk]


def test_nobody_else_reads_a_log(cast: Cast) -> None:
    tour = _toured(cast)
    for role, allowed in (
        ("officer", True),
        ("sergeant", True),
        ("auditor", True),
        ("rookie", False),
        ("chief", False),
    ):
        before = LedgerEntry.objects.filter(action="user_log_viewed").count()
        if allowed:
            keep_user_logs.view_log(_by(cast, role), _log(tour))
        else:
            with pytest.raises(RefusedAction):
                keep_user_logs.view_log(_by(cast, role), _log(tour))
        assert LedgerEntry.objects.filter(action="user_log_viewed").count() == before + allowed
