"""The recovery key is made once, proved by its holders, and backups are drilled with it (VI.m)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pytest_django import Settings

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.back_up import back_up
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.drill_backups import check_backups, drill_restore, remove_unencrypted
from platekeeper.server.procedures.keep_recovery_key import key_in_use, key_waiting, make_recovery_key, prove
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store, recovery_lock
from platekeeper.server.storage.backups import RecoveryKey, copies_in
from tests.cast import Cast
from tests.recovery import KEY, give_recovery_key

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
HOLDERS = ["Chester Chief", "Carla Custodian", "the county clerk"]


def test_a_key_is_in_use_once_its_shares_have_given_it(cast: Cast) -> None:
    by = footing(cast.custodian, at=NOW)
    shares = make_recovery_key(at=NOW, by=by, needed=2, holders=HOLDERS)
    assert [len(share.split()) for share in shares] == [33, 33, 33]
    assert key_in_use() is None
    made = key_waiting()
    assert made is not None and made.holders == HOLDERS
    assert not prove(shares[:1], at=NOW, by=by).passed
    assert not prove([shares[0], "thirty three other words"], at=NOW, by=by).passed
    assert key_in_use() is None
    assert prove([f"  {shares[2].upper()}", shares[0]], at=NOW, by=by).passed
    assert (key_in_use(), key_waiting()) == (made, None)
    assert prove(shares, at=NOW, by=by).passed  # again, as a drill, and by all
    told = LedgerEntry.objects.filter(action__startswith="recovery_key")
    assert list(told.order_by("index").values_list("outcome", flat=True)) == [
        "done",
        "failed",
        "failed",
        "done",
        "done",
    ]
    # One word of a share can stand in an entry by chance, within another word; two of them side by side cannot.
    pairs = {" ".join(pair) for share in shares for pair in pairwise(share.split())}
    assert not any(pair in bytes(entry.body).decode() for entry in told for pair in pairs)


@pytest.mark.parametrize(
    ("needed", "holders"),
    [(1, HOLDERS), (4, HOLDERS), (2, ["A", "A"]), (2, ["A", ""]), (2, [str(n) for n in range(17)])],
)
def test_a_key_that_one_person_or_nobody_could_use_is_refused(cast: Cast, needed: int, holders: list[str]) -> None:
    with pytest.raises(RefusedAction):
        make_recovery_key(at=NOW, needed=needed, holders=holders)
    assert key_waiting() is None


def test_only_who_keeps_backups_makes_and_proves_a_key(cast: Cast) -> None:
    for act in (
        lambda by: make_recovery_key(at=NOW, by=by, needed=2, holders=HOLDERS),
        lambda by: prove(["x"], at=NOW, by=by),
        lambda by: remove_unencrypted(at=NOW, by=by),
    ):
        with pytest.raises(RefusedAction):
            act(footing(cast.officer, at=NOW))


def test_a_key_that_replaces_another_takes_over_at_the_next_backup(cast: Cast, settings: Settings) -> None:
    give_recovery_key()
    back_up(at=NOW)
    shares = make_recovery_key(at=NOW, needed=2, holders=HOLDERS)
    back_up(at=NOW)
    assert [each.name for each in copies_in(settings.HOME.backups)] == [KEY.lock.fingerprint]
    prove(shares[:2], at=NOW)
    back_up(at=NOW)
    assert [each.name for each in copies_in(settings.HOME.backups)] == [RecoveryKey.joined(shares[1:]).lock.fingerprint]


def test_a_backup_is_restored_as_a_drill_and_leaves_nothing_behind(cast: Cast, settings: Settings) -> None:
    give_recovery_key()
    _receive(cast)
    back_up(at=NOW)
    drill = drill_restore(KEY, at=NOW, target=settings.HOME.backups)
    assert drill.passed, drill.said
    assert f"1 of 1 reads of {NOW.date()}" in drill.said
    assert not settings.HOME.drill.exists()
    read_store().dispose(NOW.date())
    assert not drill_restore(KEY, at=NOW, target=settings.HOME.backups).passed
    assert not drill_restore(RecoveryKey.make(), at=NOW, target=settings.HOME.backups).passed
    standing = backup_standing(footing(cast.custodian, at=NOW).policy, at=NOW + timedelta(days=93))
    assert (standing.due, standing.restore_due, standing.drills[0].passed) == (1, True, False)


def test_a_damaged_backup_is_found_by_the_check(cast: Cast, settings: Settings) -> None:
    assert check_backups(at=NOW) == []
    give_recovery_key()
    back_up(at=NOW)
    assert [drill.passed for drill in check_backups(at=NOW)] == [True]
    next(settings.HOME.backups.glob(f"*/records/{32 * '?'}")).write_bytes(b"")
    (drill,) = check_backups(at=NOW + timedelta(days=3))
    assert (drill.passed, drill.said) == (False, "records: a file changed since it was backed up")
    assert LedgerEntry.objects.filter(action="backup_drilled", outcome="failed").count() == 1


def test_an_unencrypted_backup_goes_on_request_once_an_encrypted_one_is_there(cast: Cast, settings: Settings) -> None:
    old, line = settings.HOME.backups, '{"version": 1, "files": {"a/b": {"stored": "a/b.0123456789abcdef"}}}'
    (old / "a").mkdir(parents=True)
    (old / "a" / "b.0123456789abcdef").write_text("plain")
    (old / "MANIFEST.json").write_text(line)
    give_recovery_key()
    assert remove_unencrypted(at=NOW) == 0
    back_up(at=NOW)
    assert (old / "MANIFEST.json").exists()
    assert remove_unencrypted(at=NOW) == 1
    assert {each.name for each in old.iterdir()} == {"backup.lock", KEY.lock.fingerprint}
    told = LedgerEntry.objects.filter(action="backup_removed").order_by("index")
    assert [leaf.outcome for leaf in told] == ["begun", "done"]


def _receive(cast: Cast) -> None:
    assert recovery_lock() is not None
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    read = ParsedRead(raw_plate="ABC1234", captured_at=NOW)
    intake.take([Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=NOW)])
    intake.close()
