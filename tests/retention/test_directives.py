"""What command names is copied into a case, what is stored and what arrives; disposal then spares nothing (VI.k.4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from platekeeper.core.categories import HitAction
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight import hits_over
from platekeeper.server.procedures import (
    direct_keeping,
    end_cases,
    end_hits,
    follow_directives,
    keep_cases,
    receive_reads,
)
from platekeeper.server.procedures import dispose_lpr_data as disposing
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.certify_disposal import faults_of
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.prove_reads import proof_of_stored
from platekeeper.server.procedures.receive_reads import taking_in
from platekeeper.server.procedures.set_aside import set_aside
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.retention import changes
from platekeeper.server.retention.models import Directive, Disposal
from platekeeper.server.storage.holding import hold
from tests.cast import Cast
from tests.retention.making import JPEG, NOW, come_in, say, stored, want

pytestmark = [pytest.mark.django_db, pytest.mark.records]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OVER = NOW + 182 * DAY
UNTIL = date(2030, 1, 1)


@pytest.fixture
def case(staff: Cast) -> CaseFile:
    by = footing(staff.officer, at=NOW)
    return keep_cases.open_case(by, number="26-7", title="civil suit", offense_class="", is_felony=False)


def _direct(cast: Cast, case: CaseFile, **named: Any) -> Directive:
    said: dict[str, Any] = {"kept_until": UNTIL, "why": "civil suit"} | named
    return direct_keeping.give_directive(footing(cast.chief, at=NOW), case=case, **said)


def _kept(case: CaseFile) -> list[str]:
    return sorted(json.loads(bytes(each.content))["plate"] for each in case.preserved.all())


def test_what_is_stored_and_named_is_copied_with_image_and_proof_and_disposal_spares_nothing(
    staff: Cast, case: CaseFile
) -> None:
    come_in(staff, "KEEP1", "OTHER1", "KEEP2", image=JPEG)
    directive = _direct(staff, case, plates=("KEEP*",))
    assert directive.followed_at == NOW
    assert _kept(case) == ["KEEP1", "KEEP2"]
    assert PreservedImage.objects.count() == 2
    content = json.loads(bytes(case.preserved.all()[0].content))
    assert content["proof"] is not None
    assert content["directive"] == directive.pk
    assert CaseFile.objects.get().directed_until == UNTIL
    with pytest.raises(RefusedAction, match="A directive names it"):
        set_aside(footing(staff.officer, at=NOW), case.preserved.all()[0], why="of another case")
    [disposal] = dispose_lpr_data(at=OVER)
    assert disposal.counts == {str(staff.lpr.pk): 3}
    assert json.loads(disposal.certificate)["preserved"] == {"26-7": 2}
    assert stored() == []
    assert _kept(case) == ["KEEP1", "KEEP2"]


def test_what_arrives_is_copied_at_intake_even_past_its_time_in_the_store(staff: Cast, case: CaseFile) -> None:
    say(staff, floor="1 minutes", no_hit="3 minutes")
    directive = _direct(staff, case, lprs=(staff.lpr.pk,), area="circle 43.0481,-76.1474 50")
    come_in(staff, "NOW1", image=JPEG)
    come_in(staff, "NOW1", image=JPEG)  # sent again
    come_in(staff, "LATE1", at=NOW + 20 * MINUTE)
    assert _kept(case) == ["LATE1", "NOW1"]
    dispose_lpr_data(at=NOW + DAY)
    assert stored() == []
    direct_keeping.end_directive(footing(staff.chief, at=NOW), directive)
    come_in(staff, "AFTER1", captured=NOW + MINUTE)
    assert _kept(case) == ["LATE1", "NOW1"]
    with pytest.raises(RefusedAction, match="ended already"):
        direct_keeping.end_directive(footing(staff.chief, at=NOW), directive)


def test_what_was_cut_off_behind_the_store_is_copied_with_image_and_proof(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(staff, "KEEP1")
    _direct(staff, case, plates=("KEEP1",))

    def crash(**_: Any) -> None:
        raise OperationalError("the database is gone")

    with monkeypatch.context() as meanwhile, pytest.raises(OperationalError):
        meanwhile.setattr(taking_in, "append", crash)
        come_in(staff, "KEEP1", image=JPEG)
    with closing(receive_reads.Intake(read_store().writer(), id_key=b"k" * 32)) as intake:
        assert intake.complete_unsettled(at=NOW) == 1
    copied, hit = case.preserved.get(), Hit.objects.get()
    assert bytes(copied.image.content) == bytes(hit.image.content) == JPEG
    assert hit.proof is not None and json.loads(bytes(copied.content))["proof"] == hit.proof


def test_what_several_directives_name_is_copied_into_the_case_of_each(staff: Cast, case: CaseFile) -> None:
    by = footing(staff.officer, at=NOW)
    other = keep_cases.open_case(by, number="26-6", title="inquest", offense_class="", is_felony=False)
    for each in (case, other, case):
        _direct(staff, each, plates=("KEEP*",))
    come_in(staff, "KEEP1")
    assert (_kept(case), _kept(other)) == (["KEEP1"], ["KEEP1"])


def test_a_directive_ends_with_its_day_and_with_its_case(staff: Cast, case: CaseFile) -> None:
    _direct(staff, case, plates=("A1",), kept_until=NOW.date() + DAY)
    come_in(staff, "A1", captured=NOW + 3 * DAY)
    assert _kept(case) == []
    _direct(staff, case, plates=("B1",))
    CaseFile.objects.update(ended_at=NOW, ending="expunged")
    come_in(staff, "B1", captured=NOW + MINUTE)
    assert _kept(case) == []


def test_hits_that_are_named_are_copied_and_stay(staff: Cast, case: CaseFile) -> None:
    want(staff, "KEEP1", "OTHER1")
    come_in(staff, "KEEP1", "OTHER1")
    _direct(staff, case, plates=("KEEP1",), since=NOW - DAY, until=NOW + DAY)
    assert sorted(case.preserved.values_list("kind", flat=True)) == ["hit", "read"]
    dispose_lpr_data(at=NOW + 400 * DAY)
    assert list(Hit.objects.values_list("plate", flat=True)) == ["KEEP1"]


def test_of_a_hit_that_raises_no_alarm_the_read_alone_is_copied(staff: Cast, case: CaseFile) -> None:
    want(staff, "KEEP1")
    come_in(staff, "KEEP1")
    Hit.objects.update(action=HitAction.SILENT)
    _direct(staff, case, plates=("KEEP1",))
    dispose_lpr_data(at=NOW + 400 * DAY)
    assert (list(case.preserved.values_list("kind", flat=True)), Hit.objects.count()) == (["read"], 0)


def test_hits_go_some_at_a_time_each_with_a_certificate_and_those_that_are_named_stay(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    plates = "KEEP1", "KEEP2", *(f"GO{number}" for number in range(5)), "KEEP3"
    _direct(staff, case, plates=("KEEP*",))
    want(staff, *plates)
    come_in(staff, *plates)
    come_in(staff, "GO0", captured=NOW + 2 * MINUTE)  # a repeat of its alarm
    monkeypatch.setattr(hits_over, "_AT_ONCE", 3)
    monkeypatch.setattr(end_hits, "_AT_ONCE", 2)
    gone = [each for each in dispose_lpr_data(at=NOW + 400 * DAY) if each.kind == Disposal.Kind.HITS]
    assert [each.counts for each in gone] == [{str(staff.lpr.pk): count} for count in (3, 2, 1)]
    assert [faults_of(each) for each in gone] == [[], [], []]
    assert sorted(Hit.objects.values_list("plate", flat=True)) == ["KEEP1", "KEEP2", "KEEP3"]
    assert case.preserved.filter(kind="hit").count() == 3


def test_a_disposal_waits_until_a_directive_that_was_cut_off_is_followed(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(staff, *(f"KEEP{number:03}" for number in range(5)))
    changes.give_directive(
        case=case, at=NOW, by=staff.chief, policy=(1, ""), plates=["KEEP*"], kept_until=UNTIL, why="killed meanwhile"
    )
    monkeypatch.setattr(follow_directives, "_A_PAGE", 2)
    assert follow_directives.follow_directives(at=NOW, pages=1) == 2
    dispose_lpr_data(at=OVER)
    assert len(_kept(case)) == 5
    assert follow_directives.follow_directives(at=OVER) == 0


def test_nobody_waits_while_what_is_copied_is_proven(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(staff, "KEEP1", "KEEP2")
    open_then = []

    def seen(*said: Any, **named: Any) -> Any:
        open_then.append(len(connection.savepoint_ids))
        return proof_of_stored(*said, **named)

    monkeypatch.setattr(follow_directives, "proof_of_stored", seen)
    outside = len(connection.savepoint_ids)
    _direct(staff, case, plates=("KEEP*",))
    assert open_then == [outside] * 2


def test_a_directive_that_is_given_amid_a_disposal_saves_what_that_has_not_come_to(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in range(3):
        come_in(staff, f"KEEP{days}", captured=NOW + days * DAY)

    def meanwhile(day: date) -> list[Path]:
        if not Directive.objects.exists():
            changes.give_directive(
                case=case, at=NOW, by=staff.chief, policy=(1, ""), plates=["KEEP*"], kept_until=UNTIL, why="civil suit"
            )
        return []

    monkeypatch.setattr(disposing, "forget_in_backups", meanwhile)
    assert len(dispose_lpr_data(at=OVER + 2 * DAY)) == 3
    assert (_kept(case), stored()) == (["KEEP1", "KEEP2"], [])


@pytest.mark.parametrize("role", ["custodian", "officer", "auditor", "outsider"])
def test_only_command_directs(role: str, staff: Cast, case: CaseFile) -> None:
    with pytest.raises(RefusedAction):
        direct_keeping.give_directive(
            footing(staff.people()[role], at=NOW), case=case, plates=("A1",), kept_until=UNTIL, why="w"
        )
    assert not Directive.objects.exists()


def test_the_ledger_knows_who_directed_what_and_every_copy(staff: Cast, case: CaseFile) -> None:
    come_in(staff, "KEEP1")
    directive = _direct(staff, case, plates=("KEEP1",))
    leaf = LedgerEntry.objects.get(action="directive_given")
    assert (leaf.person, leaf.clause, leaf.subject) == (staff.chief.pk, "VI.k.4", f"case:{case.pk}")
    assert "KEEP1" not in bytes(leaf.body).decode()
    assert leaf.openings.get(field="plates").value == "KEEP1"
    copied = LedgerEntry.objects.get(action="preserved")
    kept = Preserved.objects.get()
    assert copied.content()["details"]["sha256"] == kept.sha256
    assert copied.content()["details"]["directive"] == directive.pk


def test_a_case_is_sealed_or_kept_for_less_once_its_directives_have_ended(staff: Cast, case: CaseFile) -> None:
    directive, command = _direct(staff, case, plates=("KEEP*",)), footing(staff.chief, at=NOW)
    keeper = footing(staff.custodian, at=NOW)
    keep_cases.change_case(keeper, case, disposed_on=keeper.today, disposition="dismissed")
    attempts: tuple[Callable[[], None], ...] = (
        lambda: end_cases.seal_case(keeper, case, order="County Court, order 12"),
        lambda: keep_cases.direct_keeping(command, case, until=UNTIL - DAY, why="over sooner"),
        lambda: keep_cases.direct_keeping(command, case, until=None, why=""),
    )
    for attempt in attempts:
        with pytest.raises(RefusedAction, match="End it first") as refused:
            attempt()
        assert refused.value.refusal.clause.number == "VI.k.4"
    keep_cases.direct_keeping(command, case, until=UNTIL + DAY, why="the appeal")
    direct_keeping.end_directive(command, directive)
    keep_cases.direct_keeping(command, case, until=None, why="")
    end_cases.seal_case(keeper, case, order="County Court, order 12")
    assert (case.directed_until, case.sealed_on) == (None, keeper.today)


def test_no_earlier_day_is_directed_than_that_of_a_directive_given_meanwhile(
    staff: Cast, case: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held_late(held: CaseFile) -> None:
        hold(held)
        changes.give_directive(
            case=held, at=NOW, by=staff.chief, policy=(1, ""), plates=["KEEP*"], kept_until=UNTIL, why="civil suit"
        )

    monkeypatch.setattr(keep_cases, "hold", held_late)  # the moment between the look and the lock
    with pytest.raises(RefusedAction, match="End it first"):
        keep_cases.direct_keeping(footing(staff.chief, at=NOW), case, until=UNTIL - DAY, why="over sooner")
