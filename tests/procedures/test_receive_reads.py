"""Reads in: stored before acknowledged, repeats harmless, revisions kept, late reads counted, crashes completed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.cameras import platekeeper
from platekeeper.core.formats.reads import LONGEST_PLATE, ParsedRead, UnparsedRead
from platekeeper.core.rules.sharing import Terms
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.lookups import board, hit_reads, hits_between, open_count, recalled
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.jobs.health import facts
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import receive_reads
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import cancel_entry, decide_entry, request_entry
from platekeeper.server.procedures.receive_reads import Intake, Receipt, Submission
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.rows_that_leave import Cut
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import Contact, DeadLetter, ReadBatch, Refusal
from platekeeper.server.storage.rows import Incoming, ReadRow, image_hash
from platekeeper.server.storage.terms import SearchTerms
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]

NOW = datetime.now(UTC).replace(microsecond=250_000)
JPEG = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"


def test_a_read_is_stored_with_its_image_and_its_leaf(cast: Cast, intake: Intake) -> None:
    receipt = _send(intake, cast, [_read("ABC1234", event="e1")], image=JPEG)

    assert (receipt.stored, receipt.repeated) == (1, 0)
    batch = ReadBatch.objects.get()
    leaf = LedgerEntry.objects.get(index=batch.leaf)
    assert leaf.clause == "V.b"
    assert leaf.content()["details"]["root"] == bytes(batch.root).hex()
    assert read_store().count(NOW.date()) == {cast.lpr.pk: 1}


def test_a_repeat_is_recognized_and_leaves_no_leaf(cast: Cast, intake: Intake) -> None:
    for _ in range(3):
        receipt = _send(intake, cast, [_read("ABC1234")])
    assert (receipt.stored, receipt.repeated) == (0, 1)
    assert ReadBatch.objects.count() == 1


def test_submissions_that_wait_together_share_one_batch(cast: Cast, intake: Intake) -> None:
    one, two = (_submission(cast, [_read(text)]) for text in ("ABC1234", "XYZ9876"))
    assert [receipt.stored for receipt in intake.take([one, two, one])] == [1, 1, 0]
    assert ReadBatch.objects.get().count == 2


def test_a_read_of_a_time_to_come_is_a_dead_letter_that_can_be_sent_again(cast: Cast, intake: Intake) -> None:
    read = ParsedRead(
        raw_plate="ABC1234", captured_at=NOW + timedelta(days=400), event_id="e1", confidence=0.9, state="NY",
        candidates=(("ABC1Z34", 0.2), ("A8C1234", None)), vehicle={"make": "HOND"}, latitude=43.0, longitude=-76.1, stage=1,
    )  # fmt: skip
    receipt = _send(intake, cast, [_read("XYZ9876"), read, _read("XYZ9877", at=NOW + timedelta(hours=23))])

    assert (receipt.stored, receipt.dead_letters, receipt.past_ceiling) == (2, 1, 0)
    letter = DeadLetter.objects.get()
    assert "the LPR's clock is wrong" in letter.reason
    assert platekeeper.parse(bytes(letter.payload)) == [(read, None)]
    assert not Hit.objects.exists()


def test_a_naive_time_is_taken_in_the_lprs_zone(cast: Cast, intake: Intake) -> None:
    noon = datetime(2026, 7, 1, 12, 0)
    read = ParsedRead(raw_plate="ABC1234", captured_at=noon, event_id="e1")
    submission = Submission(
        lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=datetime(2026, 7, 1, 17, tzinfo=UTC)
    )
    intake.take([submission])
    stored = read_store().recent(1)[0].row
    assert (stored.clock, stored.zone) == ("zone", "America/New_York")
    assert datetime.fromtimestamp(stored.at / 1e6, tz=UTC) == datetime(2026, 7, 1, 16, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_taken_whenever_it_is_received(cast: Cast, intake: Intake) -> None:
    read = ParsedRead(raw_plate="ABC1234", captured_at=datetime(2026, 11, 1, 1, 30))
    received = [datetime(2026, 11, 1, hour, 31, tzinfo=UTC) for hour in (5, 6, 20)]
    sent = [Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=at) for at in received]
    assert [intake.take([each])[0].repeated for each in sent] == [0, 1, 1]
    stored = read_store().recent(1)[0].row
    assert (moment_of(stored), stored.clock) == (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "zone")


def test_what_is_not_understood_is_kept_whole_and_counted_once(cast: Cast, intake: Intake) -> None:
    bad = UnparsedRead(reason="plate: missing", payload=b'{"captured_at": 1}')
    for _ in range(2):
        intake.take([Submission(lpr=cast.lpr, format="t", reads=[], unparsed=[bad], received_at=NOW)])
    letter = DeadLetter.objects.get()
    assert (bytes(letter.payload), letter.times) == (bad.payload, 2)


def test_a_read_past_the_ceiling_is_counted_and_not_stored(cast: Cast, intake: Intake) -> None:
    receipt = _send(intake, cast, [_read("OLD1", at=NOW - timedelta(days=200)), _read("NEW1")])
    assert (receipt.stored, receipt.past_ceiling) == (1, 1)
    assert Refusal.objects.get().count == 1


def test_a_clock_that_fell_back_years_is_seen_though_nothing_is_kept(cast: Cast, intake: Intake) -> None:
    receipt = _send(intake, cast, [_read("OLD1", at=NOW - timedelta(days=1000))])
    assert (receipt.stored, receipt.past_ceiling) == (0, 1)
    assert Contact.objects.get().lag == timedelta(days=1000).total_seconds()
    assert facts(at=NOW).lprs_behind == [cast.lpr.name]


def test_an_unfilled_ceiling_refuses_reads(cast: Cast, intake: Intake) -> None:
    version = PolicyVersion.objects.get()
    version.values = {key: value for key, value in version.values.items() if key != "VI.k.ceiling"}
    version.save()
    with pytest.raises(RefusedAction) as refused:
        _send(intake, cast, [_read("ABC1234")])
    assert refused.value.refusal.clause.number == "VI.k"
    assert read_store().days() == []


def test_a_wanted_plate_raises_one_hit_however_often_it_is_sent(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    for _ in range(2):
        _send(intake, cast, [_read("ABC1234", event="e1"), _read("ABC1235", event="e2")], image=JPEG)
    hit = Hit.objects.get()
    assert (hit.plate, hit.how, hit.state_agreement) == ("ABC1234", "plate", "agrees")
    assert bytes(hit.image.content) == JPEG
    assert hit.read["salt"] and hit.read["digest"]


def test_a_corrected_read_recalls_the_alarm_that_no_longer_matches(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    _send(intake, cast, [_read("ABC1234", event="e1")])
    _send(intake, cast, [_read("ABC1284", event="e1")])
    assert HitStep.objects.filter(hit=Hit.objects.get(), kind=HitStep.Kind.RECALLED).exists()


def test_what_is_corrected_back_alarms_anew(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    for plate, after in (("ABC1234", 0), ("ABC1284", 0), ("ABC1234", 1)):
        _send(intake, cast, [_read(plate, event="e1", at=NOW - timedelta(seconds=10 - after))])
    first, second = Hit.objects.order_by("pk")
    assert ([step.hit for step in recalled(at=NOW)], list(board())) == ([first], [second])


def test_a_correction_that_comes_too_late_to_alarm_takes_no_hit_away_that_it_matches(
    cast: Cast, intake: Intake
) -> None:
    _want(cast, "ABC1234", since=NOW - timedelta(days=2))
    at = [NOW - timedelta(hours=hours) for hours in (23, 26)]
    _send(intake, cast, [_read("ABC1234", event=f"e{n}", at=seen) for n, seen in enumerate(at)])
    assert [hit.action for hit in Hit.objects.order_by("pk")] == ["stop", "silent"]
    for n, seen in enumerate(at):
        corrected = _submission(cast, [_read("ABC1234", event=f"e{n}", at=seen)], JPEG)
        intake.take([replace(corrected, received_at=NOW + timedelta(hours=4))])
    assert Hit.objects.filter(closed_at=None, corrected_at=None).count() == Hit.objects.count() == 2


def test_what_another_read_names_stays_an_alarm_when_the_first_is_corrected(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    seen = [NOW - timedelta(minutes=minutes) for minutes in (5, 4, 3)]
    _send(intake, cast, [_read("ABC1234", event=f"e{n}", at=at) for n, at in enumerate(seen)])
    first, second, third = Hit.objects.order_by("seen_at")
    assert (second.repeat_of, third.repeat_of) == (first, first)
    _send(intake, cast, [_read("ABC1284", event="e0", at=seen[0])])
    first, second, third = Hit.objects.order_by("seen_at")
    assert (second.repeat_of, third.repeat_of) == (None, second)
    assert ([step.hit for step in recalled(at=NOW)], open_count()) == ([first], 1)
    _send(intake, cast, [_read("ABC1284", event=f"e{n}", at=seen[n]) for n in (1, 2)])
    assert ({step.hit for step in recalled(at=NOW)}, open_count()) == ({first, second}, 0), (
        "it was none of this vehicle"
    )


def test_a_corrected_read_leaves_as_no_hit(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    _send(intake, cast, [_read("ABC1234", event="e1")])
    store, day = read_store(), timedelta(days=1)
    terms = {each: Terms(images=False, only_hits=True, misses=each) for each in (True, False)}

    def left(misses: bool) -> tuple[list[str], list[tuple[str, str]]]:
        cut, found = Cut(terms[misses]), store.search(SearchTerms(since=0, until=2**63 - 1), limit=9, seconds=9).reads
        hits = [(row.plate, row.outcome) for row in cut.hits(hits_between(NOW - day, NOW + day))]
        return [row.plate for row in cut.reads(found, store=store)], hits

    assert left(True) == left(False) == (["ABC1234"], [("ABC1234", "")])
    assert len(hit_reads(since=NOW - day, until=NOW + day)) == 1
    _send(intake, cast, [_read("ABC1284", event="e1")])
    assert (left(True), left(False)) == (([], [("ABC1234", "misread")]), ([], []))
    assert not hit_reads(since=NOW - day, until=NOW + day)


def test_a_read_that_is_sent_again_once_its_entry_is_gone_was_not_corrected(cast: Cast, intake: Intake) -> None:
    wanted = _want(cast, "ABC1234")
    _send(intake, cast, [_read("ABC1234", event="e1")])
    hit = Hit.objects.get()
    add_step(hit, kind=HitStep.Kind.OUTCOME, at=NOW, by=cast.officer, policy=(1, "0" * 64), outcome="correct")
    cancel_entry(footing(cast.custodian, at=NOW), wanted.pk, reason="recovered")
    _send(intake, cast, [_read("ABC1234", event="e1")])
    assert list(hit.steps.values_list("kind", flat=True)) == ["outcome"]


@pytest.mark.parametrize("moved", [timedelta(0), timedelta(hours=-30), timedelta(days=-9)])
def test_a_correction_recalls_an_alarm_of_before_a_restart_wherever_it_moves_the_read(
    cast: Cast, moved: timedelta
) -> None:
    _want(cast, "ABC1234")
    first = Intake(read_store().writer(), id_key=b"k" * 32)
    _send(first, cast, [_read("ABC1234", event="e1"), _read("ABC1234", event="e2")])
    first.close()
    second = Intake(read_store().writer(), id_key=b"k" * 32)
    _send(second, cast, [_read("ABC1284", event="e1", at=NOW + moved)])
    second.close()
    recalled = HitStep.objects.filter(kind=HitStep.Kind.RECALLED).values_list("hit__read__event", flat=True)
    assert list(recalled) == ["e1"]


def test_the_hits_of_one_batch_are_repeats_of_its_first_within_the_window(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    seen = [NOW - timedelta(minutes=minutes) for minutes in (40, 39, 1)]
    _send(intake, cast, [_read("ABC1234", event=f"e{n}", at=at) for n, at in enumerate(seen)])
    hits = list(Hit.objects.order_by("seen_at"))
    assert [hit.repeat_of for hit in hits] == [None, hits[0], None]


def test_a_hit_repeats_an_open_alarm_of_a_batch_before_and_of_before_a_restart(cast: Cast) -> None:
    for plate in ("ABC1234", "XYZ9876"):
        _want(cast, plate)
    first = Intake(read_store().writer(), id_key=b"k" * 32)
    _send(first, cast, [_read("ABC1234", event="e1")])
    first.close()
    second = Intake(read_store().writer(), id_key=b"k" * 32)
    _send(second, cast, [_read("XYZ9876", event="e2")])
    _send(second, cast, [_read("ABC1234", event="e3"), _read("XYZ9876", event="e4")])
    second.close()
    alarms = {hit.read["event"]: hit.repeat_of and hit.repeat_of.read["event"] for hit in Hit.objects.all()}
    assert alarms == {"e1": None, "e2": None, "e3": "e1", "e4": "e2"}


def test_an_alarm_is_no_repeat_of_a_hit_that_raised_none(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234", since=NOW - timedelta(days=2))
    ages = [timedelta(hours=24, minutes=4), timedelta(hours=23, minutes=56), timedelta(hours=24, minutes=1)]
    _send(intake, cast, [_read("ABC1234", event=f"e{n}", at=NOW - age) for n, age in enumerate(ages)])
    late, alarm, later = Hit.objects.order_by("pk")
    assert [hit.action for hit in (late, alarm, later)] == ["silent", "stop", "silent"]
    assert [hit.repeat_of for hit in (late, alarm, later)] == [None, None, late]
    assert list(board()) == [alarm]


def test_a_correction_in_the_same_batch_raises_no_alarm_for_the_first_text(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    _send(intake, cast, [_read("ABC1234", event="e1"), _read("ABC1284", event="e1")])
    assert not Hit.objects.exists()
    assert [read.corrected for read in read_store().recent(2)].count(True) == 1


def test_a_canceled_entry_is_gone_at_once(cast: Cast, intake: Intake) -> None:
    entry = _want(cast, "ABC1234")
    cancel_entry(footing(cast.custodian, at=NOW), entry.pk, reason="car recovered")
    _send(intake, cast, [_read("ABC1234")])
    assert not Hit.objects.exists()


def test_a_batch_cut_off_after_storing_gets_its_hits_and_its_leaf_at_the_next_start(cast: Cast) -> None:
    _want(cast, "ABC1234")
    _store_only(cast)
    assert not ReadBatch.objects.exists()

    second = Intake(read_store().writer(), id_key=b"k" * 32)
    assert second.complete_unsettled(at=NOW) == 1
    assert Hit.objects.get().plate == "ABC1234"
    assert ReadBatch.objects.get().count == 1
    assert second.complete_unsettled(at=NOW) == 0
    second.close()


def test_an_intake_that_could_not_begin_lets_go_of_the_store(cast: Cast) -> None:
    _store_only(cast)

    def fail(*_: object) -> None:
        raise OperationalError("disk I/O error")

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        receive_reads.intake()
    assert _send(receive_reads.intake(), cast, [_read("AFTER1")]).stored == 1
    receive_reads.close_intakes()


def test_a_stored_batch_that_cannot_be_completed_is_said_and_tried_again_and_holds_up_nothing(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    _want(cast, "ABC1234")
    _store_only(cast, candidates="no JSON")
    _store_only(cast, id=b"j" * 16, batch=b"c" * 16)
    again = Intake(read_store().writer(), id_key=b"k" * 32)
    assert again.complete_unsettled(at=NOW) == 1
    assert Hit.objects.count() == 1
    for seconds in (0, 59, 60):
        at = NOW + timedelta(seconds=seconds)
        sent = Submission(lpr=cast.lpr, format="t", reads=[(_read(f"NEW{seconds}"), None)], unparsed=[], received_at=at)
        assert again.take([sent])[0].stored == 1
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert [(b"b" * 16).hex() in words for words in said] == [True, True], "at the start, and a minute later"
    again.close()
    with read_store().writer() as writer:
        assert [waiting.batch for waiting in writer.unsettled()] == [b"b" * 16]
    assert [facts(at=NOW + timedelta(minutes=after)).batches_incomplete for after in (1, 3)] == [0, 1]


def test_what_cannot_be_taken_in_fails_alone(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    odd = UnparsedRead(reason=5, payload=b"x")  # type: ignore[arg-type]
    group = [
        _submission(cast, [_read("ABC1234")]),
        Submission(lpr=cast.lpr, format="t", reads=[(_read("XYZ9876"), None)], unparsed=[odd], received_at=NOW),
    ]
    good, bad = intake._each_taken([intake._arrived(each) for each in group])
    assert not isinstance(good, BaseException) and isinstance(bad, TypeError)
    assert Hit.objects.get().plate == "ABC1234"
    assert _send(intake, cast, [_read("AFTER1")]).stored == 1
    assert [batch.count for batch in ReadBatch.objects.order_by("pk")] == [2, 1]


def test_a_batch_cut_off_is_completed_though_a_picture_is_damaged(cast: Cast) -> None:
    _want(cast, "ABC1234")
    _store_only(cast, image=JPEG)
    for pack in settings.HOME.lpr_data.rglob("*.pack"):
        pack.write_bytes(bytes(pack.stat().st_size))
    again = Intake(read_store().writer(), id_key=b"k" * 32)
    assert again.complete_unsettled(at=NOW) == 1
    assert not hasattr(Hit.objects.get(), "image")
    again.close()


def test_a_hit_keeps_all_that_was_read_where_it_is_no_plate(cast: Cast, intake: Intake) -> None:
    _want(cast, "ABC1234")
    raw = ("NO PLATE \N{EM DASH} " * 8)[:LONGEST_PLATE]
    read = ParsedRead(raw_plate=raw, captured_at=NOW, candidates=(("ABC1234", 0.9),))
    assert _send(intake, cast, [read]).stored == 1
    assert Hit.objects.get().plate == raw


def _store_only(cast: Cast, *, image: bytes | None = None, **differs: Any) -> None:
    """Leave what a crash leaves between the store and the records: a batch on disk that nobody has settled."""
    at = int(NOW.timestamp() * 1_000_000)
    row = ReadRow(
        id=b"i" * 16, digest=b"d" * 8, lpr=cast.lpr.pk, at=at, received=at, clock="offset", zone="", raw="ABC1234",
        plate="ABC1234", folded="ABC1234", state="NY", state_confidence=None, confidence=None, candidates="[]",
        vehicle="{}", direction="", latitude=None, longitude=None, event="e1", retention="standard", stage=9, salt=b"s" * 16,
        batch=b"b" * 16,
    )._replace(**differs)  # fmt: skip
    with read_store().writer() as writer:
        writer.append(batch=row.batch, incoming=[Incoming(row, image, image_hash(image))], received=at)


def _want(cast: Cast, plate: str, *, since: datetime = NOW - timedelta(hours=1)) -> HotListEntry:
    asked = request_entry(
        footing(cast.officer, at=NOW - timedelta(hours=2)),
        plate=plate,
        jurisdiction="NY",
        category=Category.CRIME_SUSPECT,
        reason="left the scene",
        authority="Desk officer, call 1182",
        case_number="26-1182",
        hit_action=HitAction.STOP,
        effective_at=since,
        expires_at=NOW + timedelta(days=7),
    )
    decide_entry(footing(cast.custodian, at=NOW - timedelta(hours=1)), asked.entry.pk, approve=True, remark="")
    return HotListEntry.objects.get(pk=asked.entry.pk)


def _read(plate: str, *, event: str | None = None, at: datetime = NOW) -> ParsedRead:
    return ParsedRead(raw_plate=plate, captured_at=at, event_id=event, state="NY", confidence=0.9)


def _submission(cast: Cast, reads: list[ParsedRead], image: bytes | None = None) -> Submission:
    return Submission(lpr=cast.lpr, format="t", reads=[(read, image) for read in reads], unparsed=[], received_at=NOW)


def _send(intake: Intake, cast: Cast, reads: list[ParsedRead], image: bytes | None = None) -> Receipt:
    return intake.take([_submission(cast, reads, image)])[0]
