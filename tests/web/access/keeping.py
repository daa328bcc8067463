"""Who may open the pages about upkeep and the register."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.retention.changes import begin_backup
from tests.cast import Cast


def _gone(_cast: Cast) -> dict[str, Any]:
    begin_backup(at=datetime.now(UTC), by=0, target="/gone", reached=True, policy=(1, "0" * 64))
    return {"folder": "/gone", "how": "shredded"}


ROWS: dict[str, dict[str, Any]] = {
    "health": {"allowed": {"custodian", "administrator", "auditor"}},
    "upkeep": {"allowed": {"custodian", "administrator", "auditor"}},
    "backup_now": {"method": "post", "allowed": {"custodian"}},
    "backup_destroyed": {"method": "post", "data": _gone, "allowed": {"custodian"}},
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
