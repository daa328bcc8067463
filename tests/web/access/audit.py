"""Who may open the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.server.ledger import changes
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import HandOver, Witness
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.hand_over import hand_out
from platekeeper.server.procedures.sign_ledger import checkpoint
from tests.cast import Cast


def _leaf(cast: Cast) -> list[Any]:
    with transaction.atomic():
        return [append(at=datetime.now(UTC), by=SYSTEM, action=Action.READS_RECEIVED).index]


def _signed_leaf(cast: Cast) -> list[Any]:
    [index] = _leaf(cast)
    checkpoint(at=datetime.now(UTC))
    return [index]


def _witness(cast: Cast) -> list[Any]:
    found = Witness.objects.filter(ended_at=None).first()
    known = {"name": "City Clerk", "email": "clerk@example.org"}
    return [(found or changes.add_witness(**known, at=datetime.now(UTC))).pk]


def _mailed(cast: Cast) -> list[Any]:
    """Hand a checkpoint over on paper, and let a mail of it fail."""
    [witness], now = _witness(cast), datetime.now(UTC)
    _signed_leaf(cast)
    by = footing(cast.auditor, at=now)
    hand_out(by, how=HandOver.How.PRINT, to="District Attorney")
    begun = changes.hand_over(
        HandOver.objects.latest("pk").checkpoint, to="City Clerk", how=HandOver.How.MAIL, at=now, outcome=Outcome.BEGUN,
        witness=Witness.objects.get(pk=witness),
    )  # fmt: skip
    changes.end_hand_over(begun, failure="The mail server could not be reached: it refused the connection.")
    return []


_TAKER = {"to": "City Clerk"}
ROWS: dict[str, dict[str, Any]] = {
    "ledger": {"args": _mailed, "allowed": {"auditor", "chief"}},
    "ledger_leaf": {"args": _leaf, "allowed": {"auditor", "chief"}},
    "ledger_check": {"method": "post", "allowed": {"auditor", "chief"}},
    "ledger_checked": {"allowed": {"auditor", "chief"}},
    "ledger_checkpoint": {"method": "post", "data": _TAKER, "status": 200, "allowed": {"auditor", "chief"}},
    "ledger_checkpoint_page": {"method": "post", "data": _TAKER, "status": 200, "allowed": {"auditor", "chief"}},
    "ledger_witnesses": {"args": _mailed, "allowed": {"auditor", "chief"}},
    "ledger_witness_add": {
        "method": "post",
        "data": {"name": "Clerk", "email": "clerk@example.org"},
        "allowed": {"auditor"},
    },
    "ledger_witness_end": {"method": "post", "args": _witness, "allowed": {"auditor"}},
    "ledger_proof": {"args": _signed_leaf, "allowed": {"auditor", "chief"}},
    "ledger_verifier": {"allowed": {"auditor", "chief"}},
    "ledger_export": {"method": "post", "status": 200, "allowed": {"auditor"}},
    "ledger_public": {
        "method": "post",
        "data": {"since": "2026-01-01", "until": "2026-12-31"},
        "status": 200,
        "allowed": {"auditor"},
    },
    "ledger_key_change": {"method": "post", "allowed": {"auditor"}},
}
