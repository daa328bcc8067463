"""The department's own entries, ready for matching: few enough to be indexed anew whenever one changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import Entries, HotListIndex, PlateBatch, StateAgreement
from platekeeper.core.matching.index import agreement
from platekeeper.core.matching.packing import characters_of, state_code
from platekeeper.core.partial import PlatePattern
from platekeeper.core.rules.lists import ListRules, action_on, kind_of_match

RULES = ListRules()
"""Own entries say themselves what their hits do; look-alikes of them are reviewed silently."""


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry that was decided for. `copy` is what a hit keeps of it: plain data, in the words of the screens."""

    key: str
    plate: str
    is_partial: bool
    jurisdiction: str
    category: Category
    hit_action: HitAction
    effective_at: datetime
    expires_at: datetime
    copy: Mapping[str, Any]


class OwnEntries:
    """Own entries that were decided for; never changed once made. Whether one is in force is asked at each match."""

    def __init__(self, entries: Iterable[OwnEntry]) -> None:
        """Index complete plates and patterns."""
        every = list(entries)
        whole = [entry for entry in every if not entry.is_partial]
        partial = [entry for entry in every if entry.is_partial]
        complete = Entries.of(
            characters=characters_of([entry.plate for entry in whole]),
            states=np.array([state_code(entry.jurisdiction or None) for entry in whole], np.uint8),
            kinds=np.zeros(len(whole), np.uint8),
            places=np.arange(len(whole)),
        )
        self._index = HotListIndex(complete, patterns=[PlatePattern(entry.plate) for entry in partial])
        self._by_number = [whole[place] for place in complete.places.tolist()] + partial
        self._keys = {entry.key for entry in every}

    def match(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> Iterator[WantedHit]:
        """Give what a batch matches; `at` in microseconds since 1970 UTC."""
        seconds = [moment // 1_000_000 for moment in at]
        for match in self._index.match(batch, states=states, at=seconds):
            entry = self._by_number[match.entry]
            if not _microseconds(entry.effective_at) <= at[match.sighting] < _microseconds(entry.expires_at):
                continue
            state = _agreement(entry, states[match.sighting]) if entry.is_partial else match.state
            category, kind = entry.category, kind_of_match(match.how, state)
            yield WantedHit(
                sighting=match.sighting,
                key=entry.key,
                how=match.how,
                state=state,
                category=category,
                hit_action=action_on(RULES, category=category, kind=kind, said=entry.hit_action),
                entry=dict(entry.copy),
            )

    def holds(self, key: str) -> bool:
        """Say whether the entry of a key is among these."""
        return key in self._keys


def _agreement(entry: OwnEntry, seen: str | None) -> StateAgreement:
    return agreement(state_code(entry.jurisdiction or None), seen)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
