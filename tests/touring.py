"""What a tour of duty needs: a car with an LPR, and the hot list of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from platekeeper.core.rules.tours import Phase, Purpose
from platekeeper.server.equipment import changes
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.run_tour import IN_ORDER, begin_tour, end_tour
from platekeeper.server.userlog.models import Tour
from tests.cast import FOUNDED, Cast
from tests.hotlist.making import deliver, file, line


def patrol_car(name: str = "Car 3") -> LPR:
    """Add a patrol car with a mobile LPR, unless there is one of that name."""
    there = LPR.objects.filter(name=name).first()
    return there or changes.add_lpr(name=name, kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)


def begin(by: Footing, lpr: LPR, purpose: str = Purpose.PATROL, **more: Any) -> Tour:
    """Begin a tour with everything in order, unless more is said."""
    given: dict[str, Any] = {"answers": IN_ORDER[Phase.BEGIN]}
    return begin_tour(by, lpr=lpr, purpose=purpose, **(given | more))


def end(by: Footing, tour: Tour, **more: Any) -> None:
    """End a tour with everything in order, unless more is said."""
    given: dict[str, Any] = {"answers": IN_ORDER[Phase.END]}
    end_tour(by, tour, **(given | more))


def hot_list_on_hand(cast: Cast, *, at: datetime) -> HotListDelivery:
    """Deliver the portal's hot list."""
    return deliver(file(line("ABC1234")), by=cast.custodian, at=at)
