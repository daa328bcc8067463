"""Entries of the field: in force at once, looked up, sent to everybody on duty, with who directed them (VII.f-g)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import RunSQL

from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.rules.tours import Purpose
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist import changes as hotlist
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import EntrySending, HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import cancel_entry
from platekeeper.server.procedures.enter_in_field import (
    FieldEntry,
    confirm_direction,
    directors,
    enter_in_field,
    note_seen,
)
from platekeeper.server.procedures.entries import DuplicateEntry, EntryResult, UnclearEntry
from platekeeper.server.procedures.reach import reach
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.reads.changes import note_contacts
from platekeeper.server.reads.models import Contact
from platekeeper.server.userlog import changes as userlog
from platekeeper.server.userlog.models import Tour
from tests.cast import Cast
from tests.hotlist.making import NOW, records, seen
from tests.hotlist.traffic import drive_past
from tests.touring import hot_list_on_hand, patrol_car

pytestmark = records


def _enter(by: Person, plate: str = "abc 1234", ground: Ground = Ground.AMBER, **given: Any) -> EntryResult:
    return enter_in_field(footing(by, at=NOW), FieldEntry(plate=plate, ground=ground, **given))


def _on_duty(cast: Cast, member: Person, name: str = "Car 3") -> Tour:
    delivery = hot_list_on_hand(cast, at=NOW - timedelta(hours=1))
    return userlog.begin_tour(
        member, lpr=patrol_car(name), purpose=Purpose.PATROL, hot_list=delivery, at=NOW - timedelta(minutes=30),
        policy=(1, "0" * 64),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "clause", "category", "stands"),
    [
        (Ground.AMBER, "VII.g", "amber", timedelta(days=1)),
        (Ground.MISSING_CHILD, "VII.g", "missing_person", timedelta(days=3)),
        (Ground.MISSING_STUDENT, "VII.g", "missing_person", timedelta(days=3)),
        (Ground.DISPATCH, "VII.f.1", "crime_just_occurred", timedelta(hours=12)),
        (Ground.BOLO, "VII.f.1", "crime_suspect", timedelta(days=3)),
    ],
)
def test_a_plate_and_a_ground_are_enough(
    cast: Cast, ground: Ground, clause: str, category: str, stands: timedelta
) -> None:
    drive_past(cast, ["ABC1234"], at=NOW - timedelta(hours=3))
    result = _enter(cast.officer, ground=ground)

    entry = result.entry
    assert (entry.state, entry.category, entry.ground) == ("active", category, ground)
    assert (entry.expires_at - entry.effective_at, entry.decided_by) == (stands, cast.officer)
    assert entry.reason and "heard by Olive Officer at" in entry.authority
    assert result.prior_reads is not None and len(result.prior_reads.page.reads) == 1
    query = QueryLogEntry.objects.get()
    assert (query.purpose, query.by, query.state) == ("alert", cast.officer, "completed")
    leaf = LedgerEntry.objects.get(subject=f"entry:{entry.pk}")
    assert (leaf.action, leaf.clause, leaf.content()["details"]["ground"]) == ("entry_requested", clause, ground)
    assert b"ABC1234" not in bytes(leaf.body)
    assert [match.key for match in seen("ABC1234")] == [entry.key]


@pytest.mark.parametrize(("role", "clause"), [("rookie", "IV.i"), ("clerk", "VII.f.2"), ("outsider", "VI.a")])
def test_who_may_not_enter_is_refused_and_logged(cast: Cast, role: str, clause: str) -> None:
    with pytest.raises(RefusedAction) as refused:
        _enter(getattr(cast, role))
    assert refused.value.refusal.clause.number == clause
    assert LedgerEntry.objects.latest("index").clause == clause
    assert not HotListEntry.objects.exists()


def test_a_directed_entry_names_who_may_direct_it_and_waits_for_their_word(cast: Cast) -> None:
    for director in (None, cast.detective):
        with pytest.raises(RefusedAction) as refused:
            _enter(cast.officer, ground=Ground.DIRECTED, director=director, reason="seen at a burglary")
        assert refused.value.refusal.clause.number == "VII.f.2"
    assert directors(footing(cast.officer, at=NOW)) == [cast.sergeant]
    entry = _enter(cast.officer, ground=Ground.DIRECTED, director=cast.sergeant).entry
    assert (entry.directed_by, entry.authority) == (cast.sergeant, "directed by Sam Sergeant")
    assert [*lookups.to_confirm(cast.sergeant, at=NOW)] == [entry]

    with pytest.raises(RefusedAction, match="not made in your name"):
        confirm_direction(footing(cast.detective, at=NOW), entry.pk)
    confirm_direction(footing(cast.sergeant, at=NOW), entry.pk)
    with pytest.raises(RefusedAction, match="already"):
        confirm_direction(footing(cast.sergeant, at=NOW), entry.pk)
    assert not lookups.to_confirm(cast.sergeant, at=NOW).exists()
    assert LedgerEntry.objects.filter(action="entry_direction_confirmed").count() == 1


def test_who_is_named_wrongly_takes_it_off_and_ones_own_word_needs_no_other(cast: Cast) -> None:
    entry = _enter(cast.officer, ground=Ground.DIRECTED, director=cast.sergeant).entry
    cancel_entry(footing(cast.sergeant, at=NOW), entry.pk, reason="I directed no such thing")
    own = _enter(cast.sergeant, ground=Ground.DIRECTED, director=cast.sergeant).entry
    assert own.direction_confirmed_at == NOW
    assert not lookups.to_confirm(cast.sergeant, at=NOW).exists()


def test_what_was_written_wrongly_is_said_and_nothing_stands_twice(cast: Cast) -> None:
    with pytest.raises(UnclearEntry):
        _enter(cast.officer, "NONE")
    with pytest.raises(RefusedAction, match="30 days"):
        _enter(cast.officer, stands=timedelta(days=40))
    first = _enter(cast.officer).entry
    with pytest.raises(DuplicateEntry) as twice:
        _enter(cast.sergeant)
    assert twice.value.entry == first
    assert HotListEntry.objects.count() == EntrySending.objects.count() + 1 == 1


def test_it_is_sent_to_everybody_on_duty_and_each_says_that_it_was_seen(cast: Cast) -> None:
    tour = _on_duty(cast, cast.sergeant)
    own = _on_duty(cast, cast.officer, "Car 7")
    entry = _enter(cast.officer).entry
    assert not lookups.unseen(cast.officer, at=NOW).exists()  # who made it
    assert [(each.lpr, each.member) for each in lookups.unseen(cast.sergeant, at=NOW)] == [(tour.lpr, cast.sergeant)]
    leaf = LedgerEntry.objects.get(subject=f"entry:{entry.pk}")
    assert leaf.content()["details"]["sent_to"] == [own.lpr_id, tour.lpr_id]

    later = NOW + timedelta(minutes=2)
    assert note_seen(footing(cast.officer, at=later), [entry.pk]) == 0
    assert note_seen(footing(cast.sergeant, at=later), [entry.pk]) == 1
    assert note_seen(footing(cast.sergeant, at=later), [entry.pk]) == 0
    assert not lookups.unseen(cast.sergeant, at=later).exists()
    assert LedgerEntry.objects.filter(action="entry_seen").count() == 1


def test_who_has_seen_an_entry_is_told_that_it_is_canceled_until_they_have_seen_that(cast: Cast) -> None:
    for member, car in ((cast.sergeant, "Car 3"), (cast.officer, "Car 7"), (cast.detective, "Car 9")):
        _on_duty(cast, member, car)
    entry = _enter(cast.officer).entry
    note_seen(footing(cast.sergeant, at=NOW), [entry.pk])
    cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="wrong plate")
    told = {who for who in cast.people().values() if lookups.canceled_since(who, at=NOW).exists()}
    assert told == {cast.sergeant}  # the detective had not seen it, and the officer took it off
    assert not lookups.unseen(cast.detective, at=NOW).exists()
    assert not lookups.canceled_since(cast.sergeant, at=entry.expires_at).exists()

    later = footing(cast.sergeant, at=NOW + timedelta(minutes=2))
    assert note_seen(later, [entry.pk]) == 0
    assert lookups.canceled_since(cast.sergeant, at=later.at).get().entry == entry
    assert [note_seen(later, [], canceled=[entry.pk]) for _ in range(2)] == [1, 0]
    assert not lookups.canceled_since(cast.sergeant, at=later.at).exists()
    assert LedgerEntry.objects.filter(action="entry_seen").latest("index").content()["details"] == {
        "entries": [],
        "canceled": [entry.pk],
    }


def test_what_was_canceled_before_that_could_be_noted_as_seen_is_no_news(cast: Cast) -> None:
    _on_duty(cast, cast.sergeant)
    canceled, stands = (_enter(cast.officer, plate=plate).entry for plate in ("ABC1234", "XYZ9876"))
    note_seen(footing(cast.sergeant, at=NOW), [canceled.pk, stands.pk])
    cancel_entry(footing(cast.officer, at=NOW), canceled.pk, reason="wrong plate")
    assert lookups.canceled_since(cast.sergeant, at=NOW).exists()
    migration = import_module("platekeeper.server.hotlist.migrations.0005_cancel_seen").Migration
    with connection.cursor() as cursor:
        for each in migration.operations:
            if isinstance(each, RunSQL):
                cursor.execute(str(each.sql))
    assert not lookups.canceled_since(cast.sergeant, at=NOW).exists()
    assert list(EntrySending.objects.values_list("entry", "cancel_seen_at")) == [(canceled.pk, NOW), (stands.pk, None)]


def test_whom_it_reached_is_known_of_each_lpr_on_duty(cast: Cast) -> None:
    _on_duty(cast, cast.sergeant)
    entry = _enter(cast.officer).entry
    begun = _on_duty(cast, cast.officer, "Car 7")  # begins its tour afterwards
    drive_past(cast, ["XYZ9876"], at=NOW + timedelta(minutes=1))
    note_contacts({begun.lpr_id: None}, kind=Contact.Kind.ALIVE, at=NOW + timedelta(minutes=1))
    car, late, fixed = reach(footing(cast.officer, at=NOW + timedelta(minutes=5)), entry)
    assert (car.lpr.name, car.member, car.sent_at, car.seen_at) == ("Car 3", "Sam Sergeant", NOW, None)
    assert (late.lpr.name, late.sent_at, late.matched_at) == ("Car 7", None, None)  # a sign of life is no read
    assert (fixed.lpr, fixed.member, fixed.matched_at is not None) == (cast.lpr, "", True)


def test_an_lpr_that_reads_without_a_tour_is_named_and_whether_it_has_the_list(cast: Cast) -> None:
    trailer = equipment.add_lpr(name="Trailer 1", kind=LPR.Kind.PORTABLE, zone="UTC", at=NOW - timedelta(days=9))
    parked, heard = patrol_car("Car 3"), patrol_car("Car 7")
    entry = _enter(cast.officer).entry
    for lpr, after in ((parked, -60), (trailer, 2)):
        issued = hotlist.record_upload(
            lpr=lpr, uid="0" * 32, at=NOW + timedelta(minutes=after), expires_at=NOW + timedelta(days=1),
            digest="0" * 64, files={}, policy=(1, "0" * 64),
        )  # fmt: skip
    assert reach(footing(cast.officer, at=NOW + timedelta(minutes=5)), entry)[-1].held_at is None, (
        "issued, and not there"
    )
    hotlist.note_held(issued, at=NOW + timedelta(minutes=3))
    drive_past(replace(cast, lpr=heard), ["XYZ9876"], at=NOW + timedelta(minutes=1))
    found = {each.lpr.name: each for each in reach(footing(cast.officer, at=NOW + timedelta(minutes=5)), entry)}
    assert found.keys() == {cast.lpr.name, "Trailer 1", "Car 7"}  # the car that stands still reads nothing
    assert found["Trailer 1"].held_at == NOW + timedelta(minutes=3)
    assert (found["Car 7"].member, found["Car 7"].matched_at is not None, found["Car 7"].held_at) == ("", True, None)
    equipment.set_in_service(trailer, in_service=False)
    assert "Trailer 1" not in {each.lpr.name for each in reach(footing(cast.officer, at=NOW), entry)}


def test_a_tour_that_ended_is_told_nothing_and_what_ended_is_no_longer_shown(cast: Cast) -> None:
    tour = _on_duty(cast, cast.sergeant)
    entry = _enter(cast.officer, stands=timedelta(hours=4)).entry
    assert not lookups.unseen(cast.sergeant, at=entry.expires_at).exists()
    userlog.end_tour(tour, at=NOW, by=cast.sergeant)
    _enter(cast.officer, "XYZ9876")
    assert EntrySending.objects.count() == 1
