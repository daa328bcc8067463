"""Tours of duty begin and end, once each, and the ledger knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.equipment.changes import set_in_service
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import run_tour
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.userlog import changes, lookups
from platekeeper.server.userlog.models import PURPOSES, Tour
from tests.cast import ROLES, Cast
from tests.hotlist.making import records
from tests.touring import begin, end, hot_list_on_hand, patrol_car

pytestmark = records
NOW = datetime.now(UTC)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    hot_list_on_hand(cast, at=NOW)
    return cast


@pytest.fixture
def car(cast: Cast) -> LPR:
    return patrol_car()


def _by(cast: Cast, role: str = "officer", *, later: timedelta = timedelta(0)) -> Footing:
    return footing(cast.people()[role], at=NOW + later)


def _begin(cast: Cast, lpr: LPR, role: str = "officer", purpose: str = Purpose.PATROL) -> Tour:
    return begin(_by(cast, role), lpr, purpose)


def _refused(cast: Cast, lpr: LPR, role: str = "officer", purpose: str = Purpose.PATROL) -> str:
    with pytest.raises(RefusedAction) as refused:
        _begin(cast, lpr, role, purpose)
    clause = refused.value.refusal.clause.number
    logged = LedgerEntry.objects.order_by("index").last()
    assert logged is not None
    assert (logged.outcome, logged.clause, logged.subject) == ("refused", clause, f"lpr:{lpr.pk}")
    assert b'"attempted":"tour_begun"' in bytes(logged.body)
    return clause


def test_a_tour_begins_with_the_hot_list_on_hand_and_ends(cast: Cast, car: LPR) -> None:
    tour = _begin(cast, car)
    assert (tour.member, tour.lpr, tour.begun_at, tour.policy_number) == (cast.officer, car, NOW, 1)
    end(_by(cast, later=timedelta(hours=8)), tour)
    assert (tour.ended_at, tour.ended_by) == (NOW + timedelta(hours=8), cast.officer)
    begun, ended = LedgerEntry.objects.filter(subject=f"tour:{tour.pk}").order_by("index")
    assert [(each.action, each.clause) for each in (begun, ended)] == [("tour_begun", "VII.h"), ("tour_ended", "VII.h")]
    body = json.loads(bytes(begun.body))
    assert tour.hot_list and body["details"]["hot_list"]["digest"] == tour.hot_list.digest
    assert (body["purpose"], body["details"]["lpr"]) == ("patrol", car.pk)


@pytest.mark.parametrize("role", ROLES)
def test_who_begins_a_tour(role: str, cast: Cast, car: LPR) -> None:
    if role in {"officer", "sergeant"}:
        assert _begin(cast, car, role).member == cast.people()[role]
    else:
        assert _refused(cast, car, role) == ("VII.b" if role == "rookie" else "IV.a")
        assert not Tour.objects.exists()


def test_one_tour_a_member_and_one_an_lpr(cast: Cast, car: LPR) -> None:
    tour, other = _begin(cast, car), patrol_car("Car 7")
    assert _refused(cast, other) == "VII.h"
    assert _refused(cast, car, "sergeant") == "VII.h"
    end(_by(cast), tour)
    _begin(cast, car, "sergeant")
    _begin(cast, other)


def test_the_database_itself_holds_one_open_tour_a_member_and_an_lpr(cast: Cast, car: LPR) -> None:
    tour = _begin(cast, car)
    for member, lpr in ((cast.officer, patrol_car("Car 7")), (cast.sergeant, car)):
        with pytest.raises(IntegrityError), transaction.atomic():
            changes.begin_tour(
                member, lpr=lpr, purpose=Purpose.PATROL, hot_list=tour.hot_list, at=NOW, policy=(1, "0" * 64)
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        changes.end_tour(tour, at=NOW - timedelta(minutes=1), by=cast.officer)


def test_who_comes_second_is_told_why(cast: Cast, car: LPR, monkeypatch: pytest.MonkeyPatch) -> None:
    _begin(cast, car)
    answers = [Tour.objects.none(), lookups.open_tours()]

    def as_it_was_a_moment_ago() -> QuerySet[Tour]:
        return answers.pop(0)

    monkeypatch.setattr(run_tour, "open_tours", as_it_was_a_moment_ago)
    assert _refused(cast, car, "sergeant") == "VII.h"
    assert (Tour.objects.count(), answers) == (1, [])


def test_an_lpr_out_of_service_goes_nowhere(cast: Cast, car: LPR) -> None:
    set_in_service(car, in_service=False)
    assert _refused(cast, car) == "IV.f"


def test_a_forgotten_tour_is_ended_by_who_checks_the_log(cast: Cast, car: LPR) -> None:
    tour = _begin(cast, car)
    with pytest.raises(RefusedAction) as refused:
        end(_by(cast, "rookie"), tour)
    assert refused.value.refusal.clause.number == "VII.h.2"
    end(_by(cast, "sergeant", later=timedelta(hours=20)), tour)
    assert tour.ended_by == cast.sergeant
    with pytest.raises(RefusedAction) as refused:
        end(_by(cast, later=timedelta(hours=21)), tour)
    assert (refused.value.refusal.clause.number, tour.ended_by) == ("VII.h", cast.sergeant)
    logged = LedgerEntry.objects.order_by("index").last()
    assert logged is not None and (logged.outcome, logged.subject) == ("refused", f"tour:{tour.pk}")


def test_no_refusal_names_a_person(cast: Cast, car: LPR) -> None:
    _begin(cast, car)
    _refused(cast, car, "sergeant")
    assert not any(cast.officer.name.encode() in bytes(each.body) for each in LedgerEntry.objects.all())


def test_every_purpose_has_its_words() -> None:
    assert list(PURPOSES) == [purpose.value for purpose in Purpose]


def test_what_the_units_have_is_asked_once_for_all_lprs(cast: Cast, car: LPR) -> None:
    cars = [car, *(patrol_car(f"Car {number}") for number in range(4, 12))]
    LPR.objects.filter(kind=LPR.Kind.MOBILE).update(upload_way="docked")
    by, asked = _by(cast), list[int]()
    for lprs in (cars[:1], cars):
        for lpr in lprs:
            lpr.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            judged = run_tour.judge(by, lprs, purpose=Purpose.PATROL, delivery=newest_delivery())
            assert run_tour.with_own_list(by, lprs) == lprs
        assert [bool(decision) for _, decision in judged] == [True] * len(lprs)
        asked.append(len(queries))
    assert asked[0] == asked[1]
