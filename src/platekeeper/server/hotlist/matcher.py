"""The lists in force, ready for matching: one matcher a process, renewed when a list changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platekeeper.core.categories import Category, HitAction, Source, usual_action
from platekeeper.core.formats.hotlist import HotListLine
from platekeeper.core.matching import HotListIndex, HowMatched, Match, Sighting, StateAgreement, WantedPlate
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import Plate
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotListDelivery, HotListEntry


@dataclass(frozen=True, slots=True)
class WantedHit:
    """An entry that a sighting matches. `entry` is a plain copy of it as it was, for the hit to keep."""

    key: str
    how: HowMatched
    state: StateAgreement
    entry: dict[str, Any]
    category: Category
    hit_action: HitAction


@dataclass(frozen=True, slots=True)
class _Delivered:
    """A delivery's lines and their index; the same for every delivery of the same bytes."""

    digest: str
    format: str
    lines: dict[str, HotListLine]
    index: HotListIndex


_NOTHING = _Delivered(digest="", format="", lines={}, index=HotListIndex(()))


class Matcher:
    """Every list in force at one version. Never changed once made, so threads share it freely."""

    def __init__(
        self,
        *,
        version: int,
        delivery: HotListDelivery | None,
        delivered: _Delivered,
        own: Iterable[HotListEntry],
    ) -> None:
        """Index the own entries; the delivery comes indexed."""
        self.version = version
        self.delivered = delivered
        self._delivery = delivery
        self._own = {entry.key: entry for entry in own}
        self._own_index = HotListIndex(_wanted(entry) for entry in self._own.values())

    @property
    def delivered_at(self) -> datetime | None:
        """When the list in force was delivered, None before the first."""
        return self._delivery.delivered_at if self._delivery else None

    def match(self, sighting: Sighting) -> list[WantedHit]:
        """Return what a sighting matches: the department's own entries first."""
        own = [self._own_hit(match) for match in self._own_index.match(sighting)]
        return own + [self._delivered_hit(match) for match in self.delivered.index.match(sighting)]

    def holds(self, key: str) -> bool:
        """Say whether the entry of a key, own or delivered, is on a list in force."""
        return key in self._own or key in self.delivered.index

    def _own_hit(self, match: Match) -> WantedHit:
        entry = self._own[match.key]
        copy = {
            "plate": entry.plate,
            "state": entry.jurisdiction,
            "category": entry.category,
            "reason": entry.reason,
            "authority": entry.authority,
            "source": entry.source,
            "hit_action": entry.hit_action,
            "case_number": entry.case_number,
            "effective": entry.effective_at.isoformat(),
            "expires": entry.expires_at.isoformat(),
            "make": "",
            "colour": "",
            "code": "",
            "entry": entry.pk,
            "requested_by": entry.requested_by.name,
            "decided_by": entry.decided_by.name if entry.decided_by else "",
        }
        category, action = Category(entry.category), HitAction(entry.hit_action)
        return WantedHit(match.key, match.how, match.state, copy, category, action)

    def _delivered_hit(self, match: Match) -> WantedHit:
        line = self.delivered.lines[match.key]
        action = usual_action(line.category)
        copy = {
            "plate": line.plate.text,
            "state": line.state or "",
            "category": line.category.value,
            "reason": "",
            "authority": "",
            "source": self._delivery.source if self._delivery else Source.PORTAL.value,
            "hit_action": action.value,
            "case_number": "",
            "effective": "",
            "expires": "",
            "make": line.make,
            "colour": line.colour,
            "code": line.code,
            "plate_type": line.plate_type,
            "raw_state": line.raw_state,
            "line": line.number,
            "delivery": self._delivery.pk if self._delivery else None,
            "delivery_digest": self.delivered.digest,
            "delivered_at": self.delivered_at.isoformat() if self.delivered_at else "",
        }
        return WantedHit(match.key, match.how, match.state, copy, line.category, action)


_lock = threading.Lock()
_newest: Matcher | None = None


def current() -> Matcher:
    """Return the matcher of the lists in force now, reloading when they have changed since the last call.

    A delivery is parsed and indexed once a process; own entries are indexed anew at each change. Raises
    `storage.snapshots.SnapshotDamaged` when the delivery's kept file is gone: matching against nothing would be silent.
    """
    global _newest
    # Read before the lists: should they change meanwhile, the next call sees a newer number and reloads.
    version = lookups.change_version()
    newest = _newest
    if newest is not None and newest.version == version:
        return newest
    with _lock:
        if _newest is None or _newest.version != version:
            _newest = _load(version, _newest.delivered if _newest else _NOTHING)
        return _newest


def delivered_wanted(lines: Iterable[HotListLine]) -> HotListIndex:
    """Index the lines of a delivery under the keys that their hits have."""
    return HotListIndex(WantedPlate(key=key_of(line), plate=line.plate, state=line.state) for line in lines)


def key_of(line: HotListLine) -> str:
    """Return the key under which a delivered line's hits are known, the same in every delivery that holds it."""
    return f"{lookups.DELIVERED}{line.key}"


def _load(version: int, known: _Delivered) -> Matcher:
    delivery = lookups.newest_delivery()
    own = lookups.entries().filter(state=HotListEntry.State.ACTIVE)
    return Matcher(version=version, delivery=delivery, delivered=_delivered(delivery, known), own=own)


def _delivered(delivery: HotListDelivery | None, known: _Delivered) -> _Delivered:
    if delivery is None:
        return _NOTHING
    if (delivery.digest, delivery.format) == (known.digest, known.format):
        return known
    lines = lookups.parsed(delivery).lines
    return _Delivered(
        digest=delivery.digest,
        format=delivery.format,
        lines={key_of(line): line for line in lines},
        index=delivered_wanted(lines),
    )


def _wanted(entry: HotListEntry) -> WantedPlate:
    return WantedPlate(
        key=entry.key,
        plate=PlatePattern(entry.plate) if entry.is_partial else Plate(entry.plate),
        state=entry.jurisdiction or None,
        effective=entry.effective_at,
        expires=entry.expires_at,
    )
