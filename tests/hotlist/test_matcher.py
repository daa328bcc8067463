"""The matcher follows every change of a list, at once."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.hotlists.in_force import Matcher
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.hotlist import matcher
from platekeeper.server.hotlist.changes import move_version
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_alert import cancel_entry, decide_entry
from platekeeper.server.storage.snapshots import SnapshotDamaged
from tests.cast import Cast
from tests.hotlist.making import NOW, ask, deliver, file, line, records, seen

pytestmark = records


def _approve(cast: Cast, entry_id: int) -> None:
    decide_entry(footing(cast.custodian, at=NOW), entry_id, approve=True)


def test_before_the_first_delivery_nothing_matches(cast: Cast) -> None:
    assert seen("ABC1234") == []
    assert current().lists == {}


def test_a_delivered_plate_matches_with_a_copy_of_its_line(cast: Cast) -> None:
    delivery = deliver(file(line("ABC1O34", code="X", color="YEL/BLK")), by=cast.custodian)
    (hit,) = seen("ABC1034", state="NJ")

    assert (hit.key, hit.how, hit.state) == ("portal:NY:ABC1034:X", HowMatched.PLATE, StateAgreement.DIFFERS)
    assert (hit.category, hit.hit_action) == (Category.REGISTRATION, HitAction.CONFIRM_FIRST)
    assert hit.entry["plate"] == "ABC1O34"
    assert (hit.entry["state"], hit.entry["source"], hit.entry["color"]) == ("NY", "portal", "YEL/BLK")
    assert hit.entry["delivery_digest"] == delivery.digest
    assert current().holds(hit.key)
    assert hit.delivered_at == delivery.delivered_at


def test_a_new_delivery_replaces_the_one_before(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    assert seen("ABC1234")
    deliver(file(line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(days=1))
    assert seen("ABC1234") == []
    assert seen("XYZ9876")
    assert not current().holds("portal:NY:ABC1234:V")


def test_without_a_change_the_same_matcher_serves(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    assert current() is current()


def test_an_own_entry_leaves_the_deliverys_index_as_it_is(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    before = current()
    _approve(cast, ask(cast.officer, "XYZ9876").entry.pk)
    assert current() is not before
    assert current().lists["portal"].standing is before.lists["portal"].standing


def test_an_own_entry_matches_from_its_decision_to_its_cancellation(cast: Cast) -> None:
    entry = ask(cast.officer, "XYZ98?6", hit_action=HitAction.OBSERVE).entry
    assert seen("XYZ9876") == []

    _approve(cast, entry.pk)
    (hit,) = seen("XYZ9876")
    assert (hit.key, hit.how, hit.hit_action) == (entry.key, HowMatched.PARTIAL, HitAction.OBSERVE)
    assert (hit.entry["reason"], hit.entry["case_number"]) == ("left the scene of a crash", "26-1182")
    assert hit.entry["expires"] == entry.expires_at.isoformat()

    cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="found")
    assert seen("XYZ9876") == []
    assert not current().holds(entry.key)


def test_an_own_entry_ends_by_itself(cast: Cast) -> None:
    entry = ask(cast.officer, "XYZ9876", lasts=timedelta(hours=1)).entry
    _approve(cast, entry.pk)
    assert seen("XYZ9876", at=NOW + timedelta(minutes=59))
    assert seen("XYZ9876", at=NOW + timedelta(hours=1)) == []


def test_an_own_entry_is_matched_against_as_long_as_a_read_of_its_time_may_arrive(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = ask(cast.officer, "XYZ9876", lasts=timedelta(hours=1)).entry
    _approve(cast, entry.pk)
    move_version(at=NOW + timedelta(days=2000))  # while the clock was ahead
    assert seen("XYZ9876", at=NOW + timedelta(minutes=59))
    for days, is_taken in ((150, True), (200, False)):  # reads are kept for 180
        later = NOW + timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda later=later: later)
        move_version(at=later)
        assert bool(seen("XYZ9876", at=NOW + timedelta(minutes=59))) is is_taken
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.k.ceiling", value="never")
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)
    move_version(at=NOW + timedelta(days=200))
    assert seen("XYZ9876", at=NOW + timedelta(minutes=59))


def test_one_plate_on_both_lists_is_two_matches(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    _approve(cast, ask(cast.officer, "ABC1234").entry.pk)
    assert [hit.key.partition(":")[0] for hit in seen("ABC1234")] == ["own", "portal"]


def test_a_change_that_was_undone_is_not_matched_against(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)

    def undone() -> None:
        with transaction.atomic():
            deliver(file(line("XYZ9876")), by=cast.custodian)
            assert seen("XYZ9876")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert seen("XYZ9876") == []
    _approve(cast, ask(cast.officer, "LMN5555").entry.pk)
    assert seen("XYZ9876") == []
    assert seen("ABC1234")


def test_a_damaged_snapshot_is_loud(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = deliver(file(line("LST0001")), by=cast.custodian)  # in no other test, so that nothing has it indexed
    (settings.HOME.hot_lists / delivery.digest).unlink()
    assert seen("LST0001")  # it lies ready for matching, whole
    shutil.rmtree(settings.HOME.hot_list_indexes)
    move_version(at=NOW)
    monkeypatch.setattr(matcher, "_newest", None)  # as in a process that begins
    with pytest.raises(SnapshotDamaged):
        current()


def test_threads_share_one_matcher(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian)
    assert seen("ABC1234")
    found: list[Matcher] = []

    def ask_for_it() -> None:
        # A thread has a connection of its own, to which this test's transaction does not show: no list, no change.
        found.append(current())
        connection.close()

    threads = [threading.Thread(target=ask_for_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert found[0].version == 0
    assert seen("ABC1234")
