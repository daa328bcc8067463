"""A stop that was recorded by mistake is taken back, and is none wherever stops are told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.matching import HowMatched
from platekeeper.server.hits import lookups
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.oversight.lookups import stopping
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.procedures import answer_hit, supervise_hits
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.figures import figures_of
from platekeeper.server.register.evidence.counts import stop_sums
from platekeeper.server.register.period import period_of
from platekeeper.server.userlog.lookups import tours_of_hits
from tests.cast import Cast
from tests.register.judging import until
from tests.register.making import ended
from tests.web.access.oversight import complained
from tests.web.making import make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(minutes=30)


def _told(hit: Hit, cast: Cast) -> dict[str, object]:
    """Return what is said of stops, wherever they are told of."""
    complaint = complained(cast, hit=hit)
    of_tours = tours_of_hits(Hit.objects.all())
    return {
        "facts": lookups.facts_of(hit, at=NOW).stopped_at is not None,
        "published": figures_of(period_of(now=datetime.now(UTC), days=7)).numbers()["stops"],
        "register": stop_sums(until(NOW))["made"],
        "register then": stop_sums(until(BEFORE))["made"],
        "complaint": stopping(complaint) == {cast.officer.pk},
        "to preserve": lookups.hits_to_preserve(at=NOW).exists(),
        "log": lookups.seen_or_worked(cast.lpr, cast.officer, since=BEFORE - timedelta(hours=1), until=NOW).exists(),
        "tours": of_tours.exists(),
    }


def _departures() -> list[str | None]:
    return [vars(each)["taken_back"] for each in lookups.departures().order_by("pk")]


@pytest.mark.parametrize("how", [HowMatched.PLATE, HowMatched.LOOK_ALIKE])
def test_it_is_none_wherever_stops_are_told_of_until_another_is_made(how: HowMatched, cast: Cast) -> None:
    ended(cast, BEFORE + timedelta(minutes=1), hours=1)
    hit = make_hit(cast, how=how, at=NOW - timedelta(days=1))
    answer_hit.record_stop(footing(cast.officer, at=BEFORE), hit.pk, plate=hit.plate)
    stopped = _told(hit, cast)
    assert stopped == {
        "facts": True, "published": 1, "register": 1, "register then": 1, "complaint": True, "to preserve": True,
        "log": True, "tours": True,
    }  # fmt: skip
    back = NOW - timedelta(minutes=1)
    supervise_hits.take_stop_back(footing(cast.officer, at=back), hit.pk, reason="the wrong hit")
    assert _told(hit, cast) == {
        "facts": False, "published": 0, "register": 0, "register then": 1, "complaint": True, "to preserve": False,
        "log": False, "tours": False,
    }  # fmt: skip
    assert _departures() == ["the wrong hit"], "it waits for its review all the same"
    answer_hit.record_stop(footing(cast.officer, at=NOW), hit.pk, plate=hit.plate)
    assert _told(hit, cast)["published"] == 1 and Departure.objects.count() == 2
    assert _departures() == ["the wrong hit", None]


def test_how_a_stop_without_an_alarm_ended_who_made_it_says_or_a_supervisor_and_not_the_review(cast: Cast) -> None:
    hit = make_hit(cast, how=HowMatched.LOOK_ALIKE)
    answer_hit.record_stop(footing(cast.officer, at=NOW), hit.pk, plate=hit.plate)
    keeper = footing(cast.custodian, at=NOW)
    assert not lookups.silent().exists() and lookups.open_hits().get() == hit
    assert lookups.overdue_count(at=NOW + timedelta(days=1)) == 0  # of alarms
    with pytest.raises(RefusedAction, match="whoever made it"):
        supervise_hits.close_silent(keeper, hit.pk, outcome=HitStep.Outcome.DISMISSED)
    supervise_hits.take_stop_back(footing(cast.officer, at=NOW), hit.pk, reason="the wrong hit")
    assert lookups.silent().get() == hit and not lookups.open_hits().exists()
    with pytest.raises(RefusedAction):
        answer_hit.record_outcome(footing(cast.sergeant, at=NOW), hit.pk, outcome=HitStep.Outcome.CORRECT)
    supervise_hits.close_silent(keeper, hit.pk, outcome=HitStep.Outcome.DISMISSED)
    assert lookups.facts_of(hit, at=NOW).outcome == "dismissed"


def test_a_supervisor_who_uses_no_lpr_says_how_the_stop_of_somebody_who_left_ended(cast: Cast) -> None:
    hit, alarm = make_hit(cast, how=HowMatched.LOOK_ALIKE), make_hit(cast, steps=("stopped",))
    answer_hit.record_stop(footing(cast.officer, at=NOW), hit.pk, plate=hit.plate)
    supervising = personnel.ensure_position("Patrol Sergeant")
    personnel.give_position(cast.rookie, supervising, since=NOW.date() - timedelta(days=1), at=NOW)
    by = footing(cast.rookie, at=NOW)
    with pytest.raises(RefusedAction):
        answer_hit.record_outcome(by, alarm.pk, outcome=HitStep.Outcome.CORRECT)
    answer_hit.record_outcome(by, hit.pk, outcome=HitStep.Outcome.CORRECT, led_on=True)
    assert lookups.facts_of(hit, at=NOW).outcome == "correct"
    assert lookups.hits_to_preserve(at=NOW).filter(pk=hit.pk).exists()


def test_which_stop_was_taken_back_is_told_by_the_order_of_steps(cast: Cast) -> None:
    hit = make_hit(cast, at=NOW - timedelta(days=1))
    by, slow = footing(cast.officer, at=NOW), footing(cast.officer, at=BEFORE)  # a clock that is behind
    answer_hit.record_stop(by, hit.pk)
    supervise_hits.take_stop_back(slow, hit.pk, reason="the wrong hit")
    assert _departures() == ["the wrong hit"]
    answer_hit.record_stop(slow, hit.pk)
    assert _departures() == ["the wrong hit", None]


def test_who_recorded_it_or_a_supervisor_takes_it_back_with_a_reason(cast: Cast) -> None:
    hits = [make_hit(cast, steps=("image_verified", "confirmed", "stopped")) for _ in range(2)]
    for who, reason in ((cast.auditor, "not theirs"), (cast.custodian, "not theirs"), (cast.officer, " ")):
        with pytest.raises(RefusedAction):
            supervise_hits.take_stop_back(footing(who, at=NOW), hits[0].pk, reason=reason)
    for who, hit in zip((cast.officer, cast.sergeant), hits, strict=True):
        supervise_hits.take_stop_back(footing(who, at=NOW), hit.pk, reason="the wrong hit")
        with pytest.raises(RefusedAction):
            supervise_hits.take_stop_back(footing(who, at=NOW), hit.pk, reason="the wrong hit")
