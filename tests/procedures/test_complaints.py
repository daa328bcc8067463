"""A wrong entry alarms two members, one of whom stops somebody: the complaint, whom the entry reached, what corrects it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.partial import parse_pattern
from platekeeper.core.rules.complaints import Finding
from platekeeper.core.rules.tours import Purpose
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry, Suppression
from platekeeper.server.ledger.lookups import check, of_subject
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.oversight.models import Complaint, Correction
from platekeeper.server.oversight.trace import trace_of
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import answer_hit, handle_complaints, keep_cases, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.correct_entry import correct_entry, end_suppression, see_notice
from platekeeper.server.procedures.enter_alert import decide_entry
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.supervise_hits import take_stop_back
from platekeeper.server.userlog import changes as userlog
from tests.bags import content_of
from tests.cast import Cast
from tests.hotlist.making import ask, deliver, file, line, records
from tests.register.making import query
from tests.touring import hot_list_on_hand

pytestmark = records

NOW = datetime.now(UTC).replace(microsecond=250_000)
LATER = NOW + timedelta(hours=1)
UNTIL = LATER + timedelta(days=14)


def test_an_own_entry_is_traced_canceled_and_everybody_it_reached_is_told(cast: Cast, intake: Intake) -> None:
    entry = _own_entry(cast)
    hit = _read(intake, cast, "e1")
    answer_hit.show_hit(_by(cast.sergeant), hit.pk)
    answer_hit.show_hit(_by(cast.officer), hit.pk)
    answer_hit.verify_image(_by(cast.officer), hit.pk, agrees=True)
    assert answer_hit.record_stop(_by(cast.officer), hit.pk) is not None
    case = keep_cases.open_case(_by(cast.detective), number="26-1", title="t", offense_class="felony", is_felony=False)
    preserve.preserve_hit(_by(cast.officer), hit, case=case)
    content_of(export_packet(_by(cast.detective), CaseFile.objects.get(), to="District Attorney", why="discovery"))

    chief, complaint = _by(cast.chief, LATER), _complaint(cast)
    assert [
        found.pk for found in handle_complaints.look_for_hits(chief, complaint, pattern=parse_pattern("AB?1*"), at=NOW)
    ]
    assert handle_complaints.look_for_hits(chief, complaint, pattern=parse_pattern("XYZ*"), at=NOW) == []
    assert handle_complaints.look_for_hits(
        chief, complaint, pattern=parse_pattern("ABC1234"), at=NOW - timedelta(hours=3)
    ) == []  # fmt: skip
    handle_complaints.find_hit(chief, complaint, hit)

    trace = trace_of(hit.entry_key, at=LATER)
    reached = {each.name: each for each in trace.people}
    assert set(reached) == {cast.officer.name, cast.sergeant.name, cast.custodian.name, cast.detective.name}
    assert reached[cast.officer.name].departed and not reached[cast.sergeant.name].departed
    assert "stop made" in reached[cast.officer.name].acts and reached[cast.sergeant.name].hits == (hit.pk,)
    assert "looked up prior reads" in reached[cast.custodian.name].acts
    assert [(case.number, [sent.to for sent in case.sent]) for case in trace.cases] == [("26-1", ["District Attorney"])]
    assert trace.still_alarms and trace.own == entry and trace.lprs == (cast.lpr.name,)
    assert [event.at for event in trace.events] == sorted(event.at for event in trace.events)

    findings = {Finding.WRONG_ENTRY, Finding.STEPS_NOT_TAKEN}
    handle_complaints.record_finding(chief, complaint, findings=findings, text="Recovered on the 3rd.")
    with pytest.raises(RefusedAction, match="LPR Data Custodian"):
        correct_entry(chief, complaint, source="Detective", text="Recovered.", until=None)
    assert not Correction.objects.exists()
    made = correct_entry(_by(cast.custodian, LATER), complaint, source="Detective", text="Recovered.", until=None)
    entry.refresh_from_db()
    assert entry.state == HotListEntry.State.CANCELED
    assert HitStep.objects.filter(hit=hit, kind=HitStep.Kind.RECALLED).exists()
    assert {notice.person for notice in made.notices.all()} == {cast.officer, cast.sergeant, cast.detective}
    assert not trace_of(hit.entry_key, at=LATER).still_alarms
    take_stop_back(_by(cast.officer, LATER), hit.pk, reason="another hit was meant")
    assert not any(each.departed for each in trace_of(hit.entry_key, at=LATER).people)

    notice = open_notices(cast.officer).get()
    with pytest.raises(RefusedAction):
        see_notice(_by(cast.sergeant, LATER), notice)
    for _ in range(2):
        see_notice(_by(cast.officer, LATER), notice)
    assert not open_notices(cast.officer).exists() and open_notices(cast.sergeant).exists()

    handle_complaints.answer(chief, complaint, text="We wrote to her and apologised.")
    handle_complaints.close(chief, complaint)
    with pytest.raises(RefusedAction, match="closed"):
        handle_complaints.answer(chief, complaint, text="again")
    acts = list(
        of_subject(f"complaint:{complaint.pk}").exclude(action="action_refused").values_list("action", flat=True)
    )
    assert acts == ["complaint_received", *["complaint_hits_sought"] * 3, "complaint_hit_found", "complaint_finding",
                    "entry_corrected", "complaint_answered", "complaint_closed"]  # fmt: skip
    assert LedgerEntry.objects.filter(action="correction_seen").count() == 1
    assert b"Wendy" not in b"".join(bytes(leaf.body) for leaf in of_subject(f"complaint:{complaint.pk}"))
    assert check().faults == []


def test_a_wrong_line_raises_no_alarm_while_its_source_carries_it(cast: Cast, intake: Intake) -> None:
    hit = _wrong_line(cast, intake)
    complaint = _found_wrong(cast, hit)
    with pytest.raises(RefusedAction, match="until when"):
        correct_entry(_by(cast.chief, LATER), complaint, source="NYSP", text="Recovered.", until=None)
    with pytest.raises(RefusedAction, match="30 days"):
        correct_entry(
            _by(cast.chief, LATER), complaint, source="NYSP", text="Recovered.", until=LATER + timedelta(days=31)
        )
    _suppress(cast, complaint)
    assert HitStep.objects.filter(hit=hit, kind=HitStep.Kind.RECALLED).exists()
    assert _read(intake, cast, "e2") == hit, "no alarm from the intake that was running before"
    again = Intake(intake._writer, id_key=b"k" * 32)
    assert _read(again, cast, "e3") == hit
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=LATER)
    assert _read(intake, cast, "e4") == hit, "the next delivery holds the line still"
    assert _read(intake, cast, "e5", "XYZ9876").plate == "XYZ9876", "other lines alarm as ever"
    assert _read(intake, cast, "e6", at=UNTIL) != hit, "it has its end"
    with pytest.raises(RefusedAction, match="corrected already"):
        _suppress(cast, complaint)


def test_a_line_that_its_source_took_off_and_enters_anew_alarms_again(cast: Cast, intake: Intake) -> None:
    hit = _wrong_line(cast, intake)
    _suppress(cast, _found_wrong(cast, hit))
    deliver(file(line("XYZ9876")), by=cast.custodian, at=LATER)
    held = Suppression.objects.get()
    assert (held.ended_at, held.ended_by) == (LATER, None)
    deliver(file(line("ABC1234")), by=cast.custodian, at=LATER + timedelta(days=1))
    assert _read(intake, cast, "e2") != hit


def test_a_suppression_is_ended_by_hand_and_the_line_alarms_again(cast: Cast, intake: Intake) -> None:
    hit = _wrong_line(cast, intake)
    complaint = _found_wrong(cast, hit)
    made = _suppress(cast, complaint)
    with pytest.raises(RefusedAction, match="Say why"):
        end_suppression(_by(cast.custodian, LATER), made, why=" ")
    end_suppression(_by(cast.custodian, LATER), made, why="stolen again")
    with pytest.raises(RefusedAction, match="ended already"):
        end_suppression(_by(cast.custodian, LATER), Correction.objects.get(), why="stolen again")
    assert _read(intake, cast, "e2") != hit
    _suppress(cast, complaint)


def test_a_line_that_is_off_the_list_already_is_corrected_without_a_suppression(cast: Cast, intake: Intake) -> None:
    hit = _wrong_line(cast, intake)
    deliver(file(line("XYZ9876")), by=cast.custodian, at=LATER)
    made = correct_entry(_by(cast.chief, LATER), _found_wrong(cast, hit), source="NYSP", text="Recovered.", until=None)
    assert made.suppression is None and not Suppression.objects.exists()
    assert [each.pk for each in trace_of(hit.entry_key, at=LATER).deliveries] == [hit.entry["delivery"]]


def test_nobody_handles_a_complaint_about_their_own_stop(cast: Cast, intake: Intake) -> None:
    _own_entry(cast)
    hit = _read(intake, cast, "e1")
    answer_hit.record_stop(_by(cast.sergeant), hit.pk)
    repeat, complaint = _read(intake, cast, "e2"), _complaint(cast)
    assert repeat.repeat_of == hit
    handle_complaints.find_hit(_by(cast.chief, LATER), complaint, repeat)
    sergeant = _by(cast.sergeant, LATER)
    for attempt in (
        lambda: handle_complaints.view_complaint(sergeant, complaint),
        lambda: handle_complaints.answer(sergeant, complaint, text="no"),
        lambda: handle_complaints.assign(_by(cast.chief, LATER), complaint, cast.sergeant),
        lambda: handle_complaints.assign(_by(cast.chief, LATER), complaint, cast.officer),
    ):
        with pytest.raises(RefusedAction):
            attempt()
    handle_complaints.assign(_by(cast.chief, LATER), complaint, cast.chief)
    named = _complaint(cast, about=cast.sergeant)
    with pytest.raises(RefusedAction, match="your own stop"):
        handle_complaints.close(sergeant, named)
    assert list(handle_complaints.who_may_handle(_by(cast.chief, LATER), named)) == [cast.chief]


def test_a_finding_that_an_entry_was_wrong_needs_its_hit_and_no_complaint_comes_from_tomorrow(cast: Cast) -> None:
    chief, complaint = _by(cast.chief), _complaint(cast)
    with pytest.raises(RefusedAction, match="Find the hit first"):
        handle_complaints.record_finding(chief, complaint, findings={Finding.WRONG_ENTRY}, text="x")
    with pytest.raises(RefusedAction, match="Choose what was found"):
        handle_complaints.record_finding(chief, complaint, findings=set(), text="x")
    with pytest.raises(RefusedAction, match="once it has come"):
        _complaint(cast, on=_by(cast.chief, LATER).today + timedelta(days=1))


def test_whoever_was_on_tour_with_the_lpr_was_alerted_without_opening_anything(cast: Cast, intake: Intake) -> None:
    on_hand, begun = hot_list_on_hand(cast, at=NOW - timedelta(hours=1)), NOW - timedelta(minutes=10)
    userlog.begin_tour(
        cast.sergeant, lpr=cast.lpr, purpose=Purpose.PATROL, hot_list=on_hand, at=begun, policy=(1, "0" * 64)
    )
    hit = _read(intake, cast, "e1")
    (reached,) = trace_of(hit.entry_key, at=LATER).people
    assert (reached.name, reached.acts, reached.hits) == (cast.sergeant.name, ("on tour with the LPR",), (hit.pk,))


def test_whoever_searched_for_the_plate_among_others_was_reached(cast: Cast, intake: Intake) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW - timedelta(hours=1))
    hit = _read(intake, cast, "e1")
    query(cast.clerk, LATER, terms={"plate": "ABC1234, XYZ9876", "plates": ["ABC1234", "XYZ9876"]})
    for other in ("", "ABC12345"):
        query(cast.rookie, LATER, terms={"plate": other})
    (reached,) = trace_of(hit.entry_key, at=LATER).people
    assert (reached.name, reached.acts) == (cast.clerk.name, ("searched for the plate",))


def test_an_entry_without_hits_reached_nobody(cast: Cast) -> None:
    trace = trace_of("portal:NY:ABC1234:V", at=NOW)
    assert (trace.people, trace.events, trace.cases, trace.deliveries, trace.still_alarms) == ((), (), (), (), False)


def _by(person: Person, at: datetime = NOW) -> Footing:
    return footing(person, at=at)


def _own_entry(cast: Cast) -> HotListEntry:
    asked = ask(cast.officer, "ABC1234", at=NOW - timedelta(hours=1)).entry
    decide_entry(_by(cast.custodian, NOW - timedelta(hours=1)), asked.pk, approve=True)
    return HotListEntry.objects.get()


def _wrong_line(cast: Cast, intake: Intake) -> Hit:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW - timedelta(hours=1))
    hit = _read(intake, cast, "e1")
    answer_hit.show_hit(_by(cast.officer), hit.pk)
    return hit


def _read(intake: Intake, cast: Cast, event: str, plate: str = "ABC1234", *, at: datetime = NOW) -> Hit:
    """Let the LPR send a read of its own; return the newest hit, which is an older one if the read raised none."""
    read = ParsedRead(raw_plate=plate, captured_at=at, event_id=event, state="NY", confidence=0.9)
    intake.take([Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=at)])
    return Hit.objects.order_by("pk").last() or pytest.fail("no hit")


def _complaint(cast: Cast, *, about: Person | None = None, on: date | None = None) -> Complaint:
    by = _by(cast.chief, LATER)
    return handle_complaints.receive_complaint(
        by, received_on=on or by.today, way="phone", name="Wendy Wronged", contact="555 0101", plate="ABC1234",
        what_happened="I was stopped.", stopped_at=NOW, about=about,
    )  # fmt: skip


def _found_wrong(cast: Cast, hit: Hit) -> Complaint:
    complaint, by = _complaint(cast), _by(cast.chief, LATER)
    handle_complaints.find_hit(by, complaint, hit)
    handle_complaints.record_finding(by, complaint, findings={Finding.WRONG_ENTRY}, text="Recovered on the 3rd.")
    return complaint


def _suppress(cast: Cast, complaint: Complaint) -> Correction:
    return correct_entry(_by(cast.chief, LATER), complaint, source="NYSP", text="Recovered.", until=UNTIL)
