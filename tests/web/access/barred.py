"""Who may open barred places: the Chief bars them; auditors and those who keep LPR data see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.bar_places import bar
from platekeeper.server.reads.models import BarredPlace
from tests.cast import Cast

CLINIC = "polygon 43.0500,-76.1500 43.0500,-76.1490 43.0490,-76.1490 43.0490,-76.1500"


def barred(
    cast: Cast, *, area: str = CLINIC, at: datetime | None = None, name: str = "Canal Street Clinic", **more: Any
) -> BarredPlace:
    """Bar a clinic."""
    by = footing(cast.chief, at=at or datetime.now(UTC))
    return bar(by, name=name, kind="clinic", area=area, why="Care without fear.", **more)


def _one(cast: Cast) -> list[Any]:
    barred(cast)
    return []


ROWS: dict[str, dict[str, Any]] = {
    "barred_places": {
        "args": _one,
        "allowed": {"chief", "auditor", "custodian"},
    },
    "barred_bar": {
        "method": "post",
        "data": {"name": "Canal Street Clinic", "kind": "clinic", "area": CLINIC, "why": "Care without fear."},
        "allowed": {"chief"},
    },
    "barred_end": {"args": lambda cast: [barred(cast).pk], "method": "post", "allowed": {"chief"}},
}
