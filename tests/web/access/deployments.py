"""Who may open the pages of special details and mutual aid: everybody here asks; whom it concerns and who oversees look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.rules.deployments import Kind
from platekeeper.server.deployments.lookups import open_loans, open_uses, road_maps
from platekeeper.server.procedures import deploy_lprs, lend_lprs, place_lprs
from tests.cast import ROLES, Cast
from tests.core.perimeter.making import geojson, town_lines
from tests.deploying import HOUR, detail, on
from tests.touring import patrol_car

OURS = set(ROLES) - {"outsider"}
SEEN_BY = {"officer", "rookie", "sergeant", "chief", "auditor"}


def _used(cast: Cast) -> list[Any]:
    """Return the officer's use of an LPR, and the detail; a new one where somebody brought it back."""
    running = open_uses().first()
    if running is None:
        made = detail(cast, authorized=True)
        running = deploy_lprs.begin_use(on(cast, "officer"), made, lpr=cast.lpr)
    return [running.deployment_id, running.pk]


def _over(cast: Cast) -> list[Any]:
    return [detail(cast, at=datetime.now(UTC) - 5 * HOUR, until=datetime.now(UTC) - HOUR, authorized=True).pk]


def _looked_at(cast: Cast) -> list[Any]:
    """Return a detail with an area, and an LPR out on it."""
    number, _use = _used(cast)
    return [number]


def _lent(cast: Cast) -> list[Any]:
    """Return a lent LPR and its mutual aid; a new one where somebody took it back."""
    loan = open_loans().first()
    if loan is None:
        made = detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", authorized=True)
        loan = lend_lprs.lend(on(cast, "officer"), made, lpr=cast.lpr, receiver="Otto Outsider", state="with charger")
    return [loan.deployment_id, loan.pk]


def _spare(cast: Cast) -> int:
    """Return the LPR that is to be lent, taken back first where the test has lent it before."""
    for loan in open_loans():
        lend_lprs.take_back(on(cast, "administrator"), loan, giver="Otto Outsider")
    return cast.lpr.pk


def roads(cast: Cast) -> list[Any]:
    """Hand in the file of roads of a small town, unless there is one."""
    if not road_maps().exists():
        given = geojson(town_lines(900, seed=3))
        place_lprs.hand_in_roads(on(cast, "administrator"), file_name="mill-county.geojson", content=given)
        patrol_car("Car 3")
        patrol_car("Car 4")
    return []


SCENE = {"scene": "circle 43.014000,-76.178000 150", "ahead": "0", "minutes": "1", "more": "2"}


def posted(cast: Cast) -> dict[str, Any]:
    """Return what the form of a detail posts."""
    now = datetime.now(ZoneInfo("America/New_York"))
    return {
        "kind": Kind.DWI.value, "purpose": "STOP DWI weekend", "place": "Route 11, mile 4", "in_charge": cast.officer.pk,
        "since": f"{now:%Y-%m-%dT%H:%M}", "until": f"{now + timedelta(hours=6):%Y-%m-%dT%H:%M}",
        "people": [cast.officer.pk, cast.sergeant.pk], "lprs": [cast.lpr.pk], "area": "circle 43.0481,-76.1474 800",
    }  # fmt: skip


ROWS: dict[str, dict[str, Any]] = {
    "deployments": {"args": lambda cast: [detail(cast, authorized=True), detail(cast)][:0], "allowed": OURS},
    "deployment_new": {"allowed": OURS},
    "deployment": {"args": _looked_at, "allowed": SEEN_BY},
    "deployment_step": {
        "args": lambda cast: [detail(cast).pk, "authorize"],
        "method": "post",
        "allowed": {"chief"},
    },
    "deployment_use": {
        "args": lambda cast: [detail(cast, authorized=True).pk],
        "method": "post",
        "data": lambda cast: {"lpr": cast.lpr.pk},
        "allowed": {"officer"},
    },
    "deployment_use_end": {"args": _used, "method": "post", "allowed": {"officer", "chief"}},
    "mutual_aid_new": {"allowed": OURS},
    "deployment_lend": {
        "args": lambda cast: [detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", authorized=True).pk],
        "method": "post",
        "data": lambda cast: {"lpr": _spare(cast), "name": "Otto Outsider"},
        "allowed": {"officer", "sergeant"},
    },
    "deployment_back": {
        "args": _lent,
        "method": "post",
        "data": {"name": "Otto Outsider", "state": "as it was"},
        "allowed": {"officer", "sergeant", "administrator"},
    },
    "perimeter": {"args": roads, "allowed": OURS},
    "perimeter_keep": {
        "args": roads,
        "method": "post",
        "data": lambda cast: SCENE | {"deployment": detail(cast).pk},
        "allowed": {"officer", "sergeant", "chief"},
    },
    "roads": {"args": roads, "allowed": {"sergeant", "chief", "administrator"}},
    "deployment_report": {
        "args": _over,
        "method": "post",
        "data": {
            "reads": 7, "hits": 1, "correct": 1, "misread": 0, "stops": 1, "arrests": 0, "words": "One stop, no arrest.",
        },
        "allowed": {"officer"},
    },
}  # fmt: skip
