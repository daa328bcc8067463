"""Searches: who may, with what reason, and logged before they run (VI.b-g, VIII)."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from psycopg.errors import UndefinedColumn
from pytest_django import Settings

from platekeeper.core.partial import PatternError
from platekeeper.core.search.asked import Asked
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import PAGE, QueryResult, overlook, results, search
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.errors import SearchTooWide
from tests.cast import ROLES, Cast
from tests.hotlist.traffic import drive_past
from tests.roles.making import break_ledger
from tests.storage.making import damage_reads

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
State = QueryLogEntry.State


def _ask(cast: Cast, role: str = "detective", **changed: str) -> QueryResult:
    question = Question(
        plate=changed.get("plate", "ABC1234"),
        purpose=changed.get("purpose", "stolen"),
        offense=changed.get("offense", "theft"),
        case_number=changed.get("case_number", "26-7"),
        justification=changed.get("justification", "seen on Canal Street"),
        none_prohibited=True,
        since=NOW - timedelta(days=1),
        until=NOW + timedelta(hours=1),
    )
    return search(footing(cast.people()[role], at=NOW), question)


ALLOWED = {"detective", "clerk", "custodian"}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_search(role: str, cast: Cast) -> None:
    if role in ALLOWED:
        assert _ask(cast, role).entry.state == State.COMPLETED
        return
    with pytest.raises(RefusedAction) as refused:
        _ask(cast, role)
    entry = QueryLogEntry.objects.get()
    assert (entry.state, entry.clause) == (State.REFUSED, refused.value.refusal.clause.number)
    assert LedgerEntry.objects.filter(action="query_refused", clause=entry.clause).exists()


@pytest.mark.parametrize(
    ("missing", "clause"),
    [("purpose", "VI.f"), ("offense", "VI.f"), ("case_number", "VIII.c"), ("justification", "VI.f")],
)
def test_a_search_without_a_reason_is_refused_and_logged(missing: str, clause: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        _ask(cast, **{missing: "  "})
    assert QueryLogEntry.objects.get().clause == clause


def test_what_is_no_plate_is_an_error_before_anything_is_decided(cast: Cast) -> None:
    with pytest.raises(PatternError):
        _ask(cast, plate="AB/12")
    assert not QueryLogEntry.objects.exists()


def test_the_entry_stands_when_the_search_fails(cast: Cast, settings: Settings) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    damage_reads(settings)
    with pytest.raises((sqlite3.DatabaseError, UndefinedColumn)):
        _ask(cast)
    assert QueryLogEntry.objects.get().state == State.FAILED
    actions = list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))
    assert actions[-2:] == ["query_begun", "query_failed"]


def test_the_entry_of_a_search_that_takes_too_long_says_that_it_failed(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lpr_data, "SECONDS", 0.0)
        with pytest.raises(SearchTooWide, match="Ask for less"):
            _ask(cast)
    assert QueryLogEntry.objects.get().state == State.FAILED
    actions = list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))
    assert actions[-2:] == ["query_begun", "query_failed"]
    assert len(_ask(cast).page.reads) == 1


def test_without_the_log_there_is_no_search(cast: Cast) -> None:
    break_ledger()
    with pytest.raises(DatabaseError):
        _ask(cast)


def test_pages_go_on_by_key_and_each_view_is_logged(cast: Cast) -> None:
    drive_past(cast, [f"ABC{number:04d}" for number in range(PAGE + 5)], at=NOW)
    first = _ask(cast, plate="ABC*")
    assert len(first.page.reads) == PAGE
    by = footing(cast.detective, at=NOW)
    second = results(by, first.entry.pk, cursor=str(first.page.next))
    seen = [read.row.raw for read in (*first.page.reads, *second.page.reads)]
    assert len(seen) == len(set(seen)) == PAGE + 5
    assert LedgerEntry.objects.filter(action="query_page_viewed").count() == 1
    for _ in range(2):
        assert len(overlook(by, first.entry.pk)[1]) == PAGE + 5
    first.entry.refresh_from_db()
    assert (first.entry.pages, first.entry.found) == (4, PAGE + 5), "what was shown before is not counted again"


def test_results_are_their_askers_own(cast: Cast) -> None:
    entry = _ask(cast).entry
    with pytest.raises(QueryLogEntry.DoesNotExist):
        results(footing(cast.clerk, at=NOW), entry.pk)


def test_results_close_after_the_working_day(cast: Cast) -> None:
    entry = _ask(cast).entry
    with pytest.raises(RefusedAction):
        results(footing(cast.detective, at=NOW + timedelta(hours=13)), entry.pk)


def test_looked_at_again_it_finds_nothing_that_came_later(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    asked = _ask(cast)
    assert Asked.of(asked.entry.terms).until == NOW + timedelta(minutes=5), "of an hour: a clock may be ahead"
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(minutes=20))
    again = results(footing(cast.detective, at=NOW + timedelta(minutes=30)), asked.entry.pk)
    assert [read.row.at for read in again.page.reads] == [read.row.at for read in asked.page.reads]


def test_o_and_0_are_the_same_when_searching(cast: Cast) -> None:
    drive_past(cast, ["AB01234"], at=NOW)
    assert len(_ask(cast, plate="ABO1234").page.reads) == 1
    assert read_store().days()
