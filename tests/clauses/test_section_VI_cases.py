"""Hits and queries preserved in case files, and until when they are kept (V.c, VI.d, VI.h, VI.k.1-4)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import kept_until
from platekeeper.server.casefiles.lookups import cases_of, facts_of, preserved_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.lookups import hits_to_preserve
from platekeeper.server.hits.models import Hit, HitImage, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import answer_hit, keep_cases, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.register.judging import status
from tests.register.making import query
from tests.roles.making import become_owner
from tests.web.making import JPEG, STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)


def _by(cast: Cast, role: str, *, days: float = 0) -> Footing:
    return footing(cast.people()[role], at=NOW + timedelta(days=days))


def _case(cast: Cast, *, offense: str = "felony") -> CaseFile:
    return keep_cases.open_case(
        _by(cast, "officer"), number="26-114", title="Hit and run", offense_class=offense, is_felony=offense == "felony"
    )


def test_v_c_a_hit_is_copied_with_its_image_its_entry_and_every_step(cast: Cast) -> None:
    case, hit = _case(cast), make_hit(cast, steps=("image_verified", "confirmed", "stopped"))
    kept = preserve.preserve_hit(_by(cast, "officer"), hit, case=case)
    content = json.loads(bytes(kept.content))
    assert [step["kind"] for step in content["steps"]] == ["image_verified", "confirmed", "stopped"]
    assert content["entry"]["reason"] == "left the scene"
    assert content["read"]["confidence"] == "0.93"
    assert bytes(kept.image.content) == JPEG
    leaf = LedgerEntry.objects.filter(action="preserved").get().content()["details"]
    assert leaf["sha256"] == kept.sha256 == hashlib.sha256(bytes(kept.content)).hexdigest()
    assert leaf["image_sha256"] == hashlib.sha256(JPEG).hexdigest()


def test_v_c_what_was_preserved_outlives_the_hit_and_stays_as_it_was(cast: Cast) -> None:
    case, hit = _case(cast), make_hit(cast, steps=("image_verified",))
    preserve.preserve_hit(_by(cast, "officer"), hit, case=case)
    become_owner()
    hit.steps.all().delete()
    HitImage.objects.filter(hit=hit).delete()
    Hit.objects.filter(pk=hit.pk).delete()
    [kept] = preserved_of(case)
    assert len(json.loads(bytes(kept.content))["steps"]) == 1
    assert bytes(kept.image.content) == JPEG


def test_v_c_once_in_a_case_but_in_as_many_cases_as_it_concerns(cast: Cast) -> None:
    by, case, hit = _by(cast, "officer"), _case(cast), make_hit(cast)
    other = keep_cases.open_case(by, number="26-115", title="x", offense_class="", is_felony=False)
    preserve.preserve_hit(by, hit, case=case)
    with pytest.raises(RefusedAction):
        preserve.preserve_hit(by, hit, case=case)
    preserve.preserve_hit(by, hit, case=other)
    assert cases_of(f"hit:{hit.pk}").count() == 2


@pytest.mark.parametrize(
    ("steps", "outcomes", "waits"),
    [
        (("image_verified",), [], False),
        (("stopped",), [], True),  # nobody has said yet how it was read
        (("stopped",), [("correct", False)], True),
        (("stopped",), [("misread", False)], False),
        (("stopped",), [("misread", True)], True),
        ((), [("correct", False)], False),
        ((), [("correct", True)], True),  # an arrest beside a parked car
        ((), [("correct", True), ("correct", False)], False),  # which was said by mistake
        (("stopped",), [("misread", False), ("correct", False)], True),
    ],
)
def test_v_c_what_came_of_a_hit_is_to_be_preserved_until_a_case_takes_it(
    steps: tuple[str, ...], outcomes: list[tuple[str, bool]], waits: bool, cast: Cast
) -> None:
    officer, hit = _by(cast, "officer"), make_hit(cast, steps=steps, at=NOW)
    for outcome, led_on in outcomes:
        answer_hit.record_outcome(officer, hit.pk, outcome=HitStep.Outcome(outcome), led_on=led_on)
    assert hits_to_preserve(at=NOW).exists() is waits
    assert not hits_to_preserve(at=NOW - timedelta(seconds=1)).exists()
    preserve.preserve_hit(officer, hit, case=_case(cast))
    assert not hits_to_preserve(at=NOW).exists()


def test_v_c_a_stop_made_after_the_alarm_was_dismissed_is_to_be_preserved(cast: Cast) -> None:
    hit = make_hit(cast, steps=("image_verified", "confirmed"), at=NOW)
    for kind, said in ((HitStep.Kind.OUTCOME, "dismissed"), (HitStep.Kind.STOPPED, "")):
        add_step(hit, kind=kind, at=NOW, by=cast.sergeant, policy=STAMP, outcome=said)
    assert list(hits_to_preserve(at=NOW)) == [hit]
    add_step(hit, kind=HitStep.Kind.OUTCOME, at=NOW, by=cast.officer, policy=STAMP, outcome="misread")
    assert not hits_to_preserve(at=NOW).exists()


def test_vi_d_h_a_query_log_entry_is_copied_into_the_case(cast: Cast) -> None:
    entry = QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=NOW, terms={"plate": "ABC*"}, state="completed", purpose="stolen",
        case_number="26-114", policy_number=STAMP[0], policy_digest=STAMP[1],
    )  # fmt: skip
    kept = preserve.preserve_query(_by(cast, "detective"), entry, case=_case(cast))
    assert json.loads(bytes(kept.content))["terms"] == {"plate": "ABC*"}


def test_vi_d_and_h_a_query_is_late_a_week_after_it_was_made_and_kept_by_its_own_case_alone(cast: Cast) -> None:
    case, both = _case(cast), (Clause.VI_d, Clause.VI_h)
    other = keep_cases.open_case(_by(cast, "officer"), number="26-115", title="x", offense_class="", is_felony=False)
    CaseFile.objects.update(opened_at=NOW - timedelta(days=30), arrested_on=(NOW - timedelta(days=9)).date())
    made = query(cast.detective, NOW, case_number=case.number)
    assert Status.BREACH not in {status(clause, at=NOW + timedelta(days=6)) for clause in both}
    preserve.preserve_query(_by(cast, "detective"), made, case=other)
    assert {status(clause, at=NOW + timedelta(days=8)) for clause in both} == {Status.BREACH}
    preserve.preserve_query(_by(cast, "detective", days=8.5), made, case=case)
    assert {status(clause, at=NOW + timedelta(days=8)) for clause in both} == {Status.BREACH}
    assert Status.BREACH not in {status(clause, at=NOW + timedelta(days=9)) for clause in both}


@pytest.mark.parametrize("ending", [{"sealed_on": YESTERDAY.date()}, {"ended_at": YESTERDAY, "ending": "expunged"}])
def test_vi_h_a_sealed_or_emptied_case_waits_for_no_copies(ending: dict[str, Any], cast: Cast) -> None:
    case = _case(cast)
    CaseFile.objects.update(opened_at=NOW - timedelta(days=30))
    query(cast.detective, NOW - timedelta(days=10), case_number=case.number)
    assert status(Clause.VI_h) is Status.BREACH
    CaseFile.objects.update(**ending)
    assert status(Clause.VI_h) is not Status.BREACH
    assert status(Clause.VI_h, at=YESTERDAY - timedelta(days=1)) is Status.BREACH


def test_vi_k_a_case_waits_for_its_disposition_then_for_its_class(cast: Cast) -> None:
    by, case = _by(cast, "detective"), _case(cast)
    assert kept_until(facts_of(case), by.policy).until is None
    keep_cases.change_case(by, case, arrested_on=by.today, charges="PL 120", disposed_on=by.today, disposition="guilty")
    assert kept_until(facts_of(case), by.policy).until == by.today + timedelta(days=365 * 25)
    told = LedgerEntry.objects.filter(action="case_changed").get().content()["details"]
    assert "charges" not in told  # they name people: the ledger's leaf is for ever


def test_vi_k_nothing_is_recorded_before_it_happens(cast: Cast) -> None:
    by, case = _by(cast, "detective"), _case(cast)
    with pytest.raises(RefusedAction):
        keep_cases.change_case(by, case, disposed_on=by.today + timedelta(days=1))


def test_vi_k_4_command_alone_directs_and_says_why(cast: Cast) -> None:
    case, until = _case(cast, offense="violation"), _by(cast, "chief").today + timedelta(days=9000)
    for role, why in (("detective", "civil suit"), ("chief", " ")):
        with pytest.raises(RefusedAction):
            keep_cases.direct_keeping(_by(cast, role), case, until=until, why=why)
    keep_cases.direct_keeping(_by(cast, "chief"), case, until=until, why="civil suit")
    detective = _by(cast, "detective")
    keep_cases.change_case(detective, case, disposed_on=detective.today, directed_until=None)
    case.refresh_from_db()
    assert case.directed_until == until  # a case's own form cannot lift what command directed
    assert kept_until(facts_of(case), detective.policy).until == until


@pytest.mark.parametrize("role", ["rookie", "temp", "trainer", "dispatcher", "outsider", "auditor"])
def test_cases_are_worked_by_those_who_work_hits_or_inquire(role: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        keep_cases.open_case(_by(cast, role), number="1", title="x", offense_class="", is_felony=False)
    with pytest.raises(RefusedAction):
        preserve.preserve_hit(_by(cast, role), make_hit(cast), case=_case(cast))


def test_every_look_into_a_case_is_logged_before_it_is_shown(cast: Cast) -> None:
    case = _case(cast)
    keep_cases.view_case(_by(cast, "auditor"), case)
    assert LedgerEntry.objects.filter(action="case_viewed", subject=f"case:{case.pk}").count() == 1
    with pytest.raises(RefusedAction):
        keep_cases.view_case(_by(cast, "temp"), case)
