"""What ends, and who lets it: reads by days and by minutes, hits, two persons who agree, and the certificate (VI.k)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from platekeeper.core.formats.reads import UnparsedRead
from platekeeper.core.policy import Policy
from platekeeper.core.rules.retention import Going
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.models import Hit, HitImage, HitStep
from platekeeper.server.jobs import work
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import keep_cases, preserve, propose_disposal
from platekeeper.server.procedures.answer_hit import record_outcome, record_stop, verify_image
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.certify_disposal import certificate_pdf, faults_of
from platekeeper.server.procedures.dispose_lpr_data import days_over, dispose_lpr_data, going
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import search
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import DeadLetter, Refusal
from platekeeper.server.retention.changes import begin_disposal
from platekeeper.server.retention.lookups import standing_proposal
from platekeeper.server.retention.models import Disposal
from platekeeper.verify import Fault, opened_certificate
from tests.cast import Cast
from tests.retention.making import JPEG, NOW, come_in, say, stored, want

pytestmark = [pytest.mark.django_db, pytest.mark.records]
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
OVER = NOW + 182 * DAY


def test_reads_without_a_hit_go_within_minutes_and_a_hit_keeps_its_own(staff: Cast) -> None:
    say(staff, floor="1 minutes", no_hit="3 minutes")
    want(staff, "WANTED1")
    come_in(staff, "WANTED1", "OTHER1", image=JPEG)
    come_in(staff, "LATER1", captured=NOW + MINUTE)
    assert dispose_lpr_data(at=NOW + 3 * MINUTE) == []
    [disposal] = dispose_lpr_data(at=NOW + 4 * MINUTE)
    assert (disposal.counts, disposal.until) == ({str(staff.lpr.pk): 2}, NOW + MINUTE)
    assert stored() == ["LATER1"]
    hit = Hit.objects.get()
    assert (hit.plate, bytes(hit.image.content)) == ("WANTED1", JPEG)
    assert [each.until for each in dispose_lpr_data(at=NOW + 5 * MINUTE)] == [NOW + 2 * MINUTE]
    assert not any(each.counts for each in dispose_lpr_data(at=NOW + 2 * DAY))  # of the day there may be a folder
    assert read_store().days() == []


@pytest.mark.parametrize(("days", "vouched", "left"), [(2, None, 0), (3, None, 3), (3, False, 3), (3, True, 0)])
def test_the_clock_alone_ends_no_more_than_two_days_at_once_unless_a_time_service_vouches_for_it(
    staff: Cast, monkeypatch: pytest.MonkeyPatch, days: int, vouched: bool | None, left: int
) -> None:
    for day in range(days):
        come_in(staff, f"DAY{day}", captured=NOW + day * DAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: OVER + days * DAY)
    monkeypatch.setattr(work, "clock_synchronised", lambda: vouched)
    assert work.dispose().startswith("WAITS: 3 days" if left else f"{days} disposals")
    assert len(stored()) == left
    assert dispose_lpr_data(at=OVER + days * DAY, by=footing(staff.custodian, at=OVER + days * DAY)) or not left
    assert stored() == []  # whoever manages the data says that it is time


def test_nor_do_hits_of_many_days(staff: Cast) -> None:
    say(staff, hits="1 years")
    want(staff, "WANTED1")
    for day in range(3):
        come_in(staff, "WANTED1", captured=NOW + day * DAY)
    assert (days_over(at=NOW + 300 * DAY), days_over(at=NOW + 400 * DAY)) == (3, 3)  # reads, hits with them
    dispose_lpr_data(at=NOW + 300 * DAY)
    assert (days_over(at=NOW + 300 * DAY), days_over(at=NOW + 400 * DAY)) == (0, 3)
    assert dispose_lpr_data(at=NOW + 400 * DAY, clock_in_doubt=True) == []
    assert Hit.objects.count() == 3


def _lost(_execute: object, sql: str, *_: object) -> object:
    """Fail where a disposal is recorded as complete, as when the database is locked or the connection lost."""
    if sql.startswith("UPDATE") and "retention_disposal" in sql and "completed_at" in sql:
        raise OperationalError("database is locked")
    return _execute(sql, *_)  # type: ignore[operator]


@pytest.mark.parametrize("period", ["days", "minutes"])
def test_a_disposal_whose_record_is_lost_certifies_at_the_next_look_what_it_removed(staff: Cast, period: str) -> None:
    """And what came in between, of the same time, goes with a disposal of its own."""
    over = OVER
    if period == "minutes":
        say(staff, floor="1 minutes", no_hit="3 minutes")
        over = NOW + 4 * MINUTE
    come_in(staff, "ONE1", "TWO2", image=JPEG)
    with connection.execute_wrapper(_lost), pytest.raises(OperationalError, match="locked"):
        dispose_lpr_data(at=over)
    assert stored() == []
    assert Disposal.objects.get().completed_at is None
    come_in(staff, "LATE1")
    first, second = dispose_lpr_data(at=over + SECOND)
    assert (first.counts, second.counts) == ({str(staff.lpr.pk): 2}, {str(staff.lpr.pk): 1})
    assert first.digest != second.digest
    assert json.loads(first.certificate)["reads"] == {str(staff.lpr.pk): {"count": 2, "lpr": staff.lpr.name}}
    assert faults_of(first) == []
    assert stored() == []
    assert not list(settings.HOME.lpr_data.glob(".disposing*"))


def test_what_is_told_of_a_disposal_that_is_on_record_is_told_of_no_other(staff: Cast) -> None:
    """As when the server is killed after the record, and before it let go of what it told."""
    come_in(staff, "ONE1", "TWO2")
    read_store().dispose(NOW.date())
    come_in(staff, "THREE3")
    [disposal] = dispose_lpr_data(at=OVER)
    assert disposal.counts == {str(staff.lpr.pk): 1}


def test_a_read_that_comes_past_its_time_still_hits_and_is_not_stored(staff: Cast) -> None:
    say(staff, floor="1 minutes", no_hit="3 minutes")
    want(staff, "WANTED1")
    receipt = come_in(staff, "WANTED1", "OTHER1", at=NOW + 10 * MINUTE, image=JPEG)
    assert (receipt.stored, receipt.past_ceiling) == (0, 2)
    assert Refusal.objects.get().count == 2
    assert stored() == []
    assert Hit.objects.get().plate == "WANTED1"
    assert HitImage.objects.exists()
    come_in(staff, "WANTED1", captured=NOW - 200 * DAY, at=NOW)
    assert Hit.objects.count() == 1  # past the ceiling it is nothing at all


def test_a_policy_may_turn_from_days_to_minutes_and_back(staff: Cast) -> None:
    come_in(staff, "DAYS1")
    say(staff, at=NOW + MINUTE, floor="1 minutes", no_hit="3 minutes")
    come_in(staff, "MINUTES1", captured=NOW + MINUTE)
    say(staff, at=NOW + 2 * MINUTE, no_hit="never")
    come_in(staff, "DAYS2", captured=NOW + 2 * MINUTE)
    dispose_lpr_data(at=NOW + DAY)
    assert stored() == ["DAYS1", "DAYS2", "MINUTES1"]
    say(staff, at=NOW + DAY, no_hit="3 minutes")
    dispose_lpr_data(at=NOW + DAY)
    assert stored() == []  # the whole day is past its time by now


def test_dead_letters_go_without_any_read_beside_them(staff: Cast) -> None:
    come_in(staff, unparsed=[UnparsedRead(reason="no plate", payload=b"?")])
    assert dispose_lpr_data(at=NOW + 180 * DAY) == []
    [disposal] = dispose_lpr_data(at=OVER)
    assert json.loads(disposal.certificate)["besides"]["dead_letters"] == 1
    assert not DeadLetter.objects.exists()


def test_a_day_that_a_crash_left_out_of_sight_is_certified_with_what_it_held(staff: Cast) -> None:
    come_in(staff, "OTHER1", "OTHER2")
    begin_disposal(day=NOW.date(), at=OVER, proposal=None, policy=in_force(at=OVER).stamp)
    read_store().hide(NOW.date())
    [disposal] = dispose_lpr_data(at=OVER)
    assert disposal.counts == {str(staff.lpr.pk): 2}


def test_a_certificate_says_what_went_and_what_was_preserved_and_is_signed(staff: Cast) -> None:
    want(staff, "WANTED1")
    come_in(staff, "WANTED1", "OTHER1")
    by = footing(staff.officer, at=NOW)
    case = keep_cases.open_case(by, number="26-1", title="t", offense_class="felony", is_felony=True)
    preserve.preserve_hit(by, Hit.objects.get(), case=case)
    [disposal] = dispose_lpr_data(at=OVER)
    told = json.loads(disposal.certificate)
    assert told["reads"] == {str(staff.lpr.pk): {"lpr": staff.lpr.name, "count": 2}}
    assert (told["since"], told["until"]) == ("2026-06-01T00:00:00+00:00", "2026-06-02T00:00:00+00:00")
    assert told["preserved"] == {"26-1": 1}
    assert faults_of(disposal) == []
    key = ledger.key()
    assert key is not None
    assert opened_certificate(disposal.note, {key.origin: [bytes(key.public_key)]}) == (
        disposal.certificate,
        disposal.leaf,
    )
    assert certificate_pdf(footing(staff.custodian, at=OVER), disposal).startswith(b"%PDF")

    forged = disposal.note.replace('"count":2', '"count":1')
    with pytest.raises(Fault, match="false signature"):
        opened_certificate(forged, {key.origin: [bytes(key.public_key)]})
    disposal.certificate = disposal.certificate.replace('"count":2', '"count":1')
    assert faults_of(disposal) == ["its leaf names another certificate", "what is signed is another certificate"]


def test_nothing_goes_until_one_person_put_it_forward_and_another_approved(staff: Cast) -> None:
    say(staff, disposal="two_persons")
    come_in(staff, "OLD1")
    assert dispose_lpr_data(at=OVER) == []
    proposal = standing_proposal()
    assert proposal is not None
    assert proposal.reads == {"2026-06-01": {str(staff.lpr.pk): 1}}
    custodian, chief = footing(staff.custodian, at=OVER), footing(staff.chief, at=OVER)
    for who, step in ((chief, propose_disposal.propose), (custodian, propose_disposal.approve)):
        with pytest.raises(RefusedAction):
            step(who, proposal)
    with pytest.raises(RefusedAction, match="not put this disposal forward"):
        propose_disposal.approve(chief, proposal)
    propose_disposal.propose(custodian, proposal)
    come_in(staff, "OLD2", captured=NOW + DAY)
    assert dispose_lpr_data(at=OVER + DAY) == []
    propose_disposal.approve(chief, proposal)
    assert [each.day for each in dispose_lpr_data(at=OVER + DAY)] == [NOW.date()]
    assert stored() == ["OLD2"]  # it was past its time, and nobody had approved it
    following = standing_proposal()
    assert following is not None
    assert list(following.reads) == ["2026-06-02"]
    acts = LedgerEntry.objects.filter(action__startswith="disposal").values_list("action", flat=True)
    assert list(acts) == [
        "disposal_drawn_up", "disposal_proposed", "disposal_approved", "disposal_begun", "disposal_completed",
        "disposal_drawn_up",
    ]  # fmt: skip


def test_nobody_approves_what_they_put_forward_and_a_refused_one_is_drawn_up_anew(staff: Cast) -> None:
    say(staff, disposal="two_persons", approvers=["Chief", "LPR Data Custodian"])
    come_in(staff, "OLD1")
    dispose_lpr_data(at=OVER)
    proposal = standing_proposal()
    assert proposal is not None
    custodian = footing(staff.custodian, at=OVER)
    propose_disposal.propose(custodian, proposal)
    with pytest.raises(RefusedAction, match="Somebody else approves"):
        propose_disposal.approve(custodian, proposal)
    with pytest.raises(RefusedAction, match="Say why"):
        propose_disposal.refuse(footing(staff.chief, at=OVER), proposal, why=" ")
    propose_disposal.refuse(footing(staff.chief, at=OVER), proposal, why="a trial is set")
    with pytest.raises(RefusedAction, match="decided already"):
        propose_disposal.approve(footing(staff.chief, at=OVER), proposal)
    dispose_lpr_data(at=OVER)
    assert standing_proposal() not in {None, proposal}
    assert stored() == ["OLD1"]


def test_what_was_approved_goes_no_earlier_than_the_policy_in_force_lets_it(staff: Cast) -> None:
    say(staff, disposal="two_persons")
    come_in(staff, "OLD1")
    dispose_lpr_data(at=OVER)
    proposal = standing_proposal()
    assert proposal is not None
    propose_disposal.propose(footing(staff.custodian, at=OVER), proposal)
    propose_disposal.approve(footing(staff.chief, at=OVER), proposal)
    say(staff, at=OVER, ceiling="1 years")
    assert dispose_lpr_data(at=OVER) == []
    assert stored() == ["OLD1"]


def test_hits_that_came_to_nothing_go_with_image_steps_and_what_opens_their_leaves(staff: Cast) -> None:
    want(staff, "NOTHING1", "INCASE1", "STOPPED1", "PARKED1", "MISREAD1")
    come_in(staff, "NOTHING1", "INCASE1", "STOPPED1", "PARKED1", "MISREAD1", image=JPEG)
    come_in(staff, "NOTHING1", captured=NOW + 2 * MINUTE)  # a repeat of its alarm
    by = footing(staff.officer, at=NOW)
    case = keep_cases.open_case(by, number="26-1", title="t", offense_class="felony", is_felony=True)
    preserve.preserve_hit(by, Hit.objects.get(plate="INCASE1"), case=case)
    record_stop(by, Hit.objects.get(plate="STOPPED1").pk)
    record_outcome(
        by, Hit.objects.get(plate="PARKED1").pk, outcome=HitStep.Outcome.CORRECT, led_on=True, followed="arrest"
    )
    record_stop(by, Hit.objects.get(plate="MISREAD1").pk)
    record_outcome(by, Hit.objects.get(plate="MISREAD1").pk, outcome=HitStep.Outcome.MISREAD)
    alarm = Hit.objects.get(plate="NOTHING1", repeat_of=None)
    verify_image(by, alarm.pk, agrees=False)
    opened = LedgerOpening.objects.filter(entry__subject=f"hit:{alarm.pk}")
    assert set(opened.values_list("field", flat=True)) >= {"name", "plate"}

    assert dispose_lpr_data(at=NOW + 365 * DAY) != []
    assert Hit.objects.count() == 6
    [disposal] = dispose_lpr_data(at=NOW + 366 * DAY)
    assert (disposal.kind, disposal.counts) == (Disposal.Kind.HITS, {str(staff.lpr.pk): 3})
    assert sorted(Hit.objects.values_list("plate", flat=True)) == ["INCASE1", "PARKED1", "STOPPED1"]
    assert not HitStep.objects.filter(hit=alarm.pk).exists()
    assert set(opened.values_list("field", flat=True)) == {"name"}
    assert faults_of(disposal) == []
    CaseFile.objects.filter(pk=case.pk).update(ended_at=NOW + 366 * DAY, ending="disposed")
    dispose_lpr_data(at=NOW + 366 * DAY)
    assert sorted(Hit.objects.values_list("plate", flat=True)) == ["PARKED1", "STOPPED1"]


def test_what_a_draft_makes_go_is_what_the_policy_in_force_keeps(staff: Cast) -> None:
    want(staff, "WANTED1")
    for day in range(4):
        come_in(staff, "WANTED1", captured=NOW + day * DAY)
    at, said = NOW + 100 * DAY, in_force(at=NOW)

    def draft(**values: str) -> Policy:
        return replace(said, values={**said.values, **{f"VI.k.{key}": value for key, value in values.items()}})

    assert going(said, instead_of=said, at=at) == Going()
    assert going(draft(ceiling="90 days"), instead_of=said, at=at) == Going(days=4)
    assert going(draft(ceiling="90 days"), instead_of=draft(no_hit="99 days"), at=at) == Going(days=2)
    assert going(draft(hits="60 days"), instead_of=said, at=at) == Going(hits=4, hit_days=4)
    assert going(draft(ceiling="90 days", disposal="two_persons"), instead_of=said, at=at) == Going()
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    told = [
        going(draft(hits="99 days"), instead_of=said, at=midnight + timedelta(hours=hours)) for hours in (0, 12, 23)
    ]
    assert told[0].hits and told[0] == told[1] == told[2], "somebody writes the number, and it takes them a while"
    waits = draft(ceiling="90 days", disposal="two_persons")
    assert going(draft(ceiling="90 days"), instead_of=waits, at=at) == Going(days=4)


def test_what_is_past_its_time_is_not_found_though_it_is_there_still(staff: Cast) -> None:
    say(staff, floor="1 minutes", no_hit="3 minutes")
    come_in(staff, "OLD1", captured=NOW - 30 * SECOND)
    come_in(staff, "NEW1", captured=NOW + MINUTE)

    def found(at: datetime) -> list[str]:
        question = Question(
            plate="*1", since=NOW - DAY, until=NOW + DAY, purpose="stolen", offense="theft", case_number="26-1",
            justification="seen leaving the pawn shop", none_prohibited=True,
        )  # fmt: skip
        return sorted(read.row.raw for read in search(footing(staff.detective, at=at), question).page.reads)

    assert found(NOW + MINUTE) == ["NEW1", "OLD1"]
    assert found(NOW + 3 * MINUTE) == ["NEW1"]
    assert stored() == ["NEW1", "OLD1"]
