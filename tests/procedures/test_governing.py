"""What governs the intake holds from the next batch on, though it is asked for only once something happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from platekeeper.core.actor import SYSTEM
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.bar_places import bar
from platekeeper.server.procedures.direct_keeping import give_directive
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.receive_reads.governing import Governed
from platekeeper.server.procedures.stores import read_store
from tests.cast import Cast
from tests.days import today
from tests.procedures.test_receive_reads import _read
from tests.web.access.barred import CLINIC

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.records]  # what is committed is heard of
NOW = datetime.now(UTC).replace(microsecond=250_000)


def _take(intake: Intake, cast: Cast, plate: str, *, at: datetime = NOW) -> int:
    """Take one read, inside the clinic's place; return how many questions were asked of the policy and what stands by it."""
    read = _read(plate, at=NOW, event=plate)
    read = type(read)(**{each: getattr(read, each) for each in read.__struct_fields__} | INSIDE)
    with CaptureQueriesContext(connection) as asked:
        intake.take([Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=at)])
    return sum("policy_policyversion" in each["sql"] or "retention_directive" in each["sql"] for each in asked)


INSIDE = {"latitude": 43.0495, "longitude": -76.1495}


def test_nothing_is_asked_twice_in_a_second_in_which_nothing_happened(cast: Cast, intake: Intake) -> None:
    assert _take(intake, cast, "AAA1") > 0
    assert _take(intake, cast, "AAA2") == _take(intake, cast, "AAA3") == 0
    assert _take(intake, cast, "AAA4", at=NOW + timedelta(seconds=1)) > 0
    assert _take(intake, cast, "AAA5", at=NOW + timedelta(seconds=1)) == 0


def test_a_place_barred_within_that_second_is_honored_by_the_next_batch(cast: Cast, intake: Intake) -> None:
    _take(intake, cast, "AAA1")
    _take(intake, cast, "AAA2")
    bar(footing(cast.chief, at=NOW), name="Clinic", kind="health", area=CLINIC, why="no reads of patients there")
    _take(intake, cast, "AAA3")
    assert read_store().count(NOW.date()) == {cast.lpr.pk: 2}


def test_a_directive_given_within_that_second_is_followed_by_the_next_batch(cast: Cast, intake: Intake) -> None:
    case = open_case(footing(cast.officer, at=NOW), number="26-7", title="suit", offense_class="", is_felony=False)
    _take(intake, cast, "AAA1")
    _take(intake, cast, "KEEP2")
    give_directive(footing(cast.chief, at=NOW), case=case, plates=("KEEP3",), kept_until=today(900), why="civil suit")
    _take(intake, cast, "KEEP3")
    assert case.preserved.count() == 1


def _leaf() -> LedgerEntry:
    return append(at=NOW, by=SYSTEM, action=Action.READS_RECEIVED)


def test_a_leaf_of_ones_own_changes_nothing_unless_another_came_before_it(cast: Cast) -> None:
    governed = Governed()
    known = governed.now(NOW)
    with transaction.atomic():
        own = _leaf()
    governed.wrote(own)
    assert governed.now(NOW) is known
    with transaction.atomic():
        _leaf()
        own = _leaf()
    governed.wrote(own)
    assert governed.now(NOW) is not known
