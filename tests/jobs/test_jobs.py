"""Scheduled work: each job does its procedure's work, and the page says when one is not alive."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q import monitor
from django_q.models import OrmQ, Schedule, Task
from django_q.signals import pre_execute
from pytest_django import Settings

from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.jobs import health, work
from platekeeper.server.jobs.lookups import standing
from platekeeper.server.jobs.schedule import JOBS, ensure_schedules, is_asked_for, run_soon
from platekeeper.server.personnel.models import Person
from platekeeper.server.retention.models import Backup
from platekeeper.server.storage.checkpoint import checkpoint
from platekeeper.server.storage.home import Home
from tests.cast import assemble
from tests.hotlist.making import file, line
from tests.jobs.runs import ended
from tests.recovery import give_recovery_key

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AT = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    settings.HOME = made
    made.found()
    assemble()
    return made


def test_every_job_is_scheduled_once_and_old_ones_go() -> None:
    Schedule.objects.create(name="gone", func="platekeeper.server.jobs.work.gone")
    ensure_schedules()
    ensure_schedules()
    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(job.name for job in JOBS)
    assert all(hasattr(work, job.name) for job in JOBS)
    long = Schedule.objects.filter(cluster=settings.LONG_JOBS).values_list("name", flat=True)
    assert sorted(long) == ["back_up_when_due", "check_backups"]
    assert set(Schedule.objects.exclude(name__in=long).values_list("cluster", flat=True)) == {None}


def test_what_was_cut_off_or_waits_in_the_queue_of_long_jobs_goes_at_the_next_start() -> None:
    run_soon("back_up_when_due")
    run_soon("dispose")
    ensure_schedules()
    assert list(OrmQ.objects.values_list("key", flat=True)) == ["platekeeper"]


def test_what_a_person_asked_for_is_forgotten_at_the_next_start() -> None:
    """A disposal that a person asked for trusts the clock that they saw, and this start's may be another."""
    custodian = Person.objects.get(username="custodian").pk
    run_soon("dispose", custodian)
    run_soon("check_ledger", custodian)
    run_soon("load_handed_in")
    assert is_asked_for("dispose") and is_asked_for("check_ledger")
    ensure_schedules()
    assert [queued.group() for queued in OrmQ.objects.all()] == ["load_handed_in"]


def _taken_up(name: str, *asked_by: int) -> OrmQ:
    """Return a job that the jobs process took out of its queue."""
    run_soon(name, *asked_by)
    taken = OrmQ.objects.latest("pk")
    taken.lock = timezone.now() + timedelta(days=365)
    taken.save()
    return taken


def test_a_job_whose_worker_died_counts_as_under_way_until_the_next_one_begins() -> None:
    custodian = Person.objects.get(username="custodian").pk
    _taken_up("check_ledger", custodian)
    backup, after = _taken_up("back_up_when_due"), _taken_up("check_backups")
    other = _taken_up("dispose", custodian)
    run_soon("check_ledger", custodian)
    waiting = OrmQ.objects.latest("pk")
    pre_execute.send(sender="django_q", func=print, task={"ack_id": backup.pk})
    assert list(OrmQ.objects.order_by("pk")) == [backup, after, other, waiting]


def _ended(job: str, number: int, *, at: datetime, success: bool = True) -> dict[str, object]:
    ended = {
        "id": f"{job}-{number}",
        "name": f"{job}-{number}",
        "func": "print",
        "group": job,
        "args": (),
        "kwargs": {},
    }
    return {**ended, "started": at, "stopped": at, "result": None, "success": success, "sync": True}


def test_a_rare_job_keeps_its_last_success_beside_those_of_every_minute() -> None:
    monitor.save_task(_ended("remind", 0, at=AT - timedelta(days=1), success=False), None)
    monitor.save_task(_ended("remind", 1, at=AT), None)
    for minute in range(60):
        monitor.save_task(_ended("dispose", minute, at=AT + timedelta(minutes=minute)), None)
    assert Task.objects.filter(group="dispose").count() == 20
    [remind] = [each for each in standing(at=AT) if each.job.name == "remind"]
    assert (remind.ended_at, remind.succeeded) == (AT, True)


def test_failures_are_kept_for_a_year() -> None:
    now = timezone.now()
    for number, days in enumerate((400, 300)):
        monitor.save_task(_ended("dispose", number, at=now - timedelta(days=days), success=False), None)
    ensure_schedules()
    assert list(Task.objects.values_list("name", flat=True)) == ["dispose-1"]


def test_a_job_that_never_was_scheduled_is_overdue() -> None:
    assert all(job.is_overdue for job in standing(at=AT))


def test_a_job_is_overdue_once_its_time_is_well_past() -> None:
    ensure_schedules()
    Schedule.objects.update(next_run=AT)
    assert not any(job.is_overdue for job in standing(at=AT + timedelta(minutes=4)))
    assert all(job.is_overdue for job in standing(at=AT + timedelta(minutes=6)))


