"""Read the hot lists."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from platekeeper.core.categories import Category
from platekeeper.core.formats import HOT_LIST_FORMATS
from platekeeper.core.formats.hotlist import ParsedHotList
from platekeeper.server.hotlist.models import HotListChange, HotListDelivery, HotListEntry
from platekeeper.server.storage import snapshots

DELIVERED = "portal:"
"""What the keys of delivered entries begin with; the rest is the line's own key."""


def newest_delivery() -> HotListDelivery | None:
    """Return the delivery in force, None before the first."""
    return deliveries().first()


def deliveries() -> QuerySet[HotListDelivery]:
    """Return every delivery, newest first; skipped lines and changes, which may be long, are fetched when touched."""
    return HotListDelivery.objects.defer("skipped", "changes").order_by("-delivered_at", "-pk")


def parsed(delivery: HotListDelivery) -> ParsedHotList:
    """Parse a delivery again from the bytes that were kept. Raises `storage.snapshots.SnapshotDamaged`."""
    return HOT_LIST_FORMATS[delivery.format](snapshots.read(settings.HOME.hot_lists, delivery.digest))


def entries() -> QuerySet[HotListEntry]:
    """Return the department's own entries in every state, the newest request first."""
    people = ("requested_by", "decided_by", "cancelled_by")
    return HotListEntry.objects.select_related(*people).order_by("-requested_at", "-pk")


def active_entries(at: datetime) -> QuerySet[HotListEntry]:
    """Return the own entries that match at `at`: decided for, begun, neither ended nor cancelled."""
    return entries().filter(state=HotListEntry.State.ACTIVE, effective_at__lte=at, expires_at__gt=at)


def same_entry(*, plate: str, jurisdiction: str, category: Category | str, at: datetime) -> HotListEntry | None:
    """Return an own entry that is on the list for the same plate, state and category, and has not ended."""
    return (
        entries()
        .filter(state=HotListEntry.State.ACTIVE, expires_at__gt=at)
        .filter(plate=plate, jurisdiction=jurisdiction, category=category)
        .first()
    )


def requested_count() -> int:
    """Return how many entries wait for their decision."""
    return HotListEntry.objects.filter(state=HotListEntry.State.REQUESTED).count()


def change_version() -> int:
    """Return the number that moves with every change of a list; 0 before the first."""
    return HotListChange.objects.values_list("version", flat=True).filter(pk=1).first() or 0
