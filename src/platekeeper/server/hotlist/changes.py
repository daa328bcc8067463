"""Change the hot lists: the only writer of their tables. Each change moves `HotListChange`, so that matchers reload."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.rules.lists import USUAL_ALARMS
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import PORTAL
from platekeeper.server.hotlist.models import (
    AlertBulletin,
    EntryKey,
    EntrySending,
    HotList,
    HotListChange,
    HotListDelivery,
    HotListEntry,
    HotListLoading,
    HotListUpload,
    SignedLine,
    Suppression,
)
from platekeeper.server.personnel.models import Person


def move_version(*, at: datetime) -> int:
    """Move the counter and return it. It also takes the row's lock, so changes of the lists stand in line.

    The steps are random: a number that a rolled-back transaction had moved to must not come again for other lists.
    """
    row, _ = HotListChange.objects.select_for_update(no_key=True).get_or_create(pk=1, defaults={"changed_at": at})
    row.version += 1 + secrets.randbelow(2**24)
    row.changed_at = at
    row.save(update_fields=["version", "changed_at"])
    return row.version


def hold_version() -> int:
    """Let nobody change the lists until the caller's transaction ends; return the counter."""
    found = HotListChange.objects.select_for_update(no_key=True).values_list("version", flat=True).first()
    return found or 0


def ensure_portal_list(*, at: datetime) -> HotList:
    """Return the list that the portal delivers, which every department has (III, V.a)."""
    hot_list, _ = HotList.objects.get_or_create(
        slug=PORTAL,
        defaults={
            "name": "New York State portal",
            "source": Source.PORTAL,
            "format": "new_york",
            "alarms": sorted(USUAL_ALARMS),
            "added_at": at,
        },
    )
    return hot_list


def add_list(*, slug: str, at: datetime, **settings: Any) -> HotList:
    """Add a list; `settings` are the fields that `change_list` changes. Raises IntegrityError if the slug is taken."""
    return HotList.objects.create(slug=slug, added_at=at, **settings)


def change_list(hot_list: HotList, **settings: Any) -> None:
    """Change a list's name, source, format, template and rules. Call `move_version` first."""
    HotList.objects.filter(pk=hot_list.pk).update(**settings)
    hot_list.refresh_from_db()


def record_delivery(
    *, hot_list: HotList, at: datetime, by: int, policy: tuple[int, str], **facts: Any
) -> HotListDelivery:
    """Record a delivery whose bytes and index are kept already. Call `move_version` first."""
    return HotListDelivery.objects.create(
        hot_list=hot_list,
        source=hot_list.source,
        delivered_at=at,
        delivered_by=by,
        policy_number=policy[0],
        policy_digest=policy[1],
        **facts,
    )


def prepare_loading(hot_list: HotList, *, format: str, file_name: str, at: datetime, by: Person) -> HotListLoading:
    """Note a file that is being kept; once it is on disk, `move_loading` lets it wait."""
    return HotListLoading.objects.create(
        hot_list=hot_list, format=format, file_name=file_name, asked_at=at, asked_by=by
    )


def move_loading(loading: HotListLoading, **values: Any) -> None:
    """Note how far a loading is, or how it ended."""
    HotListLoading.objects.filter(pk=loading.pk).update(**values)


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
    **field: Any,
) -> HotListEntry:
    """Add an entry that waits for its decision; `field` says what is known of one that was made in the field."""
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
        **field,
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
        state=HotListEntry.State.CANCELED, canceled_at=at, canceled_by=by, cancel_reason=reason,
    )  # fmt: skip


def confirm_direction(entry: HotListEntry, *, at: datetime) -> bool:
    """Note that who directed an entry says so; return False when that was noted, or the entry canceled, already."""
    waiting = HotListEntry.objects.filter(pk=entry.pk, state=HotListEntry.State.ACTIVE, direction_confirmed_at=None)
    return waiting.exclude(directed_by=None).update(direction_confirmed_at=at) == 1


def send(entry: HotListEntry, *, on_duty: Iterable[tuple[LPR, Person]], at: datetime) -> list[EntrySending]:
    """Send an entry to members on duty; who made it has seen it."""
    sendings = [
        EntrySending(
            entry=entry, lpr=lpr, member=member, sent_at=at, seen_at=at if member == entry.requested_by else None
        )
        for lpr, member in on_duty
    ]  # fmt: skip
    return EntrySending.objects.bulk_create(sendings)


def note_seen(sendings: QuerySet[EntrySending], *, at: datetime) -> list[int]:
    """Note that a member has seen what was sent to them; return the numbers of the entries."""
    return _note(sendings.filter(seen_at=None), seen_at=at)


