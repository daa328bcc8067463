"""Who may open the pages about policy, people, LPRs, upkeep and the register."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast


def _lpr(cast: Cast) -> list[Any]:
    return [cast.lpr.pk]


ROWS: dict[str, dict[str, Any]] = {
    "lprs": {"allowed": {"administrator", "custodian"}},
    "lpr_fields": {"args": lambda cast: [cast.lpr.pk, "genetec"], "allowed": {"administrator"}},
    "lpr_make": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_key": {"args": _lpr, "method": "post", "status": 200, "allowed": {"administrator"}},
    "lpr_service": {"args": _lpr, "method": "post", "data": {"in_service": "no"}, "allowed": {"administrator"}},
    "lpr_upload": {"args": _lpr, "allowed": {"administrator", "custodian"}},
    "lpr_nothing": {"args": _lpr, "method": "post", "data": {"why": "parked"}, "allowed": {"custodian"}},
    "health": {"allowed": {"custodian", "administrator", "auditor"}},
    "upkeep": {"allowed": {"custodian", "administrator", "auditor"}},
    "backup_now": {"method": "post", "allowed": {"custodian"}},
    "recovery_key": {"allowed": {"custodian"}},
    "recovery_key_make": {
        "method": "post",
        "data": {"holders": "Carla\nChester", "needed": "2"},
        "status": 200,
        "allowed": {"custodian"},
    },
    "recovery_key_prove": {"method": "post", "data": {"shares": "one share"}, "allowed": {"custodian"}},
    "remove_unencrypted": {"method": "post", "allowed": {"custodian"}},
    "dispose_now": {"method": "post", "allowed": {"custodian"}},
    "register": {"allowed": {"chief", "auditor", "custodian", "sergeant"}},
    "register_json": {"allowed": {"chief", "auditor", "custodian", "sergeant"}},
    "register_pdf": {"allowed": {"chief", "auditor", "custodian", "sergeant"}},
}
