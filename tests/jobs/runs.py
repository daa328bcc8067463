"""Runs of jobs, as the scheduler keeps them."""

from __future__ import annotations

from datetime import datetime

from django.utils.module_loading import import_string
from django_q.models import OrmQ, Task


def ended(name: str, result: str, *, at: datetime, success: bool = True) -> Task:
    """Keep a run of a job that ended at a moment."""
    return Task.objects.create(
        id=f"{name}{Task.objects.count()}", name=name, func=name, group=name, success=success, result=result,
        started=at, stopped=at,
    )  # fmt: skip


def run_what_waits() -> list[str]:
    """Run what waits in the queues, as the jobs process would; return what each said."""
    said = []
    for waiting in OrmQ.objects.order_by("pk"):
        waiting.delete()
        said.append(import_string(waiting.task["func"])(*waiting.args()))
    return said
