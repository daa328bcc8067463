"""Who may open which page of entries made in the field: one row a URL."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, enter_in_field
from platekeeper.server.procedures.signed_entries import enroll_key, hand_in
from tests.cast import Cast

ENTERING = {"officer", "custodian", "sergeant", "detective", "chief"}


_numbers = count(1000)


def _directed(cast: Cast) -> tuple[int]:
    by = footing(cast.officer, at=datetime.now(UTC))
    given = FieldEntry(
        plate=f"KHB{next(_numbers)}", ground=Ground.DIRECTED, director=cast.sergeant, reason="left the scene"
    )
    return (enter_in_field(by, given).entry.pk,)


def _key(cast: Cast) -> tuple[int]:
    by = footing(cast.administrator, at=datetime.now(UTC))
    return (enroll_key(by, public=f"{next(_numbers):064x}", lpr=cast.lpr).pk,)


def _handed_in(cast: Cast) -> tuple[()]:
    hand_in(None, b'{"bundle":"cut off', at=datetime.now(UTC), via="command")
    return ()


ROWS: dict[str, dict[str, Any]] = {
    "entry_quick": {"allowed": ENTERING},
    "entries_told": {"allowed": "all"},
    "entries_told_strip": {"allowed": "all"},
    "entries_directed": {"allowed": "all"},
    "entries_signed": {"args": _handed_in, "allowed": ENTERING},
    "entry_keys": {"args": lambda cast: _key(cast)[1:], "allowed": {"administrator"}},
    "entry_key_end": {"args": _key, "method": "post", "allowed": {"administrator"}},
    "entry_direction": {"args": _directed, "method": "post", "allowed": {"sergeant"}},
}
"""URL name -> who may open it, and how it is opened."""
