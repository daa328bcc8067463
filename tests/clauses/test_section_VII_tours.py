"""Sections V.a, VII.a-d, VII.h and IX.a-c: before a tour of duty, at its end, and what becomes of its Daily User Log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.tours import NEEDED, Phase, Question
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.procedures.keep_user_logs import check_log, forward_log, name_arrest
from platekeeper.server.procedures.override_tour import ask_override, decide_override, withdraw_override
from platekeeper.server.procedures.run_tour import IN_ORDER
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import line_of
from platekeeper.server.userlog.models import Tour
from tests.cast import Cast
from tests.register.judging import status, until
from tests.touring import begin, end, hot_list_on_hand, patrol_car

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOON = datetime.now(UTC).replace(hour=17, minute=0)  # about noon in Harbor Falls


def _clause(by: Footing, *, purpose: str = "patrol") -> str:
    try:
        begin(by, LPR.objects.filter(name="Car 3").first() or patrol_car(), purpose)
    except RefusedAction as refused:
        clause = refused.refusal.clause.number
        assert LedgerEntry.objects.filter(outcome="refused", clause=clause).exists()
        assert not Tour.objects.filter(ended_at=None).exists()
        return clause
    return ""


def test_v_a_no_tour_begins_without_a_hot_list(cast: Cast) -> None:
    assert _clause(footing(cast.officer, at=NOON)) == "V.a"


@pytest.mark.parametrize(
    ("later", "clause"),
    [
        (timedelta(minutes=1), ""),
        (timedelta(hours=10), ""),
        (timedelta(hours=14), "V.a"),  # past midnight in the department's zone
    ],
)
def test_v_a_no_tour_begins_on_yesterdays_hot_list(later: timedelta, clause: str, cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    assert _clause(footing(cast.officer, at=NOON + later)) == clause


def test_vii_a_no_tour_begins_without_a_legitimate_purpose(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by = footing(cast.officer, at=NOON)
    assert _clause(by, purpose="") == "VII.a"


def test_vii_b_nobody_untrained_takes_a_mobile_lpr(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    assert _clause(footing(cast.rookie, at=NOON)) == "VII.b"


@pytest.mark.parametrize("key", NEEDED)
def test_an_unfilled_blank_lets_no_tour_begin(key: str, cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by = footing(cast.officer, at=NOON)
    values = {name: value for name, value in by.policy.values.items() if name != key}
    by = replace(by, policy=replace(by.policy, values=values))
    assert _clause(by) == BLANKS[key].clause.number


def _override(
    cast: Cast, by: Footing, car: LPR, *, decider: str = "sergeant", reason: str = "the portal is down"
) -> None:
    asked = ask_override(by, lpr=car, purpose="patrol", why="an abduction is under way")
    decide_override(footing(cast.people()[decider], at=by.at), asked, grant=True, reason=reason)


def test_v_a_a_supervisor_overrides_an_old_list_for_one_member_and_day_and_the_register_shows_it(cast: Cast) -> None:
    car, at = patrol_car(), NOON
    hot_list_on_hand(cast, at=NOON - timedelta(days=1))
    by = footing(cast.officer, at=at)
    asked = ask_override(by, lpr=car, purpose="patrol", why="an abduction is under way")
    for decider, reason, number in (("officer", "x", "VII.e"), ("chief", "x", "VII.e"), ("sergeant", " ", "V.a")):
        with pytest.raises(RefusedAction) as refused:
            decide_override(footing(cast.people()[decider], at=at), asked, grant=True, reason=reason)
        assert refused.value.refusal.clause.number == number
    assert status(Clause.V_a, at=at) is Status.BREACH  # the portal's list itself is not of the day
    decide_override(footing(cast.sergeant, at=at), asked, grant=True, reason="the portal is down")
    tour = begin(by, car)
    check = tour.checks.get(question="hot_list")
    assert (check.answer, check.clause, check.override.decided_by) == ("overridden", "V.a", cast.sergeant)  # type: ignore[union-attr]
    hot_list_on_hand(cast, at=NOON + timedelta(hours=1))
    for clause in (Clause.V_a, Clause.VII_d):
        line = line_of(clause, until(NOON + timedelta(hours=2)))
        assert (line.status, "1 begun on a supervisor's override" in line.evidence.words) == (Status.CAUTION, True)
    end(by, tour)
    assert _clause(footing(cast.officer, at=NOON + timedelta(days=1))) == "V.a"  # the next day it holds no more
    assert _clause(footing(cast.sergeant, at=NOON + timedelta(days=1))) == "V.a"


def test_v_a_no_tour_begins_on_an_override_that_was_withdrawn_and_one_that_has_begun_goes_on(cast: Cast) -> None:
    car, by, sergeant = patrol_car(), footing(cast.officer, at=NOON), footing(cast.sergeant, at=NOON)
    hot_list_on_hand(cast, at=NOON - timedelta(days=1))
    for begins in (False, True):
        asked = ask_override(by, lpr=car, purpose="patrol", why="an abduction is under way")
        with pytest.raises(RefusedAction, match="does not stand"):
            withdraw_override(sergeant, asked, reason="the wrong member")
        decide_override(sergeant, asked, grant=True, reason="the portal is down")
        tour = begin(by, car) if begins else None
        with pytest.raises(RefusedAction):
            withdraw_override(by, asked, reason="mine")
        with pytest.raises(RefusedAction, match="Say why"):
            withdraw_override(sergeant, asked, reason=" ")
        withdraw_override(sergeant, asked, reason="the wrong member")
        if tour is None:
            assert _clause(by) == "V.a"
        else:
            assert tour.checks.get(question="hot_list").override == asked
            end(by, tour)
            assert _clause(by) == "V.a"


def test_v_a_nobody_overrides_for_themselves(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON - timedelta(days=1))
    with pytest.raises(RefusedAction, match="Another supervisor"):
        _override(cast, footing(cast.sergeant, at=NOON), patrol_car())


def test_vii_b_lapsed_training_can_be_overridden_and_none_at_all_cannot(cast: Cast) -> None:
    car, later = patrol_car(), NOON + timedelta(days=400)
    hot_list_on_hand(cast, at=later)
    with pytest.raises(RefusedAction, match="No LPR training"):
        _override(cast, footing(cast.rookie, at=later), car)
    by = footing(cast.officer, at=later)
    with pytest.raises(RefusedAction, match="lapsed"):
        begin(by, car)
    _override(cast, by, car)
    tour = begin(by, car)
    assert tour.checks.get(question="training").clause == "VII.b"
    line = line_of(Clause.VII_b, until(later + timedelta(hours=1)))
    assert (line.status, "1 begun on a supervisor's override" in line.evidence.words) == (Status.CAUTION, True)


@pytest.mark.parametrize(
    ("unsaid", "clause"), [(Question.AIM, "IX.a"), (Question.LENS, "IX.b"), (Question.DAMAGE, "IX.c")]
)
def test_ix_no_tour_begins_before_the_member_says_how_the_lpr_is(unsaid: Question, clause: str, cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    answers = {each: said for each, said in IN_ORDER[Phase.BEGIN].items() if each is not unsaid}
    for given in (answers, answers | {unsaid: "no"}):  # and what is wrong is said in words
        with pytest.raises(RefusedAction) as refused:
            begin(
                footing(cast.officer, at=NOON), LPR.objects.filter(name="Car 3").first() or patrol_car(), answers=given
            )
        assert refused.value.refusal.clause.number == clause
    assert not Tour.objects.exists()


def test_vii_c_a_tour_ends_with_a_word_on_where_the_vehicle_is(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by = footing(cast.officer, at=NOON)
    tour = begin(by, patrol_car())
    for answers in ({Question.DAMAGE: "yes"}, {Question.DAMAGE: "yes", Question.PARKED: "no"}):
        with pytest.raises(RefusedAction) as refused:
            end(by, tour, answers=answers)
        assert refused.value.refusal.clause.number == "VII.c"
    end(by, tour, answers={Question.DAMAGE: "yes", Question.PARKED: "no"}, words="the garage is closed")
    assert status(Clause.VII_c, at=NOON) is Status.BREACH
    assert tour.checks.get(question="parked").words == "the garage is closed"


def test_vii_c_handed_over_is_in_use_and_unsaid_is_a_caution(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    car = patrol_car()
    begin(footing(cast.officer, at=NOON), car)
    second = begin(footing(cast.sergeant, at=NOON + timedelta(minutes=1)), car, taking_over=True)
    assert [status(clause, at=NOON + timedelta(minutes=2)) for clause in (Clause.VII_c, Clause.VII_h)] == [
        Status.KEPT
    ] * 2
    end(footing(cast.sergeant, at=NOON + timedelta(minutes=3)), second)
    forgotten = begin(footing(cast.officer, at=NOON + timedelta(minutes=4)), car)
    end(footing(cast.sergeant, at=NOON + timedelta(minutes=5)), forgotten, answers=None)
    assert status(Clause.VII_c, at=NOON + timedelta(minutes=6)) is Status.CAUTION


def test_vii_h_a_day_as_it_should_be_is_green_all_through(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOON)
    by, sergeant = footing(cast.officer, at=NOON), footing(cast.sergeant, at=NOON)
    tour = begin(by, patrol_car())
    end(by, tour)
    assert status(Clause.VII_h_1, at=NOON) is Status.CAUTION  # it waits
    forward_log(by, tour.log)
    assert [status(clause, at=NOON) for clause in (Clause.VII_h_1, Clause.VII_h_2)] == [Status.KEPT, Status.CAUTION]
    check_log(sergeant, tour.log, accept=True)
    case = open_case(by, number="26-1", title="x", offense_class="felony", is_felony=True)
    name_arrest(by, tour.log, case=case)
    clauses = (Clause.VII_a, Clause.VII_c, Clause.VII_h, Clause.VII_h_1, Clause.VII_h_2, Clause.VII_h_3, Clause.VII_h_4)
    assert {clause: status(clause, at=NOON) for clause in clauses} == dict.fromkeys(clauses, Status.KEPT)
