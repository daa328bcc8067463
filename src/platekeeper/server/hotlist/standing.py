"""What a list is with its newest delivery."""

from __future__ import annotations

from platekeeper.core.hotlists.loaded import CHANGES
from platekeeper.core.hotlists.standing import Standing
from platekeeper.server.hotlist.loaded import opened
from platekeeper.server.hotlist.models import HotListDelivery


def standing_of(delivery: HotListDelivery | None) -> Standing:
    """Return the list that a delivery makes. Raises `storage.snapshots.SnapshotDamaged` when its files are gone."""
    if delivery is None:
        return Standing()
    if not delivery.is_changes:
        return Standing(whole=opened(delivery.digest, format=delivery.format, layout=delivery.layout))
    base = standing_of(delivery.base).whole
    return Standing(whole=base, changed=opened(delivery.sum_digest, format=CHANGES, layout={}, base=base))
