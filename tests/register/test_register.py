"""The clause register: every clause has a line; a planted breach turns red on its day; without activity it is gray."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from platekeeper.core.amendments import amended
from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.server.hits.changes import review_departure
from platekeeper.server.hotlist.models import HotList
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerOpening
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.view_logs import check_ledger
from platekeeper.server.register.entries import ENTRIES
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.guidance import GUIDANCE
from platekeeper.server.register.lines import counted, line_of, register
from platekeeper.server.register.period import PeriodError, period_of
from platekeeper.server.retention.models import Disposal
from tests.cast import FOUNDED, Cast
from tests.register.breaches import BREACHES, MORE, Plant
from tests.register.judging import NOW, Days, by_number, of_day, on_day, status, until
from tests.register.making import STAMP, delivery, departure, entry, leaf, query, second_word, step, tour

pytestmark = [pytest.mark.django_db, pytest.mark.records]
ZONE = ZoneInfo("America/New_York")
DAY = NOW.astimezone(ZONE).date() - timedelta(days=3)
NOON = datetime.combine(DAY, time(12), ZONE).astimezone(UTC)
STANDING = {Clause.header, Clause.III_members, Clause.III_staff, Clause.IV_f, Clause.signature}
"""What the cast has by itself is evidence of these: a version adopted, people of the department, an LPR."""


def test_every_clause_has_a_line_in_the_policys_order(cast: Cast) -> None:
    assert [line.clause for line in register(until())] == list(Clause)


def test_what_several_clauses_count_is_asked_for_once(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for plant in (BREACHES[clause] for clause in (Clause.IV_b, Clause.V_c, Clause.VI_a, Clause.VII_h_2)):
        plant(cast, NOON)
    with django_assert_max_num_queries(150):
        register(until())


def test_every_clause_is_judged_or_said_to_be_guidance() -> None:
    assert [*ENTRIES, *GUIDANCE] == list(dict.fromkeys([*ENTRIES, *GUIDANCE]))
    assert {*ENTRIES, *GUIDANCE} == set(Clause)


def test_a_breach_is_planted_of_every_clause_that_is_judged() -> None:
    assert set(BREACHES) == set(ENTRIES)


@pytest.mark.parametrize("clause", BREACHES)
def test_a_planted_breach_is_red_on_its_day_and_not_before(clause: Clause, cast: Cast) -> None:
    before = DAY - timedelta(days=1)
    assert on_day(clause, DAY) is not Status.BREACH
    BREACHES[clause](cast, NOON)
    assert [on_day(clause, DAY, days=days) for days in (1, 7, 30)] == [Status.BREACH] * 3
    assert Status.BREACH not in [on_day(clause, before, days=days) for days in (1, 7)]


@pytest.mark.parametrize(("clause", "plant"), [each[1:] for each in MORE], ids=[each[0] for each in MORE])
def test_more_breaches_of_queries_are_red_on_their_day(clause: Clause, plant: Plant, cast: Cast) -> None:
    plant(cast, NOON)
    assert on_day(clause, DAY) is Status.BREACH
    assert on_day(clause, DAY - timedelta(days=2)) is not Status.BREACH


def test_a_check_of_all_leaves_that_found_something_is_a_breach_until_one_finds_nothing(cast: Cast) -> None:
    opening = LedgerOpening.objects.filter(entry=leaf(NOON, Action.ENTRY_VIEWED, by=cast.officer))
    name = opening.get().value
    opening.update(value="Somebody Else")
    assert on_day(Clause.VI_e, DAY) is Status.KEPT  # nobody has looked
    assert len(check_ledger(footing(cast.auditor, at=NOON + timedelta(hours=1))).faults) == 1
    assert on_day(Clause.VI_e, DAY) is Status.BREACH
    opening.update(value=name)
    assert on_day(Clause.VI_e, DAY) is Status.BREACH
    put_back = NOON + timedelta(minutes=30)  # the clock, meanwhile
    assert check_ledger(footing(cast.auditor, at=put_back)).faults == []
    assert on_day(Clause.VI_e, DAY) is Status.KEPT


def test_a_check_of_all_leaves_that_was_cut_off_is_none(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "check", Mock(side_effect=SystemExit))
    with pytest.raises(SystemExit):
        check_ledger(footing(cast.auditor, at=NOON))
    [evidence] = [line.evidence for line in register(of_day(DAY)) if line.clause is Clause.VI_e]
    assert "the auditors have not checked all leaves yet" in evidence.words


@pytest.mark.parametrize("kind", ["before", "after"])
def test_a_second_word_in_time_is_green(kind: str, cast: Cast) -> None:
    second_word(cast, NOON, kind=kind, decided_at=NOON)
    assert on_day(Clause.VIII_b, DAY) is Status.KEPT
    assert on_day(Clause.VIII_b, DAY + timedelta(days=1)) is not Status.BREACH


def test_a_query_that_waits_has_not_run(cast: Cast) -> None:
    query(cast.detective, NOON, leafless=True, state="waiting", earliest=NOON - timedelta(days=40))
    assert {on_day(clause, DAY) for clause in (Clause.VI_c, Clause.VIII_b, Clause.VIII_e)} == {Status.IDLE}


@pytest.mark.parametrize("clause", [clause for clause in ENTRIES if clause not in STANDING])
def test_without_activity_a_clause_is_never_green(clause: Clause, cast: Cast) -> None:
    # the rookie of the cast is not trained, and that is said
    usual = Status.CAUTION if clause in {Clause.IV_a, Clause.IV_i, Clause.VII_b} else Status.IDLE
    assert on_day(clause, DAY) is usual


def test_before_the_first_version_nothing_is_green(cast: Cast) -> None:
    lines = register(until(FOUNDED - timedelta(days=1)))
    assert {line.status for line in lines} == {Status.IDLE, Status.CAUTION, Status.GUIDANCE}
    assert {line.clause for line in lines if line.status is Status.CAUTION} == {
        blank.clause for blank in BLANKS.values()
    }


def test_a_look_among_the_newest_prior_reads_alone_is_a_caution_until_it_is_whole(cast: Cast) -> None:
    entry(cast, NOON)
    for days, judged in ((7, Status.CAUTION), (180, Status.KEPT)):
        earliest = NOON - timedelta(days=days)
        query(cast.custodian, NOON, purpose="alert", terms={"plate": "ABC1234"}, earliest=earliest)
        assert on_day(Clause.VII_f_3, DAY) is judged


def test_a_later_review_does_not_change_what_was_said_of_the_day(cast: Cast) -> None:
    number = departure(cast, NOON)
    review_departure(number, at=NOON + timedelta(days=1), by=cast.sergeant, review="talked")
    for clause in (Clause.VII_e, Clause.VII_e_1, Clause.VII_e_2):  # it says one clause, and both steps were wanting
        assert on_day(clause, DAY) is Status.BREACH
        assert on_day(clause, DAY + timedelta(days=1), days=7) is Status.KEPT


def test_a_departure_is_told_under_the_step_that_was_wanting(cast: Cast) -> None:
    stopped = step(cast, NOON, "image_verified")
    departure(cast, NOON, clause="VII.e.2", on=stopped)
    assert [on_day(clause, DAY) for clause in (Clause.VII_e_1, Clause.VII_e_2)] == [Status.KEPT, Status.BREACH]


def test_a_stop_after_dispatch_took_its_confirmation_back_is_told_under_it(cast: Cast) -> None:
    taken_back = step(cast, NOON, "image_verified")
    for kind in ("confirmation_asked", "confirmed", "not_confirmed"):
        step(cast, NOON, kind, on=taken_back)
    departure(cast, NOON, clause="VII.e.2", on=taken_back)
    assert [on_day(clause, DAY) for clause in (Clause.VII_e_1, Clause.VII_e_2)] == [Status.KEPT, Status.BREACH]


def test_a_stop_is_told_under_the_comparison_and_the_answer_that_stood_then(cast: Cast) -> None:
    mistaken = step(cast, NOON, "image_differs")
    for kind in ("image_verified", "confirmation_asked", "not_confirmed", "confirmed", "stopped"):
        step(cast, NOON, kind, on=mistaken, by=cast.dispatcher if kind.endswith("confirmed") else cast.officer)
    assert [on_day(clause, DAY) for clause in (Clause.VII_e_1, Clause.VII_e_2)] == [Status.KEPT, Status.KEPT]
    other = step(cast, NOON, "image_verified")
    for kind in ("image_differs", "stopped"):
        step(cast, NOON, kind, on=other)
    assert on_day(Clause.VII_e_1, DAY) is Status.BREACH


def test_a_list_is_judged_by_the_rules_it_had(cast: Cast) -> None:
    delivery(cast, NOON - timedelta(days=2))
    assert status(Clause.IV_e, at=NOON) is Status.BREACH
    HotList.objects.update(stale_after=72)
    assert status(Clause.IV_e, at=NOON) is Status.KEPT


def test_a_proper_query_and_a_proper_tour_are_green(cast: Cast) -> None:
    query(cast.detective, NOON, requestor="Otto Outsider", requestor_agency="Mill County Sheriff's Office")
    tour(cast, NOON, ended_at=NOON + timedelta(hours=8), ended_by=cast.officer)
    lines = by_number(of_day(DAY))
    numbers = (
        "III.department III.query_log IV.b VI.b VI.c VI.e VI.f VI.g VIII.a VIII.b VIII.c VIII.d VIII.e V.a VII.a VII.h"
    )
    assert {number: lines[number].status for number in numbers.split()} == dict.fromkeys(numbers.split(), Status.KEPT)


def test_an_unfilled_blank_makes_a_kept_or_idle_clause_a_caution_and_is_named(cast: Cast) -> None:
    version = PolicyVersion.objects.get()
    kept = {key: value for key, value in version.values.items() if key not in {"header.section", "VI.j.manager"}}
    PolicyVersion.objects.update(values=kept)
    lines = by_number(until())
    for key in ("header.section", "VI.j.manager"):
        line = lines[BLANKS[key].clause.number]
        assert line.status is Status.CAUTION
        assert BLANKS[key].label in line.evidence.words
        assert next(answer.text for answer in line.answers if answer.label == BLANKS[key].label) == ""


def _adopt(
    cast: Cast, at: datetime, change: Callable[[PolicyVersion], None], *, effective_at: datetime
) -> PolicyVersion:
    draft = policy.open_draft(at=at)
    change(draft)
    for key, day in (("header.effective", effective_at.date()), ("header.review", NOW.date() + timedelta(days=300))):
        policy.fill(draft, key=key, value=day.isoformat())
    return policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=effective_at)


def test_what_the_department_struck_changed_and_added_is_marked(cast: Cast) -> None:
    def amend(draft: PolicyVersion) -> None:
        for amendment in (
            amended("IX.b", how="struck", reason="done by the vendor"),
            amended("VI.g", how="changed", reason="clearer", text="Whoever searches for another names them."),
            amended("VI.n", how="added", reason="council", title="Yearly report", text="A report goes to the council."),
        ):
            policy.amend(draft, number=amendment.number, amendment=amendment)
        policy.fill(draft, key="VI.j.manager", value=None)

    _adopt(cast, NOON, amend, effective_at=NOON)
    lines = by_number(of_day(DAY))
    marked = [lines[number].amendment for number in ("IX.b", "VI.g", "VI.n")]
    assert [amendment and amendment.how for amendment in marked] == ["struck", "changed", "added"]
    numbers = list(lines)
    assert numbers.index("VI.m") + 1 == numbers.index("VI.n") == numbers.index("VII.a") - 1
    assert lines["VI.n"].title == "Yearly report"
    assert str(lines["VI.n"].others[0]) == f"2026-01-05 to {DAY} (version 1): not there"


def test_a_version_to_come_and_one_that_ended_are_shown_with_their_days(cast: Cast) -> None:
    later = datetime.combine(DAY + timedelta(days=40), time(), ZONE).astimezone(UTC)

    def name(title: str) -> Callable[[PolicyVersion], None]:
        return lambda draft: policy.fill(draft, key="VII.e.dispatch", value=[title])

    _adopt(cast, NOON, name("Desk Officer"), effective_at=NOON)
    _adopt(cast, NOON + timedelta(hours=1), name("Crime Analyst"), effective_at=later)
    line = by_number(of_day(DAY, days=7))["VII.e.2"]
    assert [answer.text for answer in line.answers] == ["Desk Officer"]
    assert [str(other) for other in line.others] == [
        f"2026-01-05 to {DAY} (version 1): Dispatcher",
        f"from {DAY + timedelta(days=40)} (version 3): Crime Analyst",
    ]
    before = by_number(of_day(DAY - timedelta(days=1)))["VII.e.2"]
    assert ([answer.text for answer in before.answers], before.others) == (["Dispatcher"], ())


def test_the_review_says_where_recommendations_go_and_the_signature_who_adopted(cast: Cast) -> None:
    lines = by_number(until())
    assert ("Recommendations go to the", "Chief") in [(str(a.label), a.text) for a in lines["IV.g"].answers]
    assert ("Version 1 was adopted by", "Charlie Chief on 2026-01-05") in [
        (str(a.label), str(a.text)) for a in lines["signature"].answers
    ]


def test_days_past_the_ceiling_are_red_as_of_their_day(cast: Cast) -> None:
    old = NOW.date() - timedelta(days=182)
    assert status(Clause.VI_k, store=Days([old])) is Status.BREACH
    assert status(Clause.VI_k, at=NOW - timedelta(days=3), store=Days([old])) is Status.KEPT
    assert status(Clause.VI_k, store=Days([NOW.date()])) is Status.KEPT


def test_days_of_reads_that_came_later_are_not_of_a_past_day(cast: Cast) -> None:
    later = DAY + timedelta(days=2)
    Disposal.objects.create(day=later, begun_at=NOW, completed_at=NOW, **STAMP)
    line = line_of(Clause.VI_k, of_day(DAY, store=Days([DAY, later])))
    assert line.evidence.words.startswith("1 day of reads stored")


def test_the_summary_counts_every_line(cast: Cast) -> None:
    lines = register(until())
    assert sum(counted(lines).values()) == len(lines) == len(Clause)


@pytest.mark.parametrize(
    ("on", "days", "words"),
    [
        (NOW.date() + timedelta(days=9), 1, "still to come"),
        (date(1, 1, 1), 365, "no records of"),
        (DAY, 3, "Choose a window"),
    ],
)
def test_a_time_without_a_register_is_refused(on: date, days: int, words: str, cast: Cast) -> None:
    with pytest.raises(PeriodError, match=words):
        period_of(now=NOW, on=on, days=days)


def test_a_period_is_the_departments_own_days(cast: Cast) -> None:
    period = of_day(DAY, days=7)
    assert (period.first_day, period.today) == (DAY - timedelta(days=6), DAY)
    assert period.at == datetime.combine(DAY + timedelta(days=1), time(), ZONE) - timedelta(microseconds=1)
    today = period_of(now=NOW)
    assert (today.at, (today.today - today.first_day).days) == (NOW, 29)
