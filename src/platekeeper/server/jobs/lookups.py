"""Whether scheduled work is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_q.models import Schedule, Task

from platekeeper.server.jobs.schedule import JOBS, Job

_PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class JobStanding:
    """One job: when it ran last, what came of it, and whether it is overdue."""

    job: Job
    ended_at: datetime | None
    succeeded: bool
    result: str
    due_at: datetime | None
    is_overdue: bool

    @property
    def waits(self) -> bool:
        """Say whether it did not do all that was due, and says for whom it waits."""
        return self.succeeded and self.result.startswith("WAITS: ")


def standing(*, at: datetime) -> list[JobStanding]:
    """Return every job in the order of the schedule; one that was never scheduled is overdue.

    So is one whose next run is further away than the time between two: the clock was set back meanwhile.
    """
    found = []
    for job in JOBS:
        task = Task.objects.filter(group=job.name, stopped__lte=at).order_by("-stopped").first()
        due = Schedule.objects.filter(name=job.name).values_list("next_run", flat=True).first()
        late = due is None or not due - job.between_two - _PATIENCE <= at <= due + _PATIENCE
        found.append(
            JobStanding(
                job=job,
                ended_at=task.stopped if task else None,
                succeeded=bool(task and task.success),
                result=str(task.result)[:200] if task else "",
                due_at=due,
                is_overdue=late,
            )
        )
    return found
