"""Run as `python -m tests.jobs.queueing`, in a home of its own: a department whose jobs are told to run at once."""

from __future__ import annotations

import django


def found() -> None:
    """Found the cast's department, and let a backup and a disposal run soon, in that order."""
    from django.conf import settings
    from django.db import transaction

    from platekeeper.server.jobs.schedule import ensure_schedules, run_soon
    from tests.cast import assemble
    from tests.recovery import give_recovery_key
    from tests.tables import make_tables

    settings.HOME.found()
    make_tables()
    with transaction.atomic():
        assemble()
        give_recovery_key()
    ensure_schedules()
    run_soon("back_up_when_due")
    run_soon("dispose")


if __name__ == "__main__":
    django.setup()
    found()
