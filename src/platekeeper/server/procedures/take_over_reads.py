"""Reads in files of the home are taken over into PostgreSQL: after a restore, and where only the records had moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.stores import reads_in_database, reads_left_behind


class NotTakenOver(Exception):
    """A day cannot be taken over; the message says why. Nothing is lost on either side."""


def days_in_files() -> list[date]:
    """Return the days whose reads lie in files although the records are in PostgreSQL, oldest first."""
    return reads_left_behind(settings.HOME).days_with_rows() if connection.vendor == "postgresql" else []


def take_over_reads(*, at: datetime, tell: Callable[[str], None]) -> dict[date, int]:
    """Take over what lies in files, a day after the other; return the reads of each. Can be repeated.

    A day's files go once its reads were counted on both sides. Raises `NotTakenOver`, `WriterBusy` and `StoreUnready`.
    """
    left, taking = reads_left_behind(settings.HOME), reads_in_database()
    counts: dict[date, int] = {}
    with left.writer() as writer:
        waiting = {each.batch: each.received for each in writer.unsettled()}
        for day in days_in_files():
            here, there = left.count(day), taking.count(day)
            if there and here != there:
                raise NotTakenOver(f"There are reads of {day} in files and other ones in the database.")
            if not there:
                taking.take_over(day, left.leaving(day), waiting)
            if taking.count(day) != here:
                raise NotTakenOver(f"The reads of {day} are not the same on both sides.")
            left.give_up(day)
            counts[day] = sum(here.values())
            tell(f"reads of {day}: {counts[day]:,}")
    if counts:
        with transaction.atomic():
            append(
                at=at,
                by=SYSTEM,
                action=Action.READS_TAKEN_OVER,
                clause=Clause.IV_e,
                details={"reads": {day.isoformat(): count for day, count in counts.items()}},
                policy=in_force(at=at).stamp,
            )
    return counts
