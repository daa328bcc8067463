"""Who may open the pages about tours of duty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.userlog.changes import begin_tour
from platekeeper.server.userlog.lookups import open_tours
from tests.cast import Cast
from tests.touring import hot_list_on_hand, patrol_car


def _ready(cast: Cast) -> list[Any]:
    if newest_delivery() is None:
        hot_list_on_hand(cast, at=datetime.now(UTC))
        patrol_car()
    return []


def _tour(cast: Cast) -> list[Any]:
    """Return the officer's open tour, or begin another where somebody ended it."""
    _ready(cast)
    running, delivery = open_tours().first(), newest_delivery()
    if running is None and delivery is not None:
        car, at = LPR.objects.get(name="Car 3"), datetime.now(UTC)
        running = begin_tour(
            cast.officer, lpr=car, purpose=Purpose.PATROL, hot_list=delivery, at=at, policy=(1, "0" * 64)
        )
    assert running is not None
    return [running.pk]


ROWS: dict[str, dict[str, Any]] = {
    "tours": {"args": _ready, "allowed": {"officer", "rookie", "sergeant"}},
    "tour_end": {"args": _tour, "method": "post", "allowed": {"officer", "sergeant"}},
}
