"""Who may open the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from tests.cast import Cast


def _leaf(cast: Cast) -> list[Any]:
    with transaction.atomic():
        return [append(at=datetime.now(UTC), by=SYSTEM, action=Action.READS_RECEIVED).index]


ROWS: dict[str, dict[str, Any]] = {
    "ledger": {"allowed": {"auditor", "chief"}},
    "ledger_leaf": {"args": _leaf, "allowed": {"auditor", "chief"}},
    "ledger_check": {"method": "post", "allowed": {"auditor", "chief"}},
}
