"""Older reads wait for a second person; exigent searches run and are reviewed (VIII.b); numbers are checked (VIII.c)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.case_numbers import CaseNumbersError
from platekeeper.server.casefiles import changes as casefiles
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.approve_queries import decide, view_queue
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.list_cases import list_cases
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import results, run_approved, search
from platekeeper.server.querylog.lookups import case_known
from platekeeper.server.querylog.models import Approval, KnownCase, QueryLogEntry
from tests.cast import Cast
from tests.hotlist.traffic import drive_past

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
State, Known = QueryLogEntry.State, QueryLogEntry.CaseKnown
OLDER = Question(
    plate="ABC1234", purpose="investigation", offense="burglary", case_number="26-7", none_prohibited=True,
    justification="gray van left the burglary on Canal", since=NOW - timedelta(days=60), until=NOW,
    requestor="Lt. Moss", requestor_agency="Mill County Sheriff's Office", recipients="District Attorney's Office",
)  # fmt: skip
NEWER = replace(OLDER, since=NOW - timedelta(days=5))
EXIGENT = replace(OLDER, is_exigent=True, exigent="child taken from the school yard")


@pytest.fixture
def cast(cast: Cast) -> Cast:
    drive_past(cast, ["ABC1234"], at=NOW - timedelta(days=40))
    return cast


def _by(cast: Cast, role: str, *, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def _actions() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))


def test_a_search_of_older_reads_waits_runs_once_approved_and_only_once(cast: Cast) -> None:
    asked = search(_by(cast, "detective"), OLDER)
    assert (asked.entry.state, asked.page.reads) == (State.WAITING, [])
    with pytest.raises(QueryLogEntry.DoesNotExist):
        results(_by(cast, "detective"), asked.entry.pk)
    with pytest.raises(QueryLogEntry.DoesNotExist):
        run_approved(_by(cast, "detective"), asked.entry.pk)
    decide(_by(cast, "sergeant"), asked.entry.approval.pk, granted=True, remark="")
    later = NOW + timedelta(hours=3)
    found = run_approved(_by(cast, "detective", at=later), asked.entry.pk)
    assert ([read.row.raw for read in found.page.reads], found.entry.state) == (["ABC1234"], State.COMPLETED)
    assert found.entry.begun_at == later
    with pytest.raises(QueryLogEntry.DoesNotExist):
        run_approved(_by(cast, "detective", at=later), asked.entry.pk)
    logged = [action for action in _actions() if action.startswith("query_")]
    assert logged == ["query_asked", "query_decided", "query_begun", "query_completed"]


def test_an_approval_is_its_askers_own_and_lasts_a_day(cast: Cast) -> None:
    asked = search(_by(cast, "detective"), OLDER)
    decide(_by(cast, "chief"), asked.entry.approval.pk, granted=True, remark="")
    with pytest.raises(QueryLogEntry.DoesNotExist):
        run_approved(_by(cast, "clerk"), asked.entry.pk)
    with pytest.raises(RefusedAction, match="a day old"):
        run_approved(_by(cast, "detective", at=NOW + timedelta(hours=25)), asked.entry.pk)


def test_what_is_not_approved_never_runs_and_says_why(cast: Cast) -> None:
    asked = search(_by(cast, "detective"), OLDER)
    with pytest.raises(RefusedAction, match="Say why not"):
        decide(_by(cast, "sergeant"), asked.entry.approval.pk, granted=False, remark=" ")
    decide(_by(cast, "sergeant"), asked.entry.approval.pk, granted=False, remark="the case is closed")
    asked.entry.refresh_from_db()
    assert (asked.entry.state, asked.entry.approval.remark) == (State.DENIED, "the case is closed")
    with pytest.raises(RefusedAction, match="Somebody else decided"):
        decide(_by(cast, "chief"), asked.entry.approval.pk, granted=True, remark="")


@pytest.mark.parametrize("role", ["officer", "detective", "clerk", "custodian", "auditor", "outsider"])
def test_who_cannot_approve(role: str, cast: Cast) -> None:
    approval = search(_by(cast, "detective"), OLDER).entry.approval
    for act in (
        lambda: view_queue(_by(cast, role)),
        lambda: decide(_by(cast, role), approval.pk, granted=True, remark=""),
    ):
        with pytest.raises(RefusedAction):
            act()
    approval.refresh_from_db()
    assert approval.decided_at is None


def test_nobody_decides_on_their_own_search(cast: Cast) -> None:
    asked = search(_by(cast, "detective"), OLDER)
    QueryLogEntry.objects.update(by=cast.sergeant)
    with pytest.raises(RefusedAction, match="your own"):
        decide(_by(cast, "sergeant"), asked.entry.approval.pk, granted=True, remark="")


def test_an_exigent_search_runs_at_once_is_flagged_and_waits_for_review(cast: Cast) -> None:
    found = search(_by(cast, "detective"), EXIGENT)
    assert (len(found.page.reads), found.entry.state, found.entry.flags) == (1, State.COMPLETED, ["exigent"])
    decide(_by(cast, "sergeant"), found.entry.approval.pk, granted=False, remark="it could have waited")
    found.entry.refresh_from_db()
    assert (found.entry.state, Approval.objects.get().granted) == (State.COMPLETED, False)
    assert _actions()[-1] == "query_reviewed"


def test_who_asked_and_who_else_gets_the_result_are_on_the_entry_and_sealed(cast: Cast) -> None:
    entry = search(_by(cast, "detective"), NEWER).entry
    assert (entry.requestor, entry.recipients) == ("Lt. Moss", "District Attorney's Office")
    leaf = LedgerEntry.objects.get(action="query_begun")
    assert {each.field for each in leaf.openings.all()} >= {"on_behalf_of", "requestor_agency", "recipients"}
    assert not any(secret in bytes(leaf.body) for secret in (b"Moss", b"Mill County", b"Attorney", b"ABC1234"))


def test_what_a_reviewer_should_look_at_twice_is_flagged(cast: Cast) -> None:
    by = _by(cast, "detective")
    assert search(by, NEWER).entry.flags == []
    assert search(by, NEWER).entry.flags == []  # the same plate again is the same matter
    assert search(by, replace(NEWER, plate="XYZ9876")).entry.flags == ["repeated"]
    assert search(_by(cast, "clerk"), replace(NEWER, plate="XYZ9876")).entry.flags == []
    odd = replace(NEWER, plate="*7Q*", justification="parked outside the protest on Main Street")
    assert search(by, odd).entry.flags == ["bulk", "suggests:expression"]


def test_a_number_is_checked_against_the_list_and_the_case_files(cast: Cast) -> None:
    assert case_known("26-7") is Known.NO_LIST
    casefiles.open_case(
        number="26-8", title="t", offense_class="", is_felony=False, at=NOW, today=NOW.date(), by=cast.detective
    )
    assert case_known("26-8") is Known.YES
    list_cases(_by(cast, "custodian"), b"number\n26/0007\n26-9\n", replace=False)
    list_cases(_by(cast, "custodian"), b"26-10\n26-9\n", replace=False)
    found = {number: case_known(number) for number in ("26-0007", "26 9", "2610", "26-8", "26-11")}
    assert found == {"26-0007": Known.YES, "26 9": Known.YES, "2610": Known.YES, "26-8": Known.YES, "26-11": Known.NO}
    list_cases(_by(cast, "custodian"), b"26-11\n", replace=True)
    assert list(KnownCase.objects.values_list("number", flat=True)) == ["26-11"]
    assert search(_by(cast, "detective"), NEWER).entry.case_known == Known.NO  # it runs all the same
    leaf = LedgerEntry.objects.filter(action="case_numbers_listed").latest("index")
    assert leaf.content()["details"]["numbers"] == 1


def test_only_the_custodian_hands_in_the_list_and_a_broken_file_changes_nothing(cast: Cast) -> None:
    list_cases(_by(cast, "custodian"), b"26-1\n", replace=True)
    with pytest.raises(CaseNumbersError):
        list_cases(_by(cast, "custodian"), b"\xff\n", replace=True)
    with pytest.raises(RefusedAction):
        list_cases(_by(cast, "detective"), b"26-2\n", replace=True)
    assert KnownCase.objects.count() == 1
