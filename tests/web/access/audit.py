"""Who may open the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.sign_ledger import checkpoint
from tests.cast import Cast


def _leaf(cast: Cast) -> list[Any]:
    with transaction.atomic():
        return [append(at=datetime.now(UTC), by=SYSTEM, action=Action.READS_RECEIVED).index]


def _signed(cast: Cast) -> list[Any]:
    _leaf(cast)
    checkpoint(at=datetime.now(UTC))
    return []


def _signed_leaf(cast: Cast) -> list[Any]:
    [index] = _leaf(cast)
    checkpoint(at=datetime.now(UTC))
    return [index]


ROWS: dict[str, dict[str, Any]] = {
    "ledger": {"allowed": {"auditor", "chief"}},
    "ledger_leaf": {"args": _leaf, "allowed": {"auditor", "chief"}},
    "ledger_check": {"method": "post", "allowed": {"auditor", "chief"}},
    "ledger_checkpoint": {"args": _signed, "allowed": {"auditor", "chief"}},
    "ledger_proof": {"args": _signed_leaf, "allowed": {"auditor", "chief"}},
    "ledger_verifier": {"allowed": {"auditor", "chief"}},
    "ledger_export": {"method": "post", "status": 200, "allowed": {"auditor"}},
    "ledger_key_change": {"method": "post", "allowed": {"auditor"}},
}
