"""What a tour of duty needs: a car with an LPR, and the hot list of the day."""

from __future__ import annotations

from datetime import datetime

from platekeeper.server.equipment import changes
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from tests.cast import FOUNDED, Cast
from tests.hotlist.making import deliver, file, line


def patrol_car(name: str = "Car 3") -> LPR:
    """Add a patrol car with a mobile LPR."""
    return changes.add_lpr(name=name, kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)


def hot_list_on_hand(cast: Cast, *, at: datetime) -> HotListDelivery:
    """Deliver the portal's hot list."""
    return deliver(file(line("ABC1234")), by=cast.custodian, at=at)
