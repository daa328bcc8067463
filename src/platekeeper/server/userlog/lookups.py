"""Find tours of duty."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from platekeeper.server.personnel.models import Person
from platekeeper.server.userlog.models import Tour


def tours() -> QuerySet[Tour]:
    """Return every tour, newest first."""
    return Tour.objects.select_related("member", "lpr", "hot_list", "ended_by")


def open_tours() -> QuerySet[Tour]:
    """Return the tours that have not ended: at most one a member and one an LPR."""
    return tours().filter(ended_at=None)


def tours_with(lpr_id: int, *, at: datetime) -> QuerySet[Tour]:
    """Return the tours that have ended by now and in which an LPR was used at a moment."""
    return tours().filter(lpr=lpr_id, begun_at__lte=at, ended_at__gte=at)


def tours_of(member: Person) -> QuerySet[Tour]:
    """Return a member's tours, newest first."""
    return tours().filter(member=member)
