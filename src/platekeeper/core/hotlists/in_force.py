"""Every list in force at one moment: the department's own entries and what was delivered to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from platekeeper.core.categories import HitAction
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.hotlists.own import RULES, OwnEntries
from platekeeper.core.hotlists.standing import Standing
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import HowMatched, PlateBatch
from platekeeper.core.plates import plate_text
from platekeeper.core.rules.lists import ListRules, MatchKind, action_on, counts, kind_of_match

LEAST_LIKELY = 0.02
"""Of a candidate that is matched: below it nearly every match would be of another car."""


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
            "color": line.color,
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

    def match(
        self,
        batch: PlateBatch,
        *,
        states: Sequence[str | None],
        at: Sequence[int],
        candidates: Sequence[Sequence[str]] = (),
    ) -> list[WantedHit]:
        """Return what a batch matches, the department's own entries first; `at` in microseconds since 1970 UTC.

        `candidates` are the other texts that each plate may be: what only they match is a look-alike of the plate.
        """
        found = [*self._all(batch, states=states, at=at)]
        if any(candidates):
            found += self._by_candidates(
                candidates, states=states, at=at, but={(hit.sighting, hit.key) for hit in found}
            )
        if not self._suppressed:
            return found
        return [match for match in found if at[match.sighting] >= self._suppressed.get(match.key, 0)]

    def _all(self, batch: PlateBatch, *, states: Sequence[str | None], at: Sequence[int]) -> Iterator[WantedHit]:
        yield from self.own.match(batch, states=states, at=at)
        for each in self.lists.values():
            yield from each.match(batch, states=states, at=at)

    def _by_candidates(
        self,
        candidates: Sequence[Sequence[str]],
        *,
        states: Sequence[str | None],
        at: Sequence[int],
        but: set[tuple[int, str]],
    ) -> Iterator[WantedHit]:
        places = [place for place, texts in enumerate(candidates) for _ in texts]
        batch = PlateBatch([text for texts in candidates for text in texts])
        found = self._all(batch, states=[states[place] for place in places], at=[at[place] for place in places])
        for hit in found:
            sighting = places[hit.sighting]
            if (sighting, hit.key) not in but:
                but.add((sighting, hit.key))
                may_alarm = MatchKind.LOOK_ALIKE in (hit.rules or RULES).alarms
                action = hit.hit_action if may_alarm else HitAction.SILENT
                yield replace(hit, sighting=sighting, how=HowMatched.LOOK_ALIKE, hit_action=action)

    def holds(self, key: str) -> bool:
        """Say whether the entry of a key, own or delivered, is on a list in force."""
        slug, _, rest = key.partition(":")
        if slug in self.lists:
            return self.lists[slug].standing.holds(rest)
        return self.own.holds(key)


def candidates_of(candidates: Iterable[tuple[str, float | None]]) -> list[str]:
    """Return the texts among a read's candidates that are worth matching: plates, and as likely as one in fifty."""
    likely = (plate_text(text) for text, confidence in candidates if confidence is None or confidence >= LEAST_LIKELY)
    return [text for text in likely if text is not None]
