"""What matching a batch of reads comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.core.rules.lists import ListRules


@dataclass(frozen=True, slots=True)
class WantedHit:
    """An entry that a read matches. `entry` is a plain copy of it as it was, for the hit to keep.

    `sighting` is the read's place in the batch, `hit_action` what the list's rules make of the match. A delivered entry
    brings its list's `rules` and when it was delivered, so that its hit can say whether it was stale; own ones have none.
    """

    sighting: int
    key: str
    how: HowMatched
    state: StateAgreement
    category: Category
    hit_action: HitAction
    entry: dict[str, Any]
    rules: ListRules | None = None
    delivered_at: datetime | None = None
