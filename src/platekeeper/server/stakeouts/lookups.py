"""Find stake-outs."""

from __future__ import annotations

from django.db.models import QuerySet

from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import corrections_of
from platekeeper.server.stakeouts.models import Find, StakeOut


def stake_outs() -> QuerySet[StakeOut]:
    """Return every stake-out, newest first."""
    found = StakeOut.objects.select_related("by", "decided_by", "ended_by", "entry")
    return found.prefetch_related(corrections_of("entry__corrections"))


def own(person: Person) -> QuerySet[StakeOut]:
    """Return the stake-outs that a person asked for."""
    return stake_outs().filter(by=person)


def running() -> QuerySet[StakeOut]:
    """Return those that run."""
    return stake_outs().filter(state=StakeOut.State.RUNNING)


def waiting() -> QuerySet[StakeOut]:
    """Return those that wait for approval, the oldest first."""
    return stake_outs().filter(state=StakeOut.State.REQUESTED).order_by("asked_at", "pk")


def finds(stake_out: StakeOut, *, before: int | None, limit: int) -> list[Find]:
    """Return what a stake-out found, the last found first, from before one on."""
    found = stake_out.finds.all()
    return list((found if before is None else found.filter(pk__lt=before))[:limit])
