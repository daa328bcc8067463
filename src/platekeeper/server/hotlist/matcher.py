"""Every list in force, ready for matching: one matcher a process, renewed when a list changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.hotlists.in_force import ListInForce, Matcher
from platekeeper.core.hotlists.own import OwnEntries, OwnEntry
from platekeeper.core.rules.retention import oldest_taken
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotList, HotListEntry
from platekeeper.server.hotlist.standing import standing_of
from platekeeper.server.policy.lookups import in_force as policy_in_force
from platekeeper.server.storage import indexes
from platekeeper.server.storage.locks import LockFile, LockTaken

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
    own = OwnEntries(map(own_entry, lookups.entries_to_match(since=_oldest_taken())))
    lists = (_in_force(hot_list, before) for hot_list in lookups.hot_lists().filter(in_use=True))
    in_force = [each for each in lists if each is not None]
    _forget_earlier(in_force)
    return Matcher(version=version, lists=in_force, own=own, suppressed=lookups.suppressed())


def _oldest_taken() -> datetime | None:
    """Return the first moment whose reads could become hits when a list changed last: what had ended by then matches none."""
    if (at := lookups.changed_at()) is None:
        return None
    at = min(at, timezone.now())  # while it changed, the clock may have been ahead
    return oldest_taken(policy_in_force(at=at), at=at)


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
    files = (delivery.base_id, delivery.digest, delivery.sum_digest, delivery.format, delivery.layout)
    return ListInForce(
        slug=hot_list.slug,
        name=hot_list.name,
        source=hot_list.source,
        delivery=delivery.pk,
        digest=delivery.digest,
        delivered_at=delivery.delivered_at,
        standing=known.standing if known is not None and known.files == files else standing_of(delivery),
        rules=hot_list.rules,
        files=files,
    )


def own_entry(entry: HotListEntry) -> OwnEntry:
    """Return an own entry as matching takes it."""
    return OwnEntry(
        key=entry.key,
        plate=entry.plate,
        is_partial=entry.is_partial,
        jurisdiction=entry.jurisdiction,
        category=Category(entry.category),
        hit_action=HitAction(entry.hit_action),
        effective_at=entry.effective_at,
        expires_at=entry.expires_at,
        copy=_copy(entry),
    )


def _copy(entry: HotListEntry) -> dict[str, Any]:
    return {
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
        "color": "",
        "code": "",
        "entry": entry.pk,
        "requested_by": entry.requested_by.name,
        "decided_by": entry.decided_by.name if entry.decided_by else "",
    }
