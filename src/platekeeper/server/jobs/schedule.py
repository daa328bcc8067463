"""What is scheduled, and how often."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule
from django_q.tasks import async_task

_FAILURES_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Job:
    """Scheduled work: its name, what people read, the minutes between two runs, and whether one may take hours.

    Jobs run one after the other, and those that may take hours beside the others, also one after the other.
    """

    name: str
    label: str | Promise
    minutes: int
    is_long: bool = False

    @property
    def function(self) -> str:
        """Return where the scheduler finds it."""
        return f"platekeeper.server.jobs.work.{self.name}"

    @property
    def between_two(self) -> timedelta:
        """Return the time between two runs."""
        return timedelta(minutes=self.minutes)

    @property
    def queue(self) -> str | None:
        """Return the queue that it waits in; None for the usual one."""
        return settings.LONG_JOBS if self.is_long else None


JOBS = (
    Job("take_hot_lists", _("Take hot lists out of the watched folder"), 1),
    Job("take_alerts", _("Take alert bulletins out of the watched folder"), 1),
    Job("load_handed_in", _("Load hot list files handed in on the page"), 1),
    Job("evaluate_stake_outs", _("Try stake-outs on the reads newly stored"), 1),
    Job("sign_ledger", _("Sign the ledger"), 1),
    Job("mail_checkpoint", _("Mail the ledger's checkpoint to its witnesses"), 60),
    Job("checkpoint_records", _("Checkpoint the records"), 1),
    Job("tell_of_broken_seals", _("Mail the alarm when the sealed account was used"), 1),
    Job("end_temporary_accounts", _("End temporary and unused accounts"), 10),
    Job("back_up_when_due", _("Back up when due"), 15, is_long=True),
    Job("check_backups", _("Check the files of the backups, in a week all of them"), 1_440, is_long=True),
    Job("seal_reads", _("Seal the hours of days that are over"), 30),
    Job("remind", _("Remind of the policy's yearly review"), 720),
    Job("remind_of_uploads", _("Remind of uploads that are overdue"), 60),
    Job("remind_of_user_logs", _("Remind of Daily User Logs that wait"), 60),
    Job("remind_of_upkeep", _("Remind of repairs, care and warranties of LPRs that are due"), 60),
    Job("watch_lprs", _("Watch by its reads whether an LPR went blind or drifts"), 720),
    Job("send_transfers", _("Send routine transfers to other agencies, and take their receipts"), 15),
    Job("draw_queries", _("Draw queries for the weekly review of the Query Log"), 60),
    Job("fetch_lists", _("Fetch hot lists of partners"), 10),
    Job("forget_answers", _("Forget what partners found in queries whose results are closed"), 10),
    Job("dispose", _("Dispose of what is past its time"), 1),
)


ASKED_FOR = (Job("check_ledger", _("Check every leaf of the ledger"), 0, is_long=True),)
"""What nothing but a person makes due."""


def ensure_schedules() -> None:
    """Bring the scheduler's table in line with `JOBS`, while none of them runs.

    What waits in the queue of long jobs, or was cut off there, goes: it comes again by its schedule. So does what a person
    asked for, since a disposal then trusts the clock that they saw, and the one of this start may be wrong. So do old
    failures. A run that is further away than the time between two was reckoned while the clock was wrong: it is due now.
    """
    now = timezone.now()
    for job in JOBS:
        every = {"schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1}
        Schedule.objects.update_or_create(name=job.name, defaults={"func": job.function, "cluster": job.queue, **every})
        Schedule.objects.filter(name=job.name, next_run__gt=now + job.between_two).update(next_run=now)
    Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
    OrmQ.objects.filter(Q(key=settings.LONG_JOBS) | Q(pk__in=[each.pk for each in _asked_for()])).delete()
    Failure.objects.filter(stopped__lt=now - _FAILURES_KEPT).delete()  # the scheduler forgets successes alone


def run_soon(name: str, *asked_by: int) -> None:
    """Let a job run within a second or so, besides its schedule, once those before it in its queue are done.

    Some do for the person who asked, given by number, what nothing makes due yet.
    """
    job = next(job for job in (*JOBS, *ASKED_FOR) if job.name == name)
    async_task(job.function, *asked_by, group=job.name, cluster=job.queue)


def is_asked_for(*names: str) -> bool:
    """Say whether a person asked for one of these jobs, and it did not end yet."""
    return any(queued.group() in names for queued in _asked_for())


def forget_cut_off(*, task: dict[str, Any], **_signal: object) -> None:
    """Take out of a queue what was taken up before a job that begins now: it has ended, or its worker died of it.

    There is one worker a queue. A job that was cut off would else count as under way until the limit of its time.
    """
    with suppress(DatabaseError):  # the next one does it, and this one need not end for it
        own = OrmQ.objects.filter(pk=task.get("ack_id")).first()
        if own is not None:
            OrmQ.objects.filter(key=own.key, lock__gt=timezone.now(), lock__lt=own.lock).delete()


def _asked_for() -> list[OrmQ]:
    """Return what waits, or is under way, for a person: it was given their number."""
    return [queued for queued in OrmQ.objects.all() if queued.args()]
