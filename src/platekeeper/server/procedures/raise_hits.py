"""Reads meet the hot lists (VII.e): each match becomes a hit with its own copy of read, image and entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.categories import HIGH_PRIORITY, HitAction
from platekeeper.core.matching import PlateBatch
from platekeeper.core.policy import Policy
from platekeeper.core.rules.lists import is_fresh
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.wanted import WantedHit
from platekeeper.server.procedures.recall import recall_corrected
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.images import media_type_of
from platekeeper.server.storage.rows import Incoming, ReadRow


def raise_hits(incoming: Sequence[Incoming], *, policy: Policy, at: datetime) -> list[Hit]:
    """Match reads and raise what is new, inside the caller's transaction; return the new hits.

    A read that came before under the same id is a revision: alarms of the earlier text that no longer match are
    recalled. The latest one counts.
    """
    matcher = current()
    # The last word on a read counts, also within one batch.
    latest = list({item.row.id: item for item in incoming}.values())
    rows = [item.row for item in latest]
    batch = PlateBatch([row.plate or "" for row in rows])
    found = matcher.match(batch, states=[row.state for row in rows], at=[row.at for row in rows])
    matched: dict[str, set[str]] = {row.id.hex(): set() for row in rows}
    for match in found:
        matched[rows[match.sighting].id.hex()].add(match.key)
    recall_corrected(matched, at=at, policy=policy)
    hits = [_raise(latest[match.sighting], match, policy=policy, at=at) for match in found]
    return [hit for hit in hits if hit is not None]


def _raise(item: Incoming, match: WantedHit, *, policy: Policy, at: datetime) -> Hit | None:
    row, rules = item.row, match.rules
    fresh = rules is None or is_fresh(rules, match.delivered_at, at=at, zone=policy.zone)
    hit, is_new = changes.raise_hit(
        read_id=row.id.hex(),
        entry_key=match.key,
        lpr=LPR.objects.get(pk=row.lpr),
        plate=row.plate or row.raw,
        read_state=row.state or "",
        read=read_copy(row),
        entry=match.entry,
        category=match.category,
        how=match.how,
        state_agreement=match.state,
        action=match.hit_action,
        urgent=match.category in HIGH_PRIORITY and match.hit_action is not HitAction.SILENT,
        list_stale=not fresh,
        seen_at=moment_of(row),
        raised_at=at,
        window=timedelta(minutes=policy.whole("VII.e.window")),
        image=_image(item),
        policy=policy.stamp,
    )
    return hit if is_new else None


def read_copy(row: ReadRow) -> dict[str, Any]:
    """Return a read as a hit keeps it: plain JSON, bytes in hexadecimal, salt and digest included for later proof."""
    copy = {name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(row).items()}
    return {**copy, "candidates": json.loads(row.candidates), "vehicle": json.loads(row.vehicle)}


def moment_of(row: ReadRow) -> datetime:
    """Return when a read was captured."""
    return datetime.fromtimestamp(row.at // 1_000_000, tz=UTC).replace(microsecond=row.at % 1_000_000)


def _image(item: Incoming) -> tuple[bytes, str] | None:
    content = item.image if item.image is not None else read_store().image_of(item.row)
    media_type = media_type_of(content) if content else None
    return (content, media_type) if content and media_type else None