def test_after_a_clock_that_was_ahead_is_set_back_no_job_waits_until_then() -> None:
    ensure_schedules()
    Schedule.objects.update(next_run=timezone.now() + timedelta(days=365))
    assert all(job.is_overdue for job in standing(at=timezone.now()))
    ensure_schedules()
    assert Schedule.objects.filter(next_run__lte=timezone.now()).count() == len(JOBS)
    assert not any(job.is_overdue for job in standing(at=timezone.now()))


def test_the_newest_result_is_shown_in_words() -> None:
    for number, (success, result) in enumerate([(False, "disk full"), (True, "2 days disposed of")]):
        ended("dispose", result, at=AT + timedelta(minutes=number), success=success)
    [dispose] = [job for job in standing(at=AT + timedelta(minutes=1)) if job.job.name == "dispose"]
    assert (dispose.succeeded, dispose.result) == (True, "2 days disposed of")


def test_a_backup_is_made_when_due_and_not_before() -> None:
    assert work.back_up_when_due() == "NOT MADE: there is no recovery key yet"
    give_recovery_key()
    assert work.back_up_when_due().endswith("files backed up")
    assert work.back_up_when_due() == "not due"
    assert Backup.objects.count() == 1
    assert work.check_backups() == "1 backups are whole"


def test_a_backup_of_a_time_still_to_come_keeps_none_from_being_made() -> None:
    give_recovery_key()
    work.back_up_when_due()
    Backup.objects.update(begun_at=timezone.now() + timedelta(days=365))
    assert work.back_up_when_due().endswith("files backed up")
    assert health.facts(at=timezone.now()).backup_at == Backup.objects.earliest("begun_at").begun_at


def test_files_are_taken_out_of_the_watched_folder(home: Home) -> None:
    assert work.take_hot_lists() == "0 files taken"
    arrived = home.inbox / "LPRinfo.txt"
    arrived.write_bytes(file(line("ABC1234")))
    os.utime(arrived, (time.time() - 60,) * 2)  # a file is taken once it has stopped growing
    assert work.take_hot_lists() == "1 files taken"
    assert HotListDelivery.objects.get().lines == 1


def test_temporary_accounts_end() -> None:
    Person.objects.update(last_login=timezone.now())
    Person.objects.filter(username="temp").update(ends_at=timezone.now() - timedelta(minutes=1))
    assert work.end_temporary_accounts() == "1 accounts ended"
    assert not Person.objects.get(username="temp").is_active


@pytest.mark.parametrize("vouched", [False, None, True])
def test_many_accounts_end_at_once_where_a_time_service_sets_the_clock(
    monkeypatch: pytest.MonkeyPatch, vouched: bool | None
) -> None:
    Person.objects.update(last_login=timezone.now() - timedelta(days=91), added_at=timezone.now() - timedelta(days=91))
    monkeypatch.setattr(work, "clock_synchronised", lambda: vouched)
    said, active = work.end_temporary_accounts(), Person.objects.filter(is_active=True).count()
    if vouched:
        assert (said.endswith("accounts ended"), active) == (True, 1)
    else:
        assert (said.startswith("WAITS: "), active > 5) == (True, True)


def test_a_few_accounts_end_whatever_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "clock_synchronised", lambda: None)
    Person.objects.update(last_login=timezone.now())
    Person.objects.filter(username__in=["officer", "temp"]).update(
        last_login=timezone.now() - timedelta(days=91), added_at=timezone.now() - timedelta(days=91)
    )
    assert work.end_temporary_accounts() == "2 accounts ended"


def test_a_job_that_waits_for_somebody_is_told_of() -> None:
    ensure_schedules()
    Schedule.objects.update(next_run=AT)
    ended("dispose", "WAITS: 3 days", at=AT)
    assert [each.job.name for each in standing(at=AT) if each.waits] == ["dispose"]


def test_sessions_whose_time_is_over_are_forgotten() -> None:
    person = Person.objects.get(username="chief")
    for key, hours in (("now", 1), ("over", -1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours))
        UserSession.objects.create(user=person, session_key=key, ip="127.0.0.1")
    UserSession.objects.create(user=person, session_key="of before", ip="127.0.0.1")
    work.end_temporary_accounts()
    keys = [list(model.objects.values_list("session_key", flat=True)) for model in (Session, UserSession)]
    assert keys == [["now"], ["now"]]


def test_nothing_to_dispose_of_is_said() -> None:
    assert work.dispose() == "0 disposals"


def test_a_checkpoint_moves_the_log_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE t (n)")
        writer.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5000)])
        writer.commit()
        assert checkpoint(path)
        alone = tmp_path / "alone.sqlite3"
        alone.write_bytes(path.read_bytes())  # the file without its log
        with closing(sqlite3.connect(alone)) as reader:
            assert reader.execute("SELECT count(*) FROM t").fetchone() == (5000,)
