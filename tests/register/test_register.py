"""The clause register: every clause has a line; a planted breach turns red; without activity it is grey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.core.clauses import Clause
from platekeeper.server.hits.changes import record_departure, review_departure
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.reads.changes import keep_dead_letter
from platekeeper.server.register.entries import KEPT, register
from platekeeper.server.register.evidence import Status
from tests.cast import Cast, assemble
from tests.hotlist.making import deliver, file, home_in, line
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


@pytest.fixture
def cast() -> Cast:
    return assemble()


def _status(clause: Clause, *, days: tuple[str, ...] = ()) -> Status | None:
    lines = {line.clause: line for line in register(in_force(), at=NOW, days_stored=days)}
    evidence = lines[clause].evidence
    return evidence.status if evidence else None


def test_every_clause_has_a_line_in_the_policys_order(cast: Cast) -> None:
    assert [line.clause for line in register(in_force(), at=NOW, days_stored=())] == list(Clause)


@pytest.mark.parametrize("clause", [c for c in KEPT if c not in {Clause.IV_a, Clause.IV_i, Clause.VII_b, Clause.IV_f}])
def test_without_activity_a_clause_is_grey(clause: Clause, cast: Cast) -> None:
    assert _status(clause) is Status.IDLE


@pytest.mark.parametrize("clause", [clause for clause in Clause if clause not in {*KEPT, Clause.VI_k}])
def test_a_clause_that_is_not_kept_yet_is_never_green(clause: Clause, cast: Cast) -> None:
    assert _status(clause) is None


def test_an_unreviewed_departure_is_red_and_a_review_makes_it_green(cast: Cast) -> None:
    hit = make_hit(cast, steps=("stopped",))
    departure = record_departure(hit, clause="VII.e.1", reason="r", at=NOW, member=cast.officer, policy=STAMP)
    assert _status(Clause.VII_e) is Status.BREACH
    review_departure(departure.pk, at=NOW, by=cast.sergeant, review="talked")
    assert _status(Clause.VII_e) is Status.KEPT


def test_a_query_that_ran_without_a_reason_is_red(cast: Cast) -> None:
    QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=NOW, terms={}, state="completed", policy_number=1, policy_digest="0"
    )
    for clause in (Clause.VI_c, Clause.VI_f, Clause.VIII_c, Clause.VIII_d):
        assert _status(clause) is Status.BREACH


def test_a_dead_letter_left_for_a_day_is_red(cast: Cast) -> None:
    at = NOW - timedelta(hours=25)
    keep_dead_letter(lpr=cast.lpr, format="t", reason="r", payload=b"x", at=at)
    assert _status(Clause.VI_j) is Status.BREACH


def test_a_day_past_its_time_is_red(cast: Cast) -> None:
    old = (NOW - timedelta(days=182)).date().isoformat()
    assert _status(Clause.VI_k, days=(old,)) is Status.BREACH
    assert _status(Clause.VI_k, days=(NOW.date().isoformat(),)) is Status.KEPT


def test_a_list_older_than_its_own_rule_is_red(cast: Cast, tmp_path: Path, settings: Settings) -> None:
    home_in(tmp_path, settings)
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW - timedelta(days=2))
    assert _status(Clause.IV_e) is Status.BREACH
    HotList.objects.update(stale_after=72)
    assert _status(Clause.IV_e) is Status.KEPT
    assert _status(Clause.V_a) is Status.BREACH  # the portal's list is to be of today, whatever its own rule says
