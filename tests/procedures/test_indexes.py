"""What is asked for again and again is found by an index, however much there is beside it.

As SQLite says: what PostgreSQL takes for tables without rows is chance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from platekeeper.server.casefiles.lookups import cases_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits import lookups as hits
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hotlist import lookups as hotlist
from platekeeper.server.hotlist.models import EntrySending, HotListEntry
from platekeeper.server.ledger.guarding import weaknesses
from platekeeper.server.ledger.lookups import of_subject
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import cases_to_preserve_in, not_looked_up, unpreserved_in
from platekeeper.server.userlog.models import Tour, TourCheck

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
ASKED: dict[str, tuple[str, Callable[[], QuerySet[Any]]]] = {
    "the board": ("hits_open", hits.board),
    "what is reviewed silently": ("hits_open", hits.silent),
    "what dispatch confirms": ("hits_open", hits.confirmations),
    "what a delivery may recall": ("hits_open", hits.open_alarms),
    "the steps of a hit before a stop": (
        "hits_steps_of_a_hit",
        lambda: HitStep.objects.filter(Exists(HitStep.objects.filter(hit=OuterRef("hit"), kind="shown", at__lt=NOW))),
    ),
    "the cases of a hit": ("casefiles_copies_of", lambda: cases_of("hit:12")),
    "the queries of a case": ("querylog_of_a_case", lambda: unpreserved_in(CaseFile(pk=1))),
    "the queries of open cases": ("querylog_of_a_case", cases_to_preserve_in),
    "looks that are owed": ("querylog_ran_by_time", lambda: not_looked_up(HotListEntry.objects.order_by())),
    "what a member has not seen": ("hotlist_unseen_by", lambda: hotlist.unseen(Person(pk=1), at=NOW)),
    "what is canceled that a member has seen": (
        "hotlist_sent_to",
        lambda: hotlist.canceled_since(Person(pk=1), at=NOW),
    ),
    "what was sent in a period": ("hotlist_entrysending_sent_at", lambda: _within(EntrySending, "sent_at")),
    "what is on the list": ("hotlist_standing_until", lambda: hotlist.active_entries(NOW)),
    "entries asked for in a period": (
        "hotlist_hotlistentry_requested_at",
        lambda: _within(HotListEntry, "requested_at"),
    ),
    "entries decided in a period": ("hotlist_hotlistentry_decided_at", lambda: _within(HotListEntry, "decided_at")),
    "tours that ended in a period": ("userlog_tour_ended_at", lambda: _within(Tour, "ended_at")),
    "the looks of somebody": (
        "ledger_of_a_subject",
        lambda: LedgerEntry.objects.filter(subject="hits:board:7", at__gte=NOW),
    ),
    "what was done to a case": ("ledger_of_a_subject", lambda: of_subject("case:12")),
    "answers of a period": ("userlog_tourcheck_at", lambda: _within(TourCheck, "at")),
}


@pytest.mark.parametrize("what", ASKED)
def test_it_is_found_by_an_index(what: str) -> None:
    index, asked = ASKED[what]
    assert index in asked().explain()


@pytest.mark.records
def test_leaves_are_indexed_by_subject_once_and_guarded_still() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, LedgerEntry._meta.db_table)
    assert [name for name, each in found.items() if each["columns"][:1] == ["subject"]] == ["ledger_of_a_subject"]
    assert not [words for words in weaknesses() if "triggers are off" in words]


def _within(model: Any, moment: str) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(**{f"{moment}__gte": NOW, f"{moment}__lt": NOW})
    return found.order_by()
