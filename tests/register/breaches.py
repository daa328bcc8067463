"""A breach of every clause that the register judges: what is planted at a moment turns it red from that day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from platekeeper.core.categories import Category
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.defects import DefectStep
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.rules.tours import Answer, Phase, Question
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.changes import care, defects
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import changes as hits
from platekeeper.server.hits.models import HitStep
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.partners.changes import add_step
from platekeeper.server.partners.models import PartnerStep
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.changes import guarding
from platekeeper.server.personnel.changes.training import note_change
from platekeeper.server.personnel.models import Agency, Person, Position, Seal
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.retention.models import Backup, Disposal
from platekeeper.server.sharing import changes as sharing
from platekeeper.server.sharing.models import Mou, MouStep
from platekeeper.server.userlog.changes import Answered, record_checks
from platekeeper.server.userlog.models import LogArrest
from tests.cast import Cast
from tests.letters import keep_dead_letter
from tests.partnering import connected
from tests.register.making import (
    POLICY,
    STAMP,
    answer,
    asked,
    bulletin,
    defect,
    delivery,
    departure,
    deployed,
    ended,
    entry,
    field_entry,
    forwarded,
    hit,
    leaf,
    overridden,
    query,
    search_step,
    second_word,
    step,
    tour,
    uploaded,
    worth,
)
from tests.web.access.barred import barred

Plant = Callable[[Cast, datetime], Any]
_numbers = count(1)


def _not_secured(cast: Cast, at: datetime) -> None:
    gone = tour(cast, at - timedelta(hours=8), ended_at=at, ended_by=cast.officer)
    answer(gone, at, Question.PARKED, "no", by=cast.officer, words="the garage is closed")


def _not_forwarded(cast: Cast, at: datetime) -> None:
    ended(cast, at - timedelta(hours=22))


def _log_not_in_the_case(cast: Cast, at: datetime) -> None:
    since = at - timedelta(days=7, minutes=1)
    LogArrest.objects.create(log=ended(cast, since).log, case=_case(cast, at), at=since, by=cast.officer)


def _nameless(category: Category) -> Plant:
    return lambda cast, at: entry(cast, at, category=category, decided_at=None, decided_by=None)


def _not_reviewed(cast: Cast, at: datetime) -> None:
    for version in PolicyVersion.objects.all():
        passed = (at - timedelta(days=1)).date().isoformat()
        PolicyVersion.objects.filter(pk=version.pk).update(values=version.values | {"header.review": passed})


def _from_elsewhere(kind: Person.Kind) -> Plant:
    def plant(cast: Cast, at: datetime) -> None:
        elsewhere = Agency.objects.get(is_department=False)
        personnel.add_person(username="stranger", name="Stray", kind=kind, agency=elsewhere, at=at)

    return plant


def _nobody_hears(cast: Cast, at: datetime) -> None:
    title = Position.objects.get(title="LPR Administrator")
    personnel.end_position(cast.administrator, title, at=at, today=at.date())


def _through_a_disabled_account(cast: Cast, at: datetime) -> None:
    personnel.set_active(cast.officer, active=False, at=at - timedelta(hours=1))
    leaf(at, Action.ENTRY_VIEWED, by=cast.officer)


def _seal_broken(cast: Cast, at: datetime) -> None:
    guarding.put_seal(cast.temp, at=at - timedelta(days=9), by=cast.chief)
    guarding.break_seal(cast.temp, at=at - timedelta(days=1))


def _ended_unanswered(cast: Cast, at: datetime) -> None:
    _seal_broken(cast, at)
    Seal.objects.update(ended_at=at - timedelta(hours=23), ended_by=cast.chief)


def _no_upload(cast: Cast, at: datetime) -> None:
    LPR.objects.filter(pk=cast.lpr.pk).update(kind=LPR.Kind.PORTABLE)
    uploaded(cast, at - timedelta(hours=22))


def _a_leaf_is_missing(cast: Cast, at: datetime) -> None:
    last = leaf(at, Action.LEDGER_VIEWED)
    LedgerEntry.objects.create(
        index=last.index + 2, at=at, action=Action.LEDGER_VIEWED, outcome=Outcome.DONE, person=0, body=last.body,
        leaf_hash=last.leaf_hash,
    )  # fmt: skip


def _ended_by_the_wrong_person(cast: Cast, at: datetime) -> None:
    tour(cast, at, ended_at=at + timedelta(hours=1), ended_by=cast.rookie)


def _answered_by_the_wrong_person(cast: Cast, at: datetime) -> None:
    asked = care.ask(cast.lpr, words="Why?", at=at, by=cast.officer, policy=POLICY)
    care.answer(asked, words="So.", at=at, by=cast.rookie)


def _worked_by_the_wrong_person(cast: Cast, at: datetime) -> None:
    defects.take_step(defect(cast, at), DefectStep.ACKNOWLEDGED, words="", at=at, by=cast.rookie, policy=POLICY)


def _damage_found_on_a_tour_is_not_reported(cast: Cast, at: datetime) -> None:
    answered = Answered(Question.DAMAGE, Clause.IX_c.number, Answer.NO, cast.officer, "cracked")
    record_checks(tour(cast, at), Phase.BEGIN, [answered], at=at)


def _adopted_by_the_wrong_person(cast: Cast, at: datetime) -> None:
    draft = policy.open_draft(at=at)
    for key in ("header.effective", "header.review"):
        policy.fill(draft, key=key, value=(at + timedelta(days=200)).date().isoformat())
    policy.adopt(draft, at=at, by=cast.rookie.pk, by_name=cast.rookie.name, effective_at=at)


def _case(cast: Cast, at: datetime, **facts: Any) -> CaseFile:
    given = {"title": "x", "opened_on": at.date(), "opened_by": cast.officer} | facts
    return CaseFile.objects.create(number=f"26-{next(_numbers)}", opened_at=at - timedelta(days=20), **given)


def _hit_not_preserved(cast: Cast, at: datetime) -> None:
    stopped = at - timedelta(days=7, minutes=1)
    found = step(cast, stopped, "stopped")
    hits.add_step(
        found, kind=HitStep.Kind.OUTCOME, at=stopped, by=cast.officer, policy=POLICY, outcome=HitStep.Outcome.CORRECT
    )


def _parked_car_not_preserved(cast: Cast, at: datetime) -> None:
    found, ended = hit(cast, at), at - timedelta(days=7, minutes=1)
    hits.add_step(
        found, kind=HitStep.Kind.OUTCOME, at=ended, by=cast.officer, policy=POLICY, outcome="correct", led_on=True
    )


def _a_look_that(state: str) -> Plant:
    def plant(cast: Cast, at: datetime) -> None:
        query(cast.officer, at, purpose="alert", terms={"plate": "XYZ9876"}, state=state)
        field_entry(cast, at, Ground.AMBER, plate="XYZ9876")

    return plant


def _query_not_preserved(cast: Cast, at: datetime, *, arrested: bool) -> None:
    facts = {"arrested_on": (at - timedelta(days=8)).date()} if arrested else {}
    case = _case(cast, at, **facts)
    query(cast.detective, at - timedelta(days=7, minutes=1), case_number=case.number)


def _copy_lost(**facts: Any) -> Plant:
    def plant(cast: Cast, at: datetime) -> None:
        case = _case(cast, at, **facts)
        leaf(at, Action.PRESERVED, by=cast.officer, subject=f"case:{case.pk}")

    return plant


BREACHES: dict[Clause, Plant] = {
    Clause.header: _not_reviewed,
    Clause.III_department: lambda cast, at: query(cast.detective, at, agency="Mill County"),
    Clause.III_query_log: lambda cast, at: leaf(at, Action.QUERY_BEGUN, by=cast.detective, subject="query:99"),
    Clause.III_hot_list: lambda cast, at: hit(cast, at, key="nowhere:1"),
    Clause.III_members: _from_elsewhere(Person.Kind.MEMBER),
    Clause.III_staff: _from_elsewhere(Person.Kind.STAFF),
    Clause.IV_a: lambda cast, at: step(cast, at, "image_verified", by=cast.rookie),
    Clause.IV_b: lambda cast, at: query(cast.trainer, at),
    Clause.IV_c: lambda cast, at: query(cast.temp, at),
    Clause.IV_d: _nobody_hears,
    Clause.IV_e: lambda cast, at: delivery(cast, at - timedelta(hours=22)),
    Clause.IV_f: lambda cast, at: leaf(at, Action.LPR_CHANGED, by=cast.rookie, details={"in_service": False}),
    Clause.IV_g: _not_reviewed,
    Clause.IV_h: _through_a_disabled_account,
    Clause.IV_i: lambda cast, at: note_change(cause="law", what="a law", subject="", at=at - timedelta(days=30), by=0),
    Clause.V_a: lambda cast, at: tour(cast, at, hot_list=delivery(cast, at - timedelta(days=1))),
    Clause.V_b: _no_upload,
    Clause.V_c: _hit_not_preserved,
    Clause.V_d: lambda cast, at: deployed(cast, at, used_at=at - timedelta(minutes=1)),
    Clause.V_e: lambda cast, at: search_step(
        cast, at, "approved", by=cast.custodian, on=asked(cast, at, mutual_aid=True)
    ),
    Clause.VI_l: lambda cast, at: search_step(cast, at, "answered", by=cast.detective),
    Clause.VI_d: lambda cast, at: _query_not_preserved(cast, at, arrested=True),
    Clause.VI_h: lambda cast, at: _query_not_preserved(cast, at, arrested=False),
    Clause.VI_k_1: _copy_lost(),
    Clause.VI_k_2: _copy_lost(arrested_on=date(2020, 1, 1)),
    Clause.VI_k_3: _copy_lost(is_felony=True),
    Clause.VI_k_4: lambda cast, at: leaf(
        at, Action.DIRECTIVE_GIVEN, by=cast.officer, subject="case:1", clause=Clause.VI_k_4
    ),
    Clause.VI_a: _nameless(Category.OTHER),
    Clause.VI_a_1: _nameless(Category.GANG),
    Clause.VI_a_2: _nameless(Category.SEX_OFFENDER),
    Clause.VI_a_3: _nameless(Category.CRIME_SUSPECT),
    Clause.VI_a_4: _nameless(Category.FUGITIVE),
    Clause.VI_a_5: _nameless(Category.SEARCH_WARRANT),
    Clause.VI_b: lambda cast, at: query(cast.chief, at),
    Clause.VI_c: lambda cast, at: query(cast.detective, at, leafless=True),
    Clause.VI_e: _a_leaf_is_missing,
    Clause.VI_f: lambda cast, at: query(cast.detective, at, justification=""),
    Clause.VI_g: lambda cast, at: query(cast.detective, at, requestor_agency="Mill County Sheriff's Office"),
    Clause.VI_i: lambda cast, at: uploaded(cast, at - timedelta(hours=22)),
    Clause.VI_j: lambda cast, at: keep_dead_letter(
        lpr=cast.lpr, format="t", reason="r", payload=b"x", at=at - timedelta(hours=25)
    ),
    Clause.VI_k: lambda cast, at: Disposal.objects.create(
        day=(at - timedelta(days=10)).date(), begun_at=at, completed_at=at, **STAMP
    ),
    Clause.VI_m: lambda cast, at: Backup.objects.create(
        begun_at=at - timedelta(hours=22), completed_at=at - timedelta(hours=22), by=0, target="t", **STAMP
    ),
    Clause.VII_a: lambda cast, at: tour(cast, at, purpose="joyride"),
    Clause.VII_b: lambda cast, at: step(cast, at, "image_verified", by=cast.rookie, lpr=LPR.Kind.MOBILE),
    Clause.VII_c: _not_secured,
    Clause.VII_d: lambda cast, at: step(cast, at, "stopped", on=hit(cast, at, stale=True)),
    Clause.VII_e: departure,
    Clause.VII_e_1: lambda cast, at: departure(cast, at, clause="VII.e.1"),
    Clause.VII_e_2: lambda cast, at: departure(cast, at, clause="VII.e.2"),
    Clause.VII_f: lambda cast, at: entry(cast, at, reason=""),
    Clause.VII_f_1: lambda cast, at: entry(cast, at, authority="", category=Category.CRIME_JUST_OCCURRED),
    Clause.VII_f_2: lambda cast, at: entry(cast, at, authority=""),
    Clause.VII_f_3: entry,
    Clause.VII_g: lambda cast, at: entry(cast, at, category=Category.AMBER),
    Clause.VII_h: _ended_by_the_wrong_person,
    Clause.VII_h_1: _not_forwarded,
    Clause.VII_h_2: lambda cast, at: forwarded(
        cast, at - timedelta(hours=1), accepted=True, decided_at=at, decided_by=cast.rookie
    ),
    Clause.VII_h_3: _log_not_in_the_case,
    Clause.VII_h_4: lambda cast, at: leaf(
        at, Action.USER_LOG_FORWARDED, by=cast.officer, subject="log:99", details={"revision": 1, "sha256": "0" * 64}
    ),
    Clause.IX_a: lambda cast, at: tour(cast, at, aimed=False),
    Clause.VIII_a: lambda cast, at: query(cast.sergeant, at),
    Clause.VIII_b: lambda cast, at: query(cast.chief, at),
    Clause.VIII_c: lambda cast, at: query(cast.detective, at, case_number=""),
    Clause.VIII_d: lambda cast, at: query(cast.detective, at, seen=cast.officer),
    Clause.VIII_e: lambda cast, at: leaf(at, Action.QUERY_BEGUN, by=cast.detective, subject="query:99"),
    Clause.IX_c: lambda cast, at: defect(cast, at - timedelta(hours=25)),
    Clause.IX_d: _answered_by_the_wrong_person,
    Clause.signature: _adopted_by_the_wrong_person,
}

"""Clause -> what is planted. Each is planted at noon of a past day; the day before stays as it was."""


def _left_under_a_suspended_mou(cast: Cast, at: datetime) -> None:
    """Something leaves half an hour after its MOU was suspended."""
    mou = Mou.objects.get()
    sharing.add_step(
        mou, kind=MouStep.Kind.SUSPENDED, at=at - timedelta(minutes=30), by=cast.chief, policy=POLICY, note="a leak"
    )
    gone = sharing.begin_dissemination(
        agency=mou.agency, mou=mou, to="Otto", what="hits", purpose="stolen", why="t", form="csv", source="t",
        sha256="0" * 64, begun_at=at, by=cast.custodian, manifest={}, policy=POLICY,
    )  # fmt: skip
    sharing.end_dissemination(gone, at=at)


def _transfer_not_sent(cast: Cast, at: datetime) -> None:
    """A day has passed since a transfer was due."""
    routine = sharing.begin_routine(
        mou=Mou.objects.get(), what="reads", purpose="stolen", form="csv", every="day", place="/mnt/county",
        begins_on=at.date() - timedelta(days=2), at=at - timedelta(days=2), by=cast.custodian, policy=POLICY,
    )  # fmt: skip
    day, due = at.date() - timedelta(days=2), at - timedelta(days=1)
    sharing.begin_transfer(routine, since=day, until=day, due_at=due, at=due, policy=POLICY)


def _read_in_a_barred_place(cast: Cast, at: datetime) -> None:
    place = barred(cast, at=at - timedelta(hours=1))
    corner = place.area.split()[1].split(",")
    hit(cast, at, read={"latitude": float(corner[0]) - 0.0005, "longitude": float(corner[1]) + 0.0005})


def _connected_by_the_wrong_person(cast: Cast, at: datetime) -> None:
    partner = connected(cast, at=at)
    add_step(partner, kind=PartnerStep.Kind.RESUMED, at=at, by=cast.detective, why="", policy=(1, "0" * 64))


MORE: tuple[tuple[str, Clause, Plant], ...] = (
    ("partner_connected_by_the_wrong_person", Clause.VI_l, _connected_by_the_wrong_person),
    ("left_under_a_suspended_mou", Clause.VI_l, _left_under_a_suspended_mou),
    ("transfer_not_sent", Clause.VI_i, _transfer_not_sent),
    ("worked_by_who_does_not_hear", Clause.IV_d, _worked_by_the_wrong_person),
    ("read_in_a_barred_place", Clause.IV_h, _read_in_a_barred_place),
    ("not_on_the_plan", Clause.IV_f, worth),
    ("damage_on_a_tour", Clause.IX_c, _damage_found_on_a_tour_is_not_reported),
    ("without_approval", Clause.VIII_b, lambda cast, at: query(cast.detective, at, earliest=at - timedelta(days=40))),
    ("approved_too_late", Clause.VIII_b, lambda cast, at: second_word(cast, at, decided_at=at + timedelta(minutes=1))),
    ("denied", Clause.VIII_b, lambda cast, at: second_word(cast, at, granted=False)),
    ("not_reviewed", Clause.VIII_b, lambda cast, at: second_word(cast, at - timedelta(days=1), kind="after")),
    ("not_exigent", Clause.VIII_b, lambda cast, at: second_word(cast, at, kind="after", decided_at=at, granted=False)),
    ("hit_without_a_stop_not_preserved", Clause.V_c, _parked_car_not_preserved),
    ("without_offense", Clause.VI_f, lambda cast, at: query(cast.detective, at, offense="")),
    ("without_purpose", Clause.VI_f, lambda cast, at: query(cast.detective, at, purpose="")),
    ("overridden_by_nobody", Clause.V_a, lambda cast, at: overridden(cast, at, by=cast.rookie)),
    ("overridden_by_oneself", Clause.VII_d, lambda cast, at: overridden(cast, at, by=cast.officer)),
    (
        "training_overridden_by_nobody",
        Clause.VII_b,
        lambda cast, at: overridden(cast, at, by=cast.rookie, clause="VII.b"),
    ),
    ("use_overridden_by_nobody", Clause.IV_a, lambda cast, at: overridden(cast, at, by=cast.rookie, clause="IV.a")),
    (
        "begun_on_an_old_list",
        Clause.VII_d,
        lambda cast, at: tour(cast, at, hot_list=delivery(cast, at - timedelta(days=1))),
    ),
    (
        "own_log",
        Clause.VII_h_2,
        lambda cast, at: forwarded(cast, at, accepted=True, decided_at=at, decided_by=cast.officer),
    ),
    ("not_checked", Clause.VII_h_2, lambda cast, at: forwarded(cast, at - timedelta(days=2, hours=22))),
    ("forwarded_by_nobody", Clause.VII_h_1, lambda cast, at: forwarded(cast, at, forwarded_by=cast.rookie)),
    ("log_altered", Clause.VII_h_4, lambda cast, at: forwarded(cast, at, content=b"{ }")),
    ("log_without_a_leaf", Clause.VII_h_4, lambda cast, at: forwarded(cast, at, leafless=True)),
    ("untrained", Clause.VII_f, lambda cast, at: field_entry(cast, at, Ground.BOLO, requested_by=cast.rookie)),
    ("too_long", Clause.VII_f, lambda cast, at: field_entry(cast, at, Ground.BOLO, expires_at=at + timedelta(days=31))),
    ("bolo_unnamed", Clause.VII_f_1, lambda cast, at: field_entry(cast, at, Ground.BOLO, authority="")),
    ("directed_by_nobody", Clause.VII_f_2, lambda cast, at: field_entry(cast, at, Ground.DIRECTED)),
    (
        "directed_by_another",
        Clause.VII_f_2,
        lambda cast, at: field_entry(cast, at, Ground.DIRECTED, directed_by=cast.detective),
    ),
    ("field_not_looked_up", Clause.VII_f_3, lambda cast, at: field_entry(cast, at, Ground.BOLO, plate="XYZ9876")),
    ("look_failed", Clause.VII_f_3, _a_look_that("failed")),
    ("look_cut_off", Clause.VII_g, _a_look_that("begun")),
    ("alert_not_looked_up", Clause.VII_g, lambda cast, at: field_entry(cast, at, Ground.AMBER, plate="XYZ9876")),
    ("bulletin_not_looked_at", Clause.VII_g, lambda _cast, at: bulletin(at)),
    (
        "bulletin_too_late",
        Clause.VII_g,
        lambda _cast, at: bulletin(at, state="settled", settled_at=at + timedelta(hours=3)),
    ),
    ("sealed_account_not_answered_for", Clause.IV_h, _seal_broken),
    ("sealed_account_sealed_anew_unanswered", Clause.IV_h, _ended_unanswered),
    ("never_ran_for_the_ledger", Clause.VI_c, lambda cast, at: query(cast.clerk, at, leafless=True, state="failed")),
)
"""More breaches of clauses: name, clause, what is planted."""
