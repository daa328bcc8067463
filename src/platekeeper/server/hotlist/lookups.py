"""Read the hot lists."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from platekeeper.core.categories import Category, Source
from platekeeper.server.equipment.models import LPR
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

PORTAL = "portal"
"""The slug of the list that the portal delivers, which every department has (III, V.a)."""

_CHANGE_VERSION = f"SELECT version FROM {HotListChange._meta.db_table} WHERE id = 1"


def hot_lists() -> QuerySet[HotList]:
    """Return every list, the oldest first."""
    return HotList.objects.all()


def newest_delivery() -> HotListDelivery | None:
    """Return the delivery of the portal that is in force, None before the first (V.a)."""
    return deliveries().filter(hot_list__source=Source.PORTAL, hot_list__in_use=True).first()


def deliveries_of(hot_list: HotList) -> QuerySet[HotListDelivery]:
    """Return the deliveries of one list, newest first."""
    return deliveries().filter(hot_list=hot_list)


def deliveries() -> QuerySet[HotListDelivery]:
    """Return every delivery, newest first; skipped lines and changes, which may be long, are fetched when touched.

    They come one after the other, so by number: the clock may have been ahead when one was taken in.
    """
    return HotListDelivery.objects.select_related("hot_list").defer("skipped", "changes").order_by("-pk")


def open_loadings() -> QuerySet[HotListLoading]:
    """Return the files that wait to be loaded or are being loaded, the first handed in first."""
    states = (HotListLoading.State.WAITING, HotListLoading.State.LOADING)
    return HotListLoading.objects.select_related("hot_list", "asked_by").filter(state__in=states).order_by("pk")


def refused_for_being_shorter() -> QuerySet[HotListLoading]:
    """Return the files that were refused for being much shorter than the list in force, and may be accepted in its place."""
    found = HotListLoading.objects.select_related("hot_list", "shorter_than")
    return found.filter(state=HotListLoading.State.REFUSED).exclude(shorter_than=None)


def entries() -> QuerySet[HotListEntry]:
    """Return the department's own entries in every state, the newest request first."""
    people = ("requested_by", "decided_by", "canceled_by", "directed_by")
    return HotListEntry.objects.select_related(*people).order_by("-requested_at", "-pk")


def active_entries(at: datetime) -> QuerySet[HotListEntry]:
    """Return the own entries that match at `at`: decided for, begun, neither ended nor canceled."""
    return entries().filter(state=HotListEntry.State.ACTIVE, effective_at__lte=at, expires_at__gt=at)


def entries_to_match(*, since: datetime | None) -> QuerySet[HotListEntry]:
    """Return the own entries that were decided for and not canceled, those left out that had ended by `since`."""
    active = entries().filter(state=HotListEntry.State.ACTIVE)
    return active if since is None else active.filter(expires_at__gt=since)


def same_entry(*, plate: str, jurisdiction: str, category: Category | str, at: datetime) -> HotListEntry | None:
    """Return an own entry that is on the list for the same plate, state and category, and has not ended."""
    return (
        entries()
        .filter(state=HotListEntry.State.ACTIVE, expires_at__gt=at)
        .filter(plate=plate, jurisdiction=jurisdiction, category=category)
        .first()
    )


def requested(categories: Collection[Category] = tuple(Category)) -> QuerySet[HotListEntry]:
    """Return the entries, all or of some categories, that wait for their decision."""
    return entries().filter(state=HotListEntry.State.REQUESTED, category__in=categories)


def unseen(member: Person, *, at: datetime) -> QuerySet[EntrySending]:
    """Return what was sent to a member on duty and not seen yet, of entries that stand."""
    standing = {"entry__state": HotListEntry.State.ACTIVE, "entry__expires_at__gt": at}
    return EntrySending.objects.select_related("entry", "entry__requested_by", "lpr").filter(
        member=member, seen_at=None, **standing
    )


def canceled_since(member: Person, *, at: datetime) -> QuerySet[EntrySending]:
    """Return what a member on duty has seen of entries that would stand yet and are canceled, until they see that, too."""
    canceled = HotListEntry.objects.filter(state=HotListEntry.State.CANCELED, expires_at__gt=at)
    return EntrySending.objects.select_related("entry", "entry__canceled_by", "lpr").filter(
        member=member, seen_at__isnull=False, cancel_seen_at=None,
        entry__in=canceled.exclude(canceled_by=member).order_by().values("pk"),
    )  # fmt: skip


