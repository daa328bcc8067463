"""Stake-outs: somebody else lets them run, each new read is tried once, and nobody but the asker sees what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

from platekeeper.core.investigations.terms import StakeOutTerms, UnclearTerms
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Grant
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import stake_out
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.investigate import investigate_approved
from platekeeper.server.procedures.question import Question
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.stakeouts.models import Find, StakeOut
from tests.cast import FOUNDED, POLICY, ROLES, Cast
from tests.hotlist.traffic import drive_past
from tests.retention.making import say
from tests.roles.making import become_owner, break_ledger
from tests.storage.making import MIDNIGHT, NOON, filled, put, store_in

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DECIDERS = {"chief", "sergeant"}


def on(cast: Cast, role: str, *, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def question(*plates: str, until: datetime = NOW + 7 * DAY, lprs: tuple[int, ...] = ()) -> Question:
    terms = StakeOutTerms(plates or ("ABC1234",), lprs, NOW, until).terms()
    return Question(
        plate=terms["plate"], since=NOW, until=until, purpose="investigation", offense="burglary", case_number="26-7",
        justification="series of burglaries on Mill Road", tool=terms, none_prohibited=True,
    )  # fmt: skip


@contextmanager
def overtaken() -> Iterator[None]:
    """Let somebody else end a stake-out just before its decision is written."""
    is_ended = False

    def end(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal is_ended
        if not is_ended and sql.startswith("UPDATE") and StakeOut._meta.db_table in sql:
            is_ended = True
            StakeOut.objects.update(state="ended")
        return execute(sql, *rest)

    with connections[StakeOut.objects.db].execute_wrapper(end):
        yield


def running(cast: Cast, *plates: str, until: datetime = NOW + 7 * DAY) -> StakeOut:
    waiting = stake_out.ask(on(cast, "detective"), question(*plates, until=until))
    return stake_out.decide(on(cast, "chief"), waiting.pk, approve=True)


def seen(cast: Cast, found: StakeOut, *, at: datetime = NOW) -> list[str]:
    return [read.row.raw for read in stake_out.look(on(cast, "detective", at=at), found.pk).reads]


@pytest.fixture
def week(cast: Cast) -> None:
    """Reads older than a week are searched with approval."""
    draft = policy.open_draft(at=FOUNDED)
    for key, value in {**POLICY, "VIII.b.older": "7 days"}.items():
        policy.fill(draft, key=key, value=value)
    policy.adopt(draft, at=FOUNDED, by=cast.chief.pk, by_name=cast.chief.name, effective_at=FOUNDED + MINUTE)


@pytest.mark.parametrize("role", ROLES)
def test_who_lets_a_stake_out_run(role: str, cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question())
    if role in DECIDERS:
        assert stake_out.decide(on(cast, role), waiting.pk, approve=True).state == "running"
        return
    with pytest.raises(RefusedAction):
        stake_out.decide(on(cast, role), waiting.pk, approve=True)
    assert not QueryLogEntry.objects.exists()


def test_nobody_decides_about_their_own(cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question())
    StakeOut.objects.update(by=cast.chief)
    with pytest.raises(RefusedAction, match="Somebody else"):
        stake_out.decide(on(cast, "chief"), waiting.pk, approve=True)


def test_each_new_read_is_tried_once_and_raises_no_alarm(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    found = running(cast, "ABC1234", "XY?99*")
    assert stake_out.evaluate(at=NOW) == 0
    drive_past(cast, ["XYZ9912", "OTHER1"], at=NOW + MINUTE)
    assert [stake_out.evaluate(at=NOW + MINUTE) for _ in range(2)] == [1, 0]
    drive_past(cast, ["ABC1234"], at=NOW + 2 * MINUTE)
    assert stake_out.evaluate(at=NOW + 2 * MINUTE) == 1
    assert seen(cast, found) == ["ABC1234", "XYZ9912"]
    assert not Hit.objects.exists()


def test_the_query_log_has_its_terms_and_the_days_on_which_it_found_something(cast: Cast) -> None:
    found = running(cast, until=NOW + DAY)
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    stake_out.evaluate(at=NOW + MINUTE)
    drive_past(cast, ["ABC1234"], at=NOW + 2 * MINUTE)
    stake_out.evaluate(at=NOW + 2 * MINUTE)
    whole, day = QueryLogEntry.objects.order_by("pk")
    assert (whole.state, whole.terms, whole.by) == ("begun", question(until=NOW + DAY).terms(), cast.detective)
    assert (day.state, day.found, day.terms["stake_out"]) == ("completed", 2, found.pk)
    stake_out.evaluate(at=NOW + DAY)
    whole.refresh_from_db()
    found.refresh_from_db()
    assert (whole.state, whole.found, found.state) == ("completed", 2, "ended")
    seen(cast, found)
    assert LedgerEntry.objects.filter(subject=f"query:{whole.pk}", action="query_page_viewed").count() == 1


@pytest.mark.usefixtures("week")
def test_it_waits_for_no_second_approval_however_long_ago_it_was_asked(cast: Cast) -> None:
    waiting, late = stake_out.ask(on(cast, "detective"), question(until=NOW + 14 * DAY)), NOW + 9 * DAY
    stake_out.decide(on(cast, "chief", at=late), waiting.pk, approve=True)
    drive_past(cast, ["ABC1234"], at=late)
    assert stake_out.evaluate(at=late) == 1
    whole, day = QueryLogEntry.objects.order_by("pk")
    assert (whole.state, day.state, day.found) == ("begun", "completed", 1)
    assert not Approval.objects.exists()


def test_none_is_exigent(cast: Cast) -> None:
    exigent = replace(question(), is_exigent=True, exigent="child taken from the school yard")
    waiting = stake_out.ask(on(cast, "detective"), exigent)
    assert (waiting.asked["is_exigent"], waiting.asked["exigent"]) == (False, "")
    stake_out.decide(on(cast, "chief"), waiting.pk, approve=True)
    assert not Approval.objects.exists()


def test_its_entry_is_not_run_as_an_approved_query(cast: Cast) -> None:
    entry = running(cast).entry
    assert entry is not None
    QueryLogEntry.objects.update(state="approved")
    Approval.objects.create(entry=entry, kind="before", asked_at=NOW, decided_at=NOW, granted=True)
    with pytest.raises(QueryLogEntry.DoesNotExist):
        investigate_approved(on(cast, "detective"), entry.pk)
    entry.refresh_from_db()
    assert entry.state == "approved"


@pytest.mark.parametrize("approve", [True, False])
def test_who_comes_second_is_refused_and_that_is_logged(approve: bool, cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question())
    with overtaken(), pytest.raises(RefusedAction, match="meanwhile"):
        stake_out.decide(on(cast, "chief"), waiting.pk, approve=approve, remark="too wide")
    refused = LedgerEntry.objects.get(action="action_refused")
    assert refused.subject == f"stake-out:{waiting.pk}"
    assert not QueryLogEntry.objects.exists()


def test_one_that_is_refused_is_logged_and_never_runs(cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question())
    with pytest.raises(UnclearTerms):
        stake_out.decide(on(cast, "chief"), waiting.pk, approve=False)
    refused = stake_out.decide(on(cast, "chief"), waiting.pk, approve=False, remark="too wide")
    entry = QueryLogEntry.objects.get()
    assert (refused.state, entry.state, entry.refusal) == ("refused", "refused", "too wide")
    with pytest.raises(RefusedAction, match="Too late"):
        stake_out.decide(on(cast, "chief"), waiting.pk, approve=True)


@pytest.mark.parametrize("role", ["detective", "sergeant", "clerk"])
def test_who_ends_it(role: str, cast: Cast) -> None:
    found = running(cast)
    if role == "clerk":
        with pytest.raises(RefusedAction):
            stake_out.end(on(cast, role), found.pk)
        return
    assert stake_out.end(on(cast, role), found.pk).state == "ended"
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    assert stake_out.evaluate(at=NOW + MINUTE) == 0
    assert QueryLogEntry.objects.get().state == "completed"


def test_it_ends_with_the_askers_access(cast: Cast) -> None:
    found = running(cast)
    become_owner()
    Grant.objects.filter(person=cast.detective).delete()
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    assert stake_out.evaluate(at=NOW + MINUTE) == 0
    found.refresh_from_db()
    assert (found.state, "not been granted" in found.remark) == ("ended", True)


def test_what_it_found_goes_with_the_reads_and_a_week_after_its_end(cast: Cast) -> None:
    found = running(cast)
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    stake_out.evaluate(at=NOW + MINUTE)
    assert seen(cast, found) == ["ABC1234"]
    stake_out.end(on(cast, "detective"), found.pk)
    with pytest.raises(RefusedAction, match="closed"):
        seen(cast, found, at=NOW + 8 * DAY)
    dispose_lpr_data(at=NOW + 200 * DAY)
    assert not Find.objects.exists()
    stake_out.evaluate(at=NOW + 8 * DAY)


def test_what_is_past_its_time_is_not_shown_though_nothing_took_it_yet(cast: Cast) -> None:
    found = running(cast)
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    stake_out.evaluate(at=NOW + MINUTE)
    say(cast, at=NOW + MINUTE, floor="1 minutes", no_hit="3 minutes")
    assert [seen(cast, found, at=NOW + minutes * MINUTE) for minutes in (3, 6)] == [["ABC1234"], []]


def test_what_was_captured_before_it_was_asked_or_elsewhere_is_not_found(cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question(lprs=(cast.lpr.pk + 1,)))
    stake_out.decide(on(cast, "chief"), waiting.pk, approve=True)
    running(cast)
    drive_past(cast, ["ABC1234"], at=NOW - DAY)
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    assert stake_out.evaluate(at=NOW + MINUTE) == 1


def test_what_fails_half_way_is_found_once_all_the_same(cast: Cast) -> None:
    running(cast)
    drive_past(cast, ["ABC1234"], at=NOW + MINUTE)
    with pytest.raises(DatabaseError), transaction.atomic():
        break_ledger()
        stake_out.evaluate(at=NOW + MINUTE)
    assert not Find.objects.exists()
    assert [stake_out.evaluate(at=NOW + MINUTE) for _ in range(2)] == [1, 0]


def test_one_that_nobody_decides_ends_with_its_time(cast: Cast) -> None:
    waiting = stake_out.ask(on(cast, "detective"), question())
    stake_out.evaluate(at=NOW + 8 * DAY)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.remark) == ("ended", "Nobody decided in time.")
    assert not QueryLogEntry.objects.exists()


def test_results_are_their_askers_own(cast: Cast) -> None:
    found = running(cast)
    with pytest.raises(StakeOut.DoesNotExist):
        stake_out.look(on(cast, "clerk"), found.pk)


@pytest.mark.parametrize("changed", [{"plates": ["A*"]}, {"until": (NOW + 15 * DAY).isoformat()}, {"plates": []}])
def test_too_wide_a_stake_out_is_an_error(changed: dict[str, object], cast: Cast) -> None:
    asked = question()
    with pytest.raises(UnclearTerms):
        stake_out.ask(on(cast, "detective"), replace(asked, tool={**asked.terms(), **changed}))


def test_arrivals_come_by_number_whatever_their_hour(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "A1", "at": NOON}, {"raw": "A2", "at": MIDNIGHT - 1})
    first = store.arrived_until()
    with store.writer() as writer:
        put(writer, {"raw": "B1", "at": MIDNIGHT}, {"raw": "B2", "unreadable": True})
    assert {each.folded for each in store.arrivals(after=first, until=store.arrived_until())} == {"B1"}
    assert {each.folded for each in store.arrivals(after=0, until=first)} == {"A1", "A2"}
    assert store_in(tmp_path / "none").arrived_until() == 0
