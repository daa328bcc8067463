"""Who may open which page of entries made in the field: one row a URL."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, enter_in_field
from tests.cast import Cast

ENTERING = {"officer", "custodian", "sergeant", "detective", "chief"}


_numbers = count(1000)


def _directed(cast: Cast) -> tuple[int]:
    by = footing(cast.officer, at=datetime.now(UTC))
    given = FieldEntry(
        plate=f"KHB{next(_numbers)}", ground=Ground.DIRECTED, director=cast.sergeant, reason="left the scene"
    )
    return (enter_in_field(by, given).entry.pk,)


ROWS: dict[str, dict[str, Any]] = {
    "entry_quick": {"allowed": ENTERING},
    "entries_told": {"allowed": "all"},
    "entries_told_strip": {"allowed": "all"},
    "entries_directed": {"allowed": "all"},
    "entry_direction": {"args": _directed, "method": "post", "allowed": {"sergeant"}},
}
"""URL name -> who may open it, and how it is opened."""
