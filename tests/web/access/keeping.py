"""Who may open the pages about policy, people, LPRs, upkeep and the register."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast

LOOKING = {"chief", "trainer", "administrator"}


def _rookie(cast: Cast) -> list[Any]:
    return [cast.rookie.pk]


def _lpr(cast: Cast) -> list[Any]:
    return [cast.lpr.pk]


ROWS: dict[str, dict[str, Any]] = {
    "policy": {"allowed": "all"},
    "policy_blank": {"args": lambda cast: ["VI.k.floor"], "allowed": {"chief"}},
    "policy_adopt": {"method": "post", "allowed": {"chief"}},
    "people": {"allowed": LOOKING},
    "person": {"args": _rookie, "allowed": LOOKING},
    "person_change": {
        "args": lambda cast: [cast.rookie.pk, "train"],
        "method": "post",
        "data": {"on": "2026-02-02", "subject": "LPR basics"},
        "allowed": {"trainer"},
    },
    "lprs": {"allowed": {"administrator", "custodian"}},
    "lpr_fields": {"args": lambda cast: [cast.lpr.pk, "genetec"], "allowed": {"administrator"}},
    "lpr_key": {"args": _lpr, "method": "post", "status": 200, "allowed": {"administrator"}},
    "lpr_service": {"args": _lpr, "method": "post", "data": {"in_service": "no"}, "allowed": {"administrator"}},
    "upkeep": {"allowed": {"custodian", "administrator", "auditor"}},
    "backup_now": {"method": "post", "allowed": {"custodian"}},
    "dispose_now": {"method": "post", "allowed": {"custodian"}},
    "register": {"allowed": {"chief", "auditor", "custodian", "sergeant"}},
    "register_json": {"allowed": {"chief", "auditor", "custodian", "sergeant"}},
}
