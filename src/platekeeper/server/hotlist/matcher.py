"""Every list in force, ready for matching: one matcher a process, renewed when a list changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from platekeeper.core.categories import HitAction
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.matching import PlateBatch
from platekeeper.core.rules.lists import ListRules, action_on, counts, kind_of_match
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotList, HotListDelivery, HotListEntry
from platekeeper.server.hotlist.own import OwnEntries
from platekeeper.server.hotlist.standing import Standing, standing_of
from platekeeper.server.hotlist.wanted import WantedHit
from platekeeper.server.storage import indexes
from platekeeper.server.storage.locks import LockFile, LockTaken


@dataclass(frozen=True, slots=True)
class ListInForce:
    """A delivered list with its rules."""

    hot_list: HotList
    delivery: HotListDelivery
    standing: Standing
    rules: ListRules

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
                key=f"{self.hot_list.prefix}{line.key}",
                how=match.how,
                state=match.state,
                category=line.category,
                hit_action=action,
                entry=self._copy(line, action),
                rules=self.rules,
                delivered_at=self.delivery.delivered_at,
            )

    def _copy(self, line: HotListLine, action: HitAction) -> dict[str, Any]:
        return {
            "plate": line.plate.text,
            "state": line.state or "",
            "category": line.category.value,
            "reason": line.reason,
            "authority": line.agency,
            "source": self.hot_list.source,
            "list": self.hot_list.name,
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
            "delivery": self.delivery.pk,
            "delivery_digest": self.delivery.digest,
            "delivered_at": self.delivery.delivered_at.isoformat(),
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
        self.lists = {each.hot_list.slug: each for each in lists}
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


_lock = threading.Lock()
_newest: Matcher | None = None


def current() -> Matcher:
    """Return the matcher of the lists in force now, reloading when they have changed since the last call.

    Indexes are mapped, not read, so a new list is in force at once however long it is. Raises
    `storage.snapshots.SnapshotDamaged` when an index and the file it came from are gone: matching against nothing would
    be silent.
    """
    global _newest
    # Read before the lists: should they change meanwhile, the next call sees a newer number and reloads.
    version = lookups.change_version()
    newest = _newest
    if newest is not None and newest.version == version:
        return newest
    with _lock:
        if _newest is None or _newest.version != version:
            _newest = _load(version, _newest)
        return _newest


def _load(version: int, before: Matcher | None) -> Matcher:
    own = OwnEntries(lookups.entries().filter(state=HotListEntry.State.ACTIVE))
    lists = (_in_force(hot_list, before) for hot_list in lookups.hot_lists().filter(in_use=True))
    in_force = [each for each in lists if each is not None]
    _forget_earlier(in_force)
    return Matcher(version=version, lists=in_force, own=own, suppressed=lookups.suppressed())


def _forget_earlier(in_force: Iterable[ListInForce]) -> None:
    """Remove this machine's indexes of earlier lists, where it has a folder of its own: whoever loads lists is elsewhere.

    Not while one is loaded: its index may lie here already, before anybody knows of it.
    """
    if settings.HOME.own is None:
        return
    with suppress(LockTaken):
        loading = LockFile(settings.HOME.hot_list_lock, wait=False)
        try:
            kept = {name for each in in_force for name in each.standing.names}
            indexes.forget_others(settings.HOME.hot_list_indexes, kept)
        finally:
            loading.release()


def _in_force(hot_list: HotList, before: Matcher | None) -> ListInForce | None:
    delivery = lookups.deliveries_of(hot_list).first()
    if delivery is None:
        return None
    known = before.lists.get(hot_list.slug) if before else None
    standing = (
        known.standing if known is not None and _files(known.delivery) == _files(delivery) else standing_of(delivery)
    )
    return ListInForce(hot_list, delivery, standing, hot_list.rules)


def _files(delivery: HotListDelivery) -> tuple[object, ...]:
    return delivery.base_id, delivery.digest, delivery.sum_digest, delivery.format, delivery.layout
