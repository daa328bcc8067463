"""Who may open the pages about tours of duty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.fill_user_log import content_of, frozen
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.userlog import changes
from platekeeper.server.userlog.lookups import logs, open_tours, unfinished_logs
from platekeeper.server.userlog.models import TourOverride
from tests.cast import Cast
from tests.touring import hot_list_on_hand, patrol_car

_STAMP = (1, "0" * 64)


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
        running = changes.begin_tour(
            cast.officer, lpr=car, purpose=Purpose.PATROL, hot_list=delivery, at=at, policy=_STAMP
        )
    assert running is not None
    return [running.pk]


def _log(cast: Cast) -> list[Any]:
    """Return a log of the officer's whose tour has ended."""
    _ready(cast)
    waiting = [log for log in unfinished_logs() if log.member == cast.officer and log.revisions.first() is None]
    for log in waiting:
        for tour in log.tours.filter(ended_at=None):
            changes.end_tour(tour, at=datetime.now(UTC), by=cast.officer)
    if not waiting:
        _tour(cast)
        return _log(cast)
    return [waiting[0].pk]


def _forwarded(cast: Cast) -> list[Any]:
    """Return a log of the officer's that was forwarded."""
    [number] = _log(cast)
    log, at = logs().get(pk=number), datetime.now(UTC)
    changes.forward(log, content=frozen(content_of(log, at=at)), remark="", at=at, by=cast.officer, policy=_STAMP)
    return [number]


def _case(cast: Cast) -> dict[str, str]:
    """Name a case of its own each time."""
    number = f"26-{CaseFile.objects.count() + 500}"
    open_case(
        footing(cast.officer, at=datetime.now(UTC)), number=number, title="x", offense_class="felony", is_felony=True
    )
    return {"number": number}


def _stale(cast: Cast) -> list[Any]:
    """Let the hot list be of yesterday, and nobody wait for an override."""
    _ready(cast)
    HotListDelivery.objects.update(delivered_at=datetime.now(UTC) - timedelta(days=2))
    waiting = TourOverride.objects.filter(granted=None)
    waiting.update(granted=False, decided_at=datetime.now(UTC), decided_by=cast.sergeant)
    return []


def _asked(cast: Cast) -> list[Any]:
    """Return an override that the officer asked for."""
    _stale(cast)
    asked = changes.ask_override(
        cast.officer, clause="V.a", refusal="stale", why="a pursuit", at=datetime.now(UTC), policy=_STAMP
    )
    return [asked.pk]


def _why(cast: Cast) -> dict[str, Any]:
    return {"lpr": LPR.objects.get(name="Car 3").pk, "why": "a pursuit"}


_PARKED = {"damage": "yes", "parked": "yes"}
_CHECKERS = {"officer", "sergeant"}
_READERS = {"auditor", *_CHECKERS}


def _arrest(cast: Cast) -> list[Any]:
    """Return a log of the officer's, and an arrest that it names."""
    [number] = _log(cast)
    case = CaseFile.objects.get(number=_case(cast)["number"])
    arrest = changes.name_arrest(logs().get(pk=number), case=case, at=datetime.now(UTC), by=cast.officer)
    return [number, arrest.pk]


ROWS: dict[str, dict[str, Any]] = {
    "tours": {"args": _ready, "allowed": {"officer", "rookie", "sergeant"}},
    "tour_end": {"args": _tour, "method": "post", "allowed": {"officer", "sergeant"}, "data": _PARKED},
    "tour_override": {"method": "post", "args": _stale, "allowed": {"officer", "sergeant"}, "data": _why},
    "tours_today": {"args": _ready, "allowed": {"sergeant"}},
    "tour_override_decide": {
        "method": "post",
        "args": _asked,
        "allowed": {"sergeant"},
        "data": {"grant": "1", "reason": "the portal is down"},
    },
    "user_logs": {"allowed": {"rookie", *_READERS}},
    "user_log": {"args": _log, "allowed": _READERS},
    "user_log_forward": {"args": _log, "method": "post", "allowed": _CHECKERS, "data": {"remark": "away"}},
    "user_log_check": {"args": _forwarded, "method": "post", "allowed": {"sergeant"}, "data": {"accept": "1"}},
    "user_log_arrest": {"args": _log, "method": "post", "allowed": _CHECKERS, "data": _case},
    "user_log_withdraw": {"args": _arrest, "method": "post", "allowed": _CHECKERS, "data": {"why": "of another log"}},
}
