"""Every list in force at one moment: the department's own entries and what was delivered to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platekeeper.core.categories import HitAction
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.hotlists.own import OwnEntries
from platekeeper.core.hotlists.standing import Standing
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import PlateBatch
from platekeeper.core.rules.lists import ListRules, action_on, counts, kind_of_match


@dataclass(frozen=True, slots=True)
class ListInForce:
    """A delivered list with its rules. `slug` begins the keys of its hits.

    `delivery` and `digest` name what was delivered; what `standing` was made of is known by `files`.
    """

    slug: str
    name: str
    source: str
    delivery: int
    digest: str
    delivered_at: datetime
    standing: Standing
    rules: ListRules
    files: object = None

    def match(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> Iterator[WantedHit]:
        """Give what a batch matches; `at` in microseconds since 1970 UTC."""
        seconds = [moment // 1_000_000 for moment in at]
        for match, line in self.standing.match(batch, states=states, at=seconds):
            if not counts(self.rules, line.category):
                continue
            kind = kind_of_match(match.how, match.state)
            action = action_on(self.rules, category=line.category, kind=kind, said=line.action)
            yield WantedHit(
                sighting=match.sighting,
                key=f"{self.slug}:{line.key}",
                how=match.how,
                state=match.state,
                category=line.category,
                hit_action=action,
                entry=self._copy(line, action),
                rules=self.rules,
                delivered_at=self.delivered_at,
            )

    def _copy(self, line: HotListLine, action: HitAction) -> dict[str, Any]:
        return {
            "plate": line.plate.text,
            "state": line.state or "",
            "category": line.category.value,
            "reason": line.reason,
            "authority": line.agency,
            "source": self.source,
            "list": self.name,
            "hit_action": action.value,
            "case_number": line.reference,
            "effective": line.effective.isoformat() if line.effective else "",
            "expires": line.expires.isoformat() if line.expires else "",
            "make": line.make,
            "model": line.model,
            "year": line.year,
            "colour": line.colour,
            "code": line.code,
            "plate_type": line.plate_type,
            "raw_state": line.raw_state,
            "delivery": self.delivery,
            "delivery_digest": self.digest,
            "delivered_at": self.delivered_at.isoformat(),
        }


class Matcher:
    """Every list in force at one version. Never changed once made, so threads share it freely."""

    def __init__(
        self,
        *,
        version: int,
        lists: Iterable[ListInForce],
        own: OwnEntries,
        suppressed: Mapping[str, datetime] | None = None,
    ) -> None:
        """`suppressed` gives the lines found wrong, by key, and until when of capture they raise no alarm."""
        self.version = version
        self.lists = {each.slug: each for each in lists}
        self.own = own
        self._suppressed = {key: round(until.timestamp() * 1_000_000) for key, until in (suppressed or {}).items()}

    def match(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> list[WantedHit]:
        """Return what a batch matches, the department's own entries first; `at` in microseconds since 1970 UTC."""
        found = list(self.own.match(batch, states=states, at=at))
        for each in self.lists.values():
            found.extend(each.match(batch, states=states, at=at))
        if not self._suppressed:
            return found
        return [match for match in found if at[match.sighting] >= self._suppressed.get(match.key, 0)]

    def holds(self, key: str) -> bool:
        """Say whether the entry of a key, own or delivered, is on a list in force."""
        slug, _, rest = key.partition(":")
        if slug in self.lists:
            return self.lists[slug].standing.holds(rest)
        return self.own.holds(key)
