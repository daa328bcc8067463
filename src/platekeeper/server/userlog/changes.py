"""The only writer of tours of duty."""

from __future__ import annotations

from datetime import datetime

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.personnel.models import Person
from platekeeper.server.userlog.models import Tour


def begin_tour(
    member: Person, *, lpr: LPR, purpose: Purpose, hot_list: HotListDelivery, at: datetime, policy: tuple[int, str]
) -> Tour:
    """Begin a tour. Raises IntegrityError while the member or the LPR is on an open one."""
    return Tour.objects.create(
        member=member, lpr=lpr, purpose=purpose.value, hot_list=hot_list, begun_at=at,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def end_tour(tour: Tour, *, at: datetime, by: Person) -> bool:
    """End a tour; False when it had ended already."""
    ended = Tour.objects.filter(pk=tour.pk, ended_at=None).update(ended_at=at, ended_by=by)
    tour.refresh_from_db()
    return bool(ended)
