"""Stored data has an end (VI.k), and a copy that has the same end (VI.m)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.ledger.lookups import last_checkpoint
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.back_up import back_up, back_up_everywhere, forget_in_backups, record_destroyed
from platekeeper.server.procedures.backup_folders import is_within_reach
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.drill_backups import check_backups
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.retention.changes import begin_backup, begin_disposal, end_backup
from platekeeper.server.retention.lookups import backups_due, targets
from platekeeper.server.retention.models import Backup, Disposal
from platekeeper.server.storage import backups
from platekeeper.server.storage.backups import days_in, make_ready, verify
from tests.cast import Cast
from tests.recovery import KEY, give_recovery_key

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=182)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    give_recovery_key()
    _take_in_a_read(cast)
    return cast


def _take_in_a_read(cast: Cast) -> None:
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    read = ParsedRead(raw_plate="ABC1234", captured_at=NOW)
    intake.take([Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=NOW)])
    intake.close()


def test_a_backup_disk_that_hangs_holds_up_no_writer(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    around, within = len(connection.savepoint_ids), list[int]()

    def looks(place: Path) -> None:
        within.append(len(connection.savepoint_ids) - around)
        make_ready(place)

    monkeypatch.setattr(backups, "make_ready", looks)
    back_up(at=NOW, target=tmp_path / "away")
    assert within and set(within) == {0}


def test_a_day_within_its_time_stays(cast: Cast) -> None:
    assert dispose_lpr_data(at=NOW + timedelta(days=180)) == []
    assert read_store().days() == [NOW.date()]


def test_a_day_past_its_time_goes_with_intent_and_outcome_in_the_ledger(cast: Cast) -> None:
    (disposal,) = dispose_lpr_data(at=LATER)
    assert read_store().days() == []
    assert disposal.counts == {str(cast.lpr.pk): 1}
    actions = list(LedgerEntry.objects.filter(clause="VI.k").order_by("index").values_list("action", flat=True))
    assert actions == ["disposal_begun", "disposal_completed"]
    signed = last_checkpoint()
    assert signed is not None
    assert signed.size == LedgerEntry.objects.count()
    assert dispose_lpr_data(at=LATER) == []


def test_a_disposal_that_was_cut_off_is_finished(cast: Cast) -> None:
    begin_disposal(day=NOW.date(), at=LATER, policy=(1, "0" * 64))
    dispose_lpr_data(at=LATER)
    assert Disposal.objects.get().completed_at == LATER
    assert read_store().days() == []


def test_only_the_managing_position_disposes_by_hand(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        dispose_lpr_data(at=LATER, by=footing(cast.officer, at=LATER))
    assert read_store().days() == [NOW.date()]


def test_a_backup_is_whole_and_forgets_a_disposed_day(cast: Cast, settings: Settings) -> None:
    policy = footing(cast.custodian, at=NOW).policy
    folders = [settings.HOME.backups]
    assert backups_due(policy, at=NOW, folders=folders) == folders
    made = back_up(at=NOW, by=footing(cast.custodian, at=NOW))
    assert made.completed_at and made.files >= 2
    assert verify(settings.HOME.backups, KEY.lock) == []
    assert backups_due(policy, at=NOW + timedelta(hours=23), folders=folders) == []
    assert backups_due(policy, at=NOW + timedelta(hours=24), folders=folders) == folders

    dispose_lpr_data(at=LATER)
    assert not list(settings.HOME.backups.rglob(f"*{NOW.date().isoformat()}*"))
    assert verify(settings.HOME.backups, KEY.lock) == []


def test_a_backup_that_cannot_be_reached_is_named_and_forgets_the_day_at_its_next_run(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    vault, away = tmp_path / "vault", tmp_path / "away"
    vault.mkdir()
    settings.BACKUP_FOLDERS = [settings.HOME.backups, vault]
    assert len(back_up_everywhere(at=NOW)) == 2
    vault.rename(away)
    settings.BACKUP_FOLDERS += [tmp_path / ("x" * 300)]  # the system does not even look: so it is with a lost mount
    dispose_lpr_data(at=LATER)
    settings.BACKUP_FOLDERS.pop()
    assert LedgerEntry.objects.get(action="disposal_completed").content()["details"]["backups_out_of_reach"] == 1
    assert [made.target for made in back_up_everywhere(at=LATER)] == [str(settings.HOME.backups)]
    assert not vault.exists()  # nothing is written where a disk is missing
    away.rename(vault)
    back_up_everywhere(at=LATER)
    assert NOW.date().isoformat() not in next(vault.glob("*/KEYRING")).read_text()


def test_the_mount_point_of_a_disk_that_is_away_is_no_backup_folder(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    vault, away, new = tmp_path / "vault", tmp_path / "away", tmp_path / "new"
    vault.mkdir()
    settings.BACKUP_FOLDERS = [vault]
    back_up_everywhere(at=NOW)
    vault.rename(away)
    vault.mkdir()
    dispose_lpr_data(at=LATER)
    assert LedgerEntry.objects.get(action="disposal_completed").content()["details"]["backups_out_of_reach"] == 1
    assert back_up_everywhere(at=LATER) == [] and not list(vault.iterdir())
    vault.rmdir()
    away.rename(vault)
    dispose_lpr_data(at=LATER)
    assert NOW.date().isoformat() not in next(vault.glob("*/KEYRING")).read_text()

    settings.BACKUP_FOLDERS = [new]
    new.write_text("a file")
    with pytest.raises(OSError):
        back_up(at=LATER, target=new)
    new.unlink()
    new.mkdir()
    forget_in_backups(NOW.date())
    assert not list(new.iterdir())  # a disposal before its first backup makes it none
    assert len(back_up_everywhere(at=LATER)) == 1  # a run that failed there left nothing to be missed


def test_where_a_run_began_the_folder_may_hold_a_day_though_the_run_failed_or_only_waited(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    settings.BACKUP_FOLDERS = [vault]
    make_ready(vault)
    begun = begin_backup(at=NOW, by=0, target=str(vault), reached=True, policy=(1, "0" * 64))
    assert is_within_reach(vault)  # while it waits for another run, and after it was killed then
    end_backup(begun, at=None, failure="The disk is full.")
    assert is_within_reach(vault)
    vault.rename(tmp_path / "away")
    vault.mkdir()  # its mount point
    dispose_lpr_data(at=LATER)
    assert LedgerEntry.objects.get(action="disposal_completed").content()["details"]["backups_out_of_reach"] == 1


def test_a_folder_that_was_destroyed_is_looked_for_no_more_and_may_begin_anew(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    settings.BACKUP_FOLDERS = [vault]
    back_up_everywhere(at=NOW)
    keeper, officer = (footing(each, at=LATER) for each in (cast.custodian, cast.officer))
    for by, folder, why in (
        (officer, vault, "LPR Data Custodian"), (keeper, vault, "within reach"), (keeper, tmp_path, "No backup"),
    ):  # fmt: skip
        with pytest.raises(RefusedAction, match=why):
            record_destroyed(by, folder, how="shredded")
    vault.rename(tmp_path / "shredder")
    with pytest.raises(RefusedAction, match="Say how"):
        record_destroyed(keeper, vault, how=" ")
    record_destroyed(keeper, vault, how="shredded by the county")
    leaf = LedgerEntry.objects.get(action="backup_destroyed", outcome="done")
    assert {each.field for each in leaf.openings.all()} >= {"folder", "how"}

    vault.mkdir()  # the new disk, in the old one's place
    dispose_lpr_data(at=LATER)
    assert LedgerEntry.objects.get(action="disposal_completed").content()["details"]["backups_out_of_reach"] == 0
    assert len(back_up_everywhere(at=LATER)) == 1 and targets() == [vault]


def test_a_day_left_in_a_backup_is_forgotten_by_the_next_disposal_unless_it_is_stored_anew(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    back_up(at=NOW)
    settings.HOME.backups.rename(tmp_path / "away")
    dispose_lpr_data(at=LATER)
    (tmp_path / "away").rename(settings.HOME.backups)
    _take_in_a_read(cast)
    dispose_lpr_data(at=NOW)
    assert days_in(settings.HOME.backups) == {NOW.date()}
    read_store().dispose(NOW.date())
    dispose_lpr_data(at=NOW)
    assert days_in(settings.HOME.backups) == set()
    assert NOW.date().isoformat() not in next(settings.HOME.backups.glob("*/KEYRING")).read_text()
    assert verify(settings.HOME.backups, KEY.lock) == []


def test_a_damaged_backup_does_not_keep_a_day_from_its_end(cast: Cast, settings: Settings) -> None:
    back_up(at=NOW)
    next(settings.HOME.backups.glob("*/KEYRING")).write_text("nothing that we wrote")
    dispose_lpr_data(at=LATER)
    assert read_store().days() == []
    assert LedgerEntry.objects.get(action="disposal_completed").content()["details"]["backups_out_of_reach"] == 1


def test_no_backup_is_made_without_a_recovery_key(cast: Cast, settings: Settings) -> None:
    settings.HOME.recovery_lock.unlink()
    for by in (None, footing(cast.custodian, at=NOW)):
        with pytest.raises(RefusedAction, match="recovery key first"):
            back_up(at=NOW, by=by)
    assert not settings.HOME.backups.exists()


def test_a_failed_backup_is_recorded(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("a file")
    with pytest.raises(OSError):
        back_up(at=NOW, target=tmp_path / "in-the-way" / "backup")
    assert LedgerEntry.objects.filter(action="backup_failed").exists()


def test_a_backup_that_is_cut_off_is_recorded(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as ending:
        ending.setattr(os, "fsync", ends)
        with pytest.raises(SystemExit):
            back_up(at=NOW)
    assert Backup.objects.get().failure == "It was cut off (SystemExit)."
    assert (
        LedgerEntry.objects.get(action="backup_failed").content()["details"]["reason"] == "It was cut off (SystemExit)."
    )


def test_a_first_backup_that_is_not_finished_is_not_checked(cast: Cast, settings: Settings) -> None:
    in_the_way = settings.HOME.backups / KEY.lock.fingerprint / "UNFINISHED"
    in_the_way.mkdir(parents=True)
    with pytest.raises(OSError):
        back_up(at=NOW)
    assert check_backups(at=NOW) == []
    in_the_way.rmdir()
    back_up(at=NOW)
    assert [drill.passed for drill in check_backups(at=NOW)] == [True]
