"""Who may open the pages about people and agencies."""

from __future__ import annotations

from typing import Any

from platekeeper.server.personnel.models import Agency
from tests.cast import Cast

LOOKING = {"chief", "trainer", "administrator"}


def _rookie(cast: Cast) -> list[Any]:
    return [cast.rookie.pk]


def _agency(cast: Cast) -> list[Any]:
    return [Agency.objects.get(is_department=False).pk]


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
    "agencies": {"allowed": LOOKING},
    "agency": {"args": _agency, "allowed": {"chief", "custodian", "auditor"}},
}
