"""Who may open violations: who decides them and the auditors; nobody their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.core.rules.violations import Step
from platekeeper.server.oversight.models import Violation
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.handle_violations import open_violation, take_step
from tests.cast import Cast

SEEING = {"sergeant", "chief", "auditor"}


def violated(cast: Cast) -> Violation:
    """Open a violation and assess it."""
    now = datetime.now(UTC)
    what = "Searched the plate of a neighbor."
    opened = open_violation(footing(cast.auditor, at=now), clause="VI.f", what=what, about=cast.detective)
    take_step(footing(cast.sergeant, at=now), opened, Step.FOUNDED, words="The log shows it.")
    return opened


def _one(cast: Cast) -> list[Any]:
    return [violated(cast).pk]


ROWS: dict[str, dict[str, Any]] = {
    "violations": {"args": lambda cast: _one(cast) and [], "allowed": SEEING},
    "violation_new": {"allowed": SEEING},
    "violation": {"args": _one, "allowed": SEEING},
    "violation_step": {
        "args": _one,
        "method": "post",
        "data": {"step": "measure", "words": "Spoken with."},
        "allowed": {"sergeant", "chief"},
    },
}
