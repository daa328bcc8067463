"""Who may open the pages about people and agencies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from platekeeper.server.personnel.changes import guarding
from platekeeper.server.personnel.models import Agency, Seal, Workstation
from tests.cast import FOUNDED, Cast

LOOKING = {"chief", "trainer", "administrator"}


def _rookie(cast: Cast) -> list[Any]:
    return [cast.rookie.pk]


def _agency(cast: Cast) -> list[Any]:
    return [Agency.objects.get(is_department=False).pk]


def _broken(cast: Cast) -> list[Any]:
    Seal.objects.filter(person=cast.temp, ended_at=None).update(ended_at=FOUNDED)  # one was made for each who asks
    seal = guarding.put_seal(cast.temp, at=FOUNDED, by=cast.chief)
    guarding.break_seal(cast.temp, at=FOUNDED)
    return [seal.pk]


def _workstation(cast: Cast) -> list[Any]:
    until = FOUNDED + timedelta(days=3650)
    named = guarding.name_workstation(
        name="Car 3",
        why="A locked car.",
        token_hash=f"{Workstation.objects.count():064}",
        until=until,
        at=FOUNDED,
        by=cast.chief,
    )
    return [named.pk]


ROWS: dict[str, dict[str, Any]] = {
    "people": {"allowed": LOOKING},
    "person_add": {"allowed": {"chief"}},
    "person": {"args": _rookie, "allowed": LOOKING},
    "person_password": {"args": _rookie, "method": "post", "status": 200, "allowed": {"chief"}},
    "person_change": {
        "args": lambda cast: [cast.rookie.pk, "give-position"],
        "method": "post",
        "data": {"title": "Detective"},
        "allowed": {"chief"},
    },
    "sealed_account": {"allowed": {"chief"}},
    "sealed_account_seal": {"method": "post", "status": 200, "allowed": {"chief"}},
    "sealed_account_answer": {
        "args": _broken,
        "method": "post",
        "data": {"said": "The Chief was at sea."},
        "allowed": {"chief"},
    },
    "workstations": {"allowed": {"chief"}},
    "workstation_name": {
        "method": "post",
        "data": {"name": "Car 3", "why": "A locked car.", "days": "30"},
        "allowed": {"chief"},
    },
    "workstation_end": {"args": _workstation, "method": "post", "allowed": {"chief"}},
    "agencies": {"allowed": LOOKING},
    "agency": {"args": _agency, "allowed": {"chief", "custodian", "auditor"}},
}
