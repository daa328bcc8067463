"""Reads against hot lists: which entries a sighting matches, and how (design section 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import Plate, Unreadable, fold, look_alike


class HowMatched(StrEnum):
    """By what a read matched an entry. O and 0 are the same character, so their mix is still `PLATE`."""

    PLATE = "plate"
    PARTIAL = "partial"
    LOOK_ALIKE = "look_alike"


class StateAgreement(StrEnum):
    """Whether the read's state is the entry's."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WantedPlate:
    """An entry as matching sees it; it matches from `effective` until before `expires`, without end where None."""

    key: str
    plate: Plate | PlatePattern
    state: str | None = None
    effective: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate seen: what was read, its state if known, and when."""

    plate: Plate | Unreadable
    state: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that a sighting matches."""

    key: str
    how: HowMatched
    state: StateAgreement


class HotListIndex:
    """Entries ready for matching; never changed once built. Matches come in the order of the entries."""

    def __init__(self, entries: Iterable[WantedPlate]) -> None:
        """Index entries; keys must be unique."""
        self._entries: dict[str, WantedPlate] = {}
        self._plates: dict[str, list[WantedPlate]] = defaultdict(list)
        self._patterns: list[tuple[PlatePattern, WantedPlate]] = []
        for entry in entries:
            if entry.key in self._entries:
                raise ValueError(f"Two entries have the key {entry.key}.")
            self._entries[entry.key] = entry
            if isinstance(entry.plate, Plate):
                self._plates[look_alike(entry.plate.text)].append(entry)
            else:
                self._patterns.append((entry.plate, entry))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def match(self, sighting: Sighting) -> list[Match]:
        """Return the entries in force at the time of the sighting that its plate matches; an unreadable one, none."""
        plate = sighting.plate
        if not isinstance(plate, Plate):
            return []
        folded = fold(plate.text)
        found = [
            (entry, HowMatched.PLATE if fold(_text(entry)) == folded else HowMatched.LOOK_ALIKE)
            for entry in self._plates.get(look_alike(plate.text), ())
        ]
        found += [(entry, HowMatched.PARTIAL) for pattern, entry in self._patterns if pattern.matches(plate)]
        return [
            Match(key=entry.key, how=how, state=_agreement(entry.state, sighting.state))
            for entry, how in found
            if _in_force(entry, sighting.at)
        ]

    def match_batch(self, sightings: Sequence[Sighting]) -> list[list[Match]]:
        """Return the matches of each sighting."""
        return [self.match(sighting) for sighting in sightings]


def _text(entry: WantedPlate) -> str:
    return entry.plate.text


def _in_force(entry: WantedPlate, at: datetime) -> bool:
    return (entry.effective is None or entry.effective <= at) and (entry.expires is None or at < entry.expires)


def _agreement(wanted: str | None, seen: str | None) -> StateAgreement:
    if not wanted or not seen:
        return StateAgreement.UNKNOWN
    return StateAgreement.AGREES if wanted == seen else StateAgreement.DIFFERS
