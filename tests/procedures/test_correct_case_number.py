"""A case number that was corrected: whether it is known, what a review says, when a case is late, what goes on under it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.query_audit import Why, reasons_of
from platekeeper.server.casefiles import changes as cases
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight.models import AuditItem
from platekeeper.server.oversight.query_facts import facts_for
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import stake_out
from platekeeper.server.procedures.annual_chapters.checks import survey
from platekeeper.server.procedures.approve_queries import decide
from platekeeper.server.procedures.audit_queries import draw_when_due
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.correct_case_number import correct_case_number
from platekeeper.server.procedures.list_cases import list_cases
from platekeeper.server.procedures.search_lpr_data import run_approved, search
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from platekeeper.server.stakeouts.models import StakeOut
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.procedures.test_approve_queries import OLDER
from tests.procedures.test_stake_out import running
from tests.register import judging
from tests.register.making import query

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
GOOD = "silver Civic left the bank on Canal Street, witness {}"


def _correct(entry: QueryLogEntry, number: str, *, by: Person | None = None, at: datetime = NOW) -> QueryLogEntry:
    """Correct a number, as who made the query unless somebody else does; return the entry anew."""
    found = lookups.entries().get(pk=entry.pk)
    correct_case_number(footing(by or found.by, at=at), found, number=number, why="a slip of the hand")
    return lookups.entries().get(pk=entry.pk)


def _whys(entry: QueryLogEntry) -> list[Why]:
    [facts] = facts_for([lookups.ran().get(pk=entry.pk)], zone=in_force(at=NOW).zone, at=NOW).values()
    return [reason.why for reason in reasons_of(facts)]


def _arrested(cast: Cast, number: str) -> None:
    at = NOW - 40 * DAY
    case = cases.open_case(
        number=number, title="t", offense_class="felony", is_felony=True, at=at, today=at.date(), by=cast.detective
    )
    cases.change_case(case, {"arrested_on": at.date()})


@pytest.mark.parametrize(
    ("made_under", "number", "before", "after"),
    [("26-9999", "26-7", Status.CAUTION, Status.KEPT), ("26-7", "26-9999", Status.KEPT, Status.CAUTION)],
)
def test_whether_the_right_number_is_known_is_asked_when_it_is_given(
    made_under: str, number: str, before: Status, after: Status, cast: Cast
) -> None:
    list_cases(footing(cast.custodian, at=NOW - 9 * DAY), b"26-7\n", replace=True)
    known = lookups.case_known(made_under)
    entry = query(cast.detective, NOW - DAY, case_number=made_under, case_known=known, justification=GOOD)
    assert judging.status(Clause.VIII_c) is before
    entry = _correct(entry, number)
    assert (entry.case_known, entry.known_now) == (known, lookups.case_known(number))
    assert judging.status(Clause.VIII_c, at=NOW + DAY) is after
    assert judging.status(Clause.VIII_c, at=NOW - DAY / 2) is before  # what was done later changes nothing of it
    assert (Why.CASE_UNKNOWN in _whys(entry)) is (after is Status.CAUTION)
    leaf = LedgerEntry.objects.filter(action="query_case_corrected").latest("index").content()
    assert leaf["details"]["case_known"] == entry.known_now
    _correct(entry, made_under, at=NOW + DAY / 2)
    assert judging.status(Clause.VIII_c, at=NOW + DAY) is before


def test_nothing_is_asked_of_a_number_that_is_on_no_list_of_ours(cast: Cast) -> None:
    list_cases(footing(cast.custodian, at=NOW), b"26-7\n", replace=True)
    look = query(cast.detective, NOW, purpose="alert")
    assert _correct(look, "26-9999").known_now == ""


@pytest.mark.parametrize("role", ["detective", "auditor"])
def test_a_member_takes_no_reason_away_by_a_correction_of_their_own(role: str, cast: Cast) -> None:
    made = [
        query(cast.detective, NOW - (5 - day) * DAY, case_number=number, justification=GOOD.format(1))
        for day, number in enumerate(("n/a", "none", "tbd", "0", "x"))
    ]
    found = [Why.REPEATED, Why.SAME_PLATE, Why.CASELESS]
    assert _whys(made[-1]) == found
    for entry in made:
        _correct(entry, "26-4711", by=cast.people()[role])
    # an auditor's word stands
    assert _whys(made[-1]) == ([*found, Why.CORRECTED] if role == "detective" else [Why.SAME_PLATE])


def test_what_was_corrected_back_or_once_more_by_an_auditor_is_no_reason(cast: Cast) -> None:
    entry = query(cast.detective, NOW, justification=GOOD)
    assert _whys(_correct(entry, "26-2")) == [Why.CORRECTED]
    assert _whys(_correct(entry, "26-1")) == []
    assert _whys(_correct(entry, "26-3", by=cast.auditor)) == []
    assert _whys(_correct(entry, "26-1")) == [Why.CORRECTED]  # which is what the auditor had corrected
    assert _whys(_correct(entry, "26-3")) == []


def test_a_query_of_a_round_before_is_in_the_next_once_its_maker_took_it_from_its_case(cast: Cast) -> None:
    _arrested(cast, "26-1")
    taken, slip = (
        query(cast.detective, NOW - 30 * DAY, justification=GOOD.format(n), terms={"plate": f"A{n}"}) for n in "12"
    )
    assert draw_when_due(at=NOW - 20 * DAY)
    assert judging.status(Clause.VI_d, at=NOW - 2 * DAY) is Status.BREACH
    query(cast.clerk, NOW - 2 * DAY, justification=GOOD)
    _correct(taken, "n/a", at=NOW - DAY)
    _correct(slip, "26-2", by=cast.auditor, at=NOW - DAY)
    made = draw_when_due(at=NOW)
    assert made and (made.entries, made.items.count()) == (1, 2)
    item = AuditItem.objects.get(round=made, entry=taken)
    assert [item.drawn, *(why for why, _weight, _words in item.reasons)] == [False, "corrected", "case_unknown"]
    assert item.reasons[0][2] == "The member corrected the number that it was under: 26-1 became n/a."


def test_a_case_has_as_long_for_what_a_correction_put_under_its_number(cast: Cast) -> None:
    _arrested(cast, "26-141")
    _correct(query(cast.detective, NOW - 30 * DAY, case_number="26-114"), "26-141")
    for clause, stands in ((Clause.VI_d, Status.KEPT), (Clause.VI_h, Status.CAUTION)):
        assert judging.status(clause, at=NOW + 7 * DAY) is stands
        assert judging.status(clause, at=NOW + 7 * DAY + timedelta(minutes=1)) is Status.BREACH


def test_what_is_corrected_away_and_back_is_as_late_as_before(cast: Cast) -> None:
    _arrested(cast, "26-141")
    entry = query(cast.detective, NOW - 30 * DAY, case_number="26-114")
    for days, number in ((20, "26-141"), (2, "26-999"), (1, "26-141")):
        _correct(entry, number, at=NOW - days * DAY)
    own = query(cast.detective, NOW - 30 * DAY, case_number="26-141")
    for days, number in ((2, "26-999"), (1, "26-141")):
        _correct(own, number, at=NOW - days * DAY)
    found: Any = lookups.under(QueryLogEntry.objects.order_by("pk"))
    assert list(found.values_list("about", "since")) == [("26-141", NOW - 20 * DAY), ("26-141", NOW - 30 * DAY)]
    assert judging.status(Clause.VI_d, at=NOW) is Status.BREACH


def test_what_somebody_corrects_at_the_same_moment_is_judged_by_what_stands(cast: Cast) -> None:
    entry = query(cast.detective, NOW, case_number="26-1")
    shown = [lookups.entries().get(pk=entry.pk) for _ in range(2)]
    by = footing(cast.detective, at=NOW)
    correct_case_number(by, shown[0], number="26-2", why="a slip of the hand")
    with pytest.raises(RefusedAction, match="under this number already"):
        correct_case_number(by, shown[1], number="26-2", why="a slip of the hand")
    assert entry.corrections.count() == 1


def test_what_was_approved_for_one_case_runs_for_no_other(cast: Cast) -> None:
    entry = search(footing(cast.detective, at=NOW), replace(OLDER, case_number="26-7")).entry
    decide(footing(cast.sergeant, at=NOW), entry.approval.pk, granted=True, remark="")
    _correct(entry, "n/a", at=NOW + timedelta(minutes=1))
    by = footing(cast.detective, at=NOW + timedelta(minutes=2))
    assert not lookups.to_run(cast.detective, since=NOW - DAY).exists()
    with pytest.raises(RefusedAction, match="corrected after the search was approved"):
        run_approved(by, entry.pk)


def test_who_approves_approves_the_number_that_they_were_shown(cast: Cast) -> None:
    entry = search(footing(cast.detective, at=NOW), replace(OLDER, case_number="26-7")).entry
    _correct(entry, "n/a")
    with pytest.raises(RefusedAction, match="corrected meanwhile"):
        decide(footing(cast.sergeant, at=NOW), entry.approval.pk, granted=True, remark="", number="26-7")
    decide(footing(cast.sergeant, at=NOW), entry.approval.pk, granted=True, remark="", number="n/a")
    assert lookups.to_run(cast.detective, since=NOW - DAY).get() == entry


def test_an_old_query_in_a_round_is_judged_by_its_own_time(cast: Cast) -> None:
    at_noon = NOW.replace(hour=17, minute=0)
    for day in range(460, 500):  # who worked nights then, and works days now
        query(cast.detective, at_noon - day * DAY + timedelta(hours=12), justification=GOOD.format(day))
    told = "a guard saw a red van leave the harbor with its lights off"
    old = query(cast.detective, at_noon - 450 * DAY, justification=told, terms={"plate": "RED1"})
    for day in range(40, 80):
        query(cast.detective, at_noon - day * DAY, justification=GOOD.format(day))
    assert draw_when_due(at=NOW - 20 * DAY)
    odd = query(cast.detective, at_noon - 5 * DAY + timedelta(hours=12), case_number="n/a", justification="x")
    expected = _whys(odd)
    _correct(old, "26-2", at=NOW - DAY)
    made = draw_when_due(at=NOW)
    assert made is not None and Why.ODD_HOUR in expected
    assert [why for why, _weight, _words in AuditItem.objects.get(round=made, entry=odd).reasons] == expected
    reasons = {why for why, _weight, _words in AuditItem.objects.get(round=made, entry=old).reasons}
    assert reasons == {Why.CORRECTED, Why.ODD_HOUR}


def test_a_stake_out_goes_on_under_the_right_number(cast: Cast) -> None:
    found = running(cast)
    for day in (0, 1):
        drive_past(cast, ["ABC1234"], at=NOW + day * DAY)
        assert stake_out.evaluate(at=NOW + day * DAY) == 1
        if found.entry is not None and not day:
            _correct(found.entry, "26-8")
    whole, *days = lookups.entries().order_by("pk")
    assert [(entry.case_number, entry.case_now) for entry in (whole, *days)] == [
        ("26-7", "26-8"), ("26-7", "26-7"), ("26-8", "26-8"),
    ]  # fmt: skip
    stake_out.end(footing(cast.detective, at=NOW + DAY), found.pk)
    assert StakeOut.objects.get().state == "ended"
    leaves = LedgerEntry.objects.filter(action__in=("stake_out_ended", "query_completed")).order_by("-index")[:2]
    assert [leaf.content()["case"] for leaf in leaves] == ["26-8", "26-8"]


def test_the_survey_of_the_year_names_the_case_of_now(cast: Cast) -> None:
    _correct(query(cast.detective, NOW), "26-8")
    chapter = survey(judging.until(NOW + DAY), seed="0")
    [key] = [key for key, heading, _share in chapter.printed if heading == "Case"]
    assert [row[key] for row in chapter.rows] == ["26-8"]


def test_what_is_done_after_a_correction_is_in_the_ledger_under_the_right_number(cast: Cast) -> None:
    list_cases(footing(cast.custodian, at=NOW), b"26-8\n", replace=True)
    entry = search(footing(cast.detective, at=NOW), replace(OLDER, case_number="26-7")).entry
    _correct(entry, "26-8")
    decide(footing(cast.sergeant, at=NOW), entry.approval.pk, granted=True, remark="")
    run_approved(footing(cast.detective, at=NOW), entry.pk)
    leaves = [leaf.content() for leaf in LedgerEntry.objects.filter(subject=f"query:{entry.pk}").order_by("index")]
    assert [(leaf["action"], leaf["case"], leaf["details"].get("case_known")) for leaf in leaves] == [
        ("query_asked", "26-7", "no"), ("query_case_corrected", "26-8", "yes"), ("query_decided", "26-8", None),
        ("query_begun", "26-8", "yes"), ("query_completed", "26-8", "yes"),
    ]  # fmt: skip