def note_cancel_seen(sendings: QuerySet[EntrySending], *, at: datetime) -> list[int]:
    """Note that a member has seen that what they had seen is canceled; return the numbers of the entries."""
    canceled = sendings.filter(entry__state=HotListEntry.State.CANCELED, seen_at__isnull=False, cancel_seen_at=None)
    return _note(canceled, cancel_seen_at=at)


def _note(sendings: QuerySet[EntrySending], **seen: datetime) -> list[int]:
    entries = sorted(set(sendings.values_list("entry", flat=True)))
    sendings.filter(entry__in=entries).update(**seen)
    return entries


def move_end(entry: HotListEntry, *, expires_at: datetime) -> bool:
    """Let an entry that stands end at another time; return False when it no longer stands. Call `move_version` first."""
    return _move(entry, from_states=(HotListEntry.State.ACTIVE,), expires_at=expires_at)


def keep_bulletin(
    content: bytes, *, sha256: str | None, at: datetime, by: Person | None, policy: tuple[int, str], **facts: Any
) -> AlertBulletin:
    """Keep an alert bulletin whole, of one that could not be read its name. Raises IntegrityError when it is there."""
    return AlertBulletin.objects.create(
        content=content, sha256=sha256, received_at=at, received_by=by, policy_number=policy[0],
        policy_digest=policy[1], **facts,
    )  # fmt: skip


def settle_bulletin(bulletin: AlertBulletin, *, remark: str, at: datetime, by: Person) -> bool:
    """Note that a bulletin was looked at; return False when it was already. What was not understood is called so for good."""
    states = AlertBulletin.State
    state = states.UNCLEAR if bulletin.state == states.UNCLEAR else states.SETTLED
    waiting = AlertBulletin.objects.filter(pk=bulletin.pk, settled_at=None)
    settled = waiting.update(state=state, remark=remark, settled_at=at, settled_by=by)
    bulletin.refresh_from_db()
    return settled == 1


def enroll_key(
    *, public: bytes, fingerprint: str, member: Person | None, lpr: LPR | None, at: datetime, by: Person
) -> EntryKey:
    """Enroll the key of a member or of a unit. Raises IntegrityError when it is enrolled already."""
    return EntryKey.objects.create(
        public=public.hex(), fingerprint=fingerprint, member=member, lpr=lpr, enrolled_at=at, enrolled_by=by
    )


def end_key(key: EntryKey, *, at: datetime, by: Person) -> bool:
    """End a key: what it entered stands. Return False when it has ended already."""
    return EntryKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=at, ended_by=by) == 1


def keep_signed_line(content: bytes, *, sha256: str, at: datetime, by: Person | None, **facts: Any) -> SignedLine:
    """Keep a line that was handed in. Raises IntegrityError for one that is kept already, or a number entered already."""
    return SignedLine.objects.create(content=content, sha256=sha256, handed_in_at=at, handed_in_by=by, **facts)


def suppress(
    *, entry_key: str, reason: str, ends_at: datetime, at: datetime, by: Person, policy: tuple[int, str]
) -> Suppression:
    """Let a delivered line raise no alarm until `ends_at`. Call `move_version` first."""
    return Suppression.objects.create(
        entry_key=entry_key, reason=reason, begun_at=at, begun_by=by, ends_at=ends_at,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def end_suppressions(keys: Collection[str], *, at: datetime, by: Person | None) -> int:
    """Lift what is suppressed of these keys and return how much it was. Call `move_version` first."""
    return Suppression.objects.filter(entry_key__in=keys, ended_at=None).update(ended_at=at, ended_by=by)


def _move(entry: HotListEntry, *, from_states: tuple[HotListEntry.State, ...], **values: Any) -> bool:
    moved = HotListEntry.objects.filter(pk=entry.pk, state__in=from_states).update(**values)
    entry.refresh_from_db()
    return moved == 1


def record_upload(
    *,
    lpr: LPR,
    uid: str,
    at: datetime,
    expires_at: datetime,
    digest: str,
    files: dict[str, int],
    policy: tuple[int, str],
) -> HotListUpload:
    """Record what was issued to a unit."""
    return HotListUpload.objects.create(
        lpr=lpr, uid=uid, issued_at=at, expires_at=expires_at, digest=digest, files=files,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def note_held(upload: HotListUpload, *, at: datetime) -> None:
    """Note that a unit said that it has what was issued to it."""
    HotListUpload.objects.filter(pk=upload.pk, held_at=None).update(held_at=at)