def sendings_of(entry: HotListEntry) -> QuerySet[EntrySending]:
    """Return to whom an entry was sent."""
    return EntrySending.objects.select_related("lpr", "member").filter(entry=entry)


def to_confirm(director: Person, *, at: datetime) -> QuerySet[HotListEntry]:
    """Return the entries that stand in somebody's name, made by others, and wait for their word (VII.f.2)."""
    named = entries().filter(directed_by=director, direction_confirmed_at=None, state=HotListEntry.State.ACTIVE)
    return named.filter(expires_at__gt=at).exclude(requested_by=director)


def bulletins() -> QuerySet[AlertBulletin]:
    """Return every alert bulletin, newest first, its bytes left in the database until they are touched."""
    return AlertBulletin.objects.select_related("received_by", "settled_by").defer("content")


def waiting_bulletins() -> QuerySet[AlertBulletin]:
    """Return the bulletins that nobody has looked at, the first received first."""
    return bulletins().filter(settled_at=None).order_by("received_at", "pk")


def unread_bulletin(file_name: str) -> AlertBulletin | None:
    """Return what waits of a file that nobody could read."""
    return waiting_bulletins().filter(sha256=None, file_name=file_name).first()


def entries_from(messages: Collection[tuple[str, str]]) -> QuerySet[HotListEntry]:
    """Return the entries that stand and were made from bulletins of these senders and identifiers."""
    named = [
        number
        for number, sender, identifier in AlertBulletin.objects.filter(
            identifier__in=[identifier for _, identifier in messages]
        ).values_list("pk", "sender", "identifier")
        if (sender, identifier) in messages
    ]
    return entries().filter(bulletin__in=named, state=HotListEntry.State.ACTIVE)


def entry_keys() -> QuerySet[EntryKey]:
    """Return the keys that sign entries, the newest first."""
    return EntryKey.objects.select_related("member", "lpr", "enrolled_by", "ended_by")


def is_unit(lpr: LPR) -> bool:
    """Say whether an LPR is a unit of ours in the field: one whose own key is enrolled."""
    return entry_keys().filter(lpr=lpr, ended_at=None).exists()


def signed_lines() -> QuerySet[SignedLine]:
    """Return what was handed in of signed entries, newest first."""
    related = ("key", "key__member", "key__lpr", "handed_in_by", "entry", "entry__requested_by")
    return SignedLine.objects.select_related(*related)


def uploads_to(lpr: LPR) -> QuerySet[HotListUpload]:
    """Return what was issued to a unit, newest first."""
    return HotListUpload.objects.filter(lpr=lpr)


def newest_uploads(*, since: datetime, held: bool) -> dict[int, HotListUpload]:
    """Return by LPR what was issued since, last, to each unit of ours; with `held`, of what the unit said that it has."""
    issued = HotListUpload.objects.filter(lpr=OuterRef("pk"), issued_at__gt=since)
    issued = (issued.exclude(held_at=None) if held else issued).order_by("-issued_at", "-pk")
    newest = LPR.objects.values_list(Subquery(issued.values("pk")[:1]))  # asked of each LPR, not of every upload
    return {upload.lpr_id: upload for upload in HotListUpload.objects.filter(pk__in=newest)}


def suppressions(*, at: datetime, prefix: str = "") -> QuerySet[Suppression]:
    """Return what holds at `at` of lines whose key begins with `prefix`, the newest first."""
    held = Suppression.objects.select_related("begun_by").filter(ended_at=None, ends_at__gt=at)
    return held.filter(entry_key__startswith=prefix)


def suppressed() -> dict[str, datetime]:
    """Return until when of capture each line is suppressed that nobody has lifted, by its key."""
    held: dict[str, datetime] = {}
    for key, ends_at in Suppression.objects.filter(ended_at=None).values_list("entry_key", "ends_at"):
        held[key] = max(ends_at, held.get(key, ends_at))
    return held


def changed_at() -> datetime | None:
    """Return when a list changed last; None before the first change."""
    return HotListChange.objects.values_list("changed_at", flat=True).first()


def change_version() -> int:
    """Return the number that moves with every change of a list; 0 before the first.

    Asked with every batch of reads, so it is written out, as `ledger.tree.newest_leaf` is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_VERSION)
        found = cursor.fetchone()
    return int(found[0]) if found else 0
