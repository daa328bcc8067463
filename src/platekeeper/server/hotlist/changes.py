"""Change the hot lists: the only writer of their tables. Each change moves `HotListChange`, so that matchers reload."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.server.hotlist.models import HotListChange, HotListDelivery, HotListEntry
from platekeeper.server.personnel.models import Person


def move_version(*, at: datetime) -> int:
    """Move the counter and return it. It also takes the row's lock, so changes of the lists stand in line.

    The steps are random: a number that a rolled-back transaction had moved to must not come again for other lists.
    """
    row, _ = HotListChange.objects.select_for_update().get_or_create(pk=1, defaults={"changed_at": at})
    row.version += 1 + secrets.randbelow(2**24)
    row.changed_at = at
    row.save(update_fields=["version", "changed_at"])
    return row.version


def record_delivery(
    *,
    source: Source,
    format: str,
    file_name: str,
    digest: str,
    at: datetime,
    by: int,
    lines: int,
    counts: dict[str, int],
    skipped: list[tuple[int, str, str]],
    added: int,
    removed: int,
    changes: dict[str, list[str]],
    policy: tuple[int, str],
) -> HotListDelivery:
    """Record a delivery whose bytes are kept already. Call `move_version` first."""
    return HotListDelivery.objects.create(
        source=source,
        format=format,
        file_name=file_name,
        digest=digest,
        delivered_at=at,
        delivered_by=by,
        lines=lines,
        counts=counts,
        skipped=skipped,
        added=added,
        removed=removed,
        changes=changes,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def add_entry(
    *,
    plate: str,
    is_partial: bool,
    jurisdiction: str,
    category: Category,
    reason: str,
    authority: str,
    case_number: str,
    hit_action: HitAction,
    effective_at: datetime,
    expires_at: datetime,
    at: datetime,
    by: Person,
    policy: tuple[int, str],
) -> HotListEntry:
    """Add an entry that waits for its decision."""
    return HotListEntry.objects.create(
        plate=plate,
        is_partial=is_partial,
        jurisdiction=jurisdiction,
        category=category,
        reason=reason,
        authority=authority,
        case_number=case_number,
        hit_action=hit_action,
        effective_at=effective_at,
        expires_at=expires_at,
        requested_at=at,
        requested_by=by,
        policy_number=policy[0],
        policy_digest=policy[1],
    )


def decide_entry(entry: HotListEntry, *, approve: bool, remark: str, at: datetime, by: Person) -> bool:
    """Decide on an entry that waits; return False when it no longer does."""
    state = HotListEntry.State.ACTIVE if approve else HotListEntry.State.REFUSED
    return _move(
        entry, from_states=(HotListEntry.State.REQUESTED,),
        state=state, decided_at=at, decided_by=by, decision_remark=remark,
    )  # fmt: skip


def cancel_entry(entry: HotListEntry, *, reason: str, at: datetime, by: Person) -> bool:
    """Cancel an entry that waits or is on the list; return False when it is neither any longer."""
    return _move(
        entry, from_states=(HotListEntry.State.REQUESTED, HotListEntry.State.ACTIVE),
        state=HotListEntry.State.CANCELLED, cancelled_at=at, cancelled_by=by, cancel_reason=reason,
    )  # fmt: skip


def _move(entry: HotListEntry, *, from_states: tuple[HotListEntry.State, ...], **values: Any) -> bool:
    moved = HotListEntry.objects.filter(pk=entry.pk, state__in=from_states).update(**values)
    entry.refresh_from_db()
    return moved == 1
