"""Runs of jobs, as the scheduler keeps them."""

from __future__ import annotations

from datetime import datetime

from django_q.models import Task


def ended(name: str, result: str, *, at: datetime, success: bool = True) -> Task:
    """Keep a run of a job that ended at a moment."""
    return Task.objects.create(
        id=f"{name}{Task.objects.count()}", name=name, func=name, group=name, success=success, result=result,
        started=at, stopped=at,
    )  # fmt: skip
