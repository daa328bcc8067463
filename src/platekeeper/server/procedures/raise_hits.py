"""Reads meet the hot lists (VII.e): each match becomes a hit with its own copy of read, image and entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from platekeeper.core.categories import HIGH_PRIORITY, HitAction
from platekeeper.core.matching import Sighting
from platekeeper.core.plates import Plate
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.hits import action_of
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.matcher import Matcher, WantedHit, current
from platekeeper.server.procedures.recall import AlarmedReads, recall_corrected
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.images import media_type_of
from platekeeper.server.storage.rows import Incoming, ReadRow


def raise_hits(
    incoming: Sequence[Incoming], *, batch: bytes, alarmed: AlarmedReads, policy: Policy, at: datetime
) -> list[Hit]:
    """Match reads and raise what is new, inside the caller's transaction; return the new hits.

    A read that came before under the same id is a revision: alarms of the earlier text that no longer match are
    recalled. The latest one counts.
    """
    matcher = current()
    # The last word on a read counts, also within one batch.
    latest = list({item.row.id: item for item in incoming}.values())
    found = _match_all(matcher, [item.row for item in latest])
    corrected = alarmed.among([item.row.id for item in latest])
    if corrected:
        matched: dict[str, set[str]] = {identity.hex(): set() for identity in corrected}
        for place, match in found:
            matched.get(latest[place].row.id.hex(), set()).add(match.key)
        recall_corrected(matched, at=at, policy=policy)
    hits = []
    for place, match in found:
        alarmed.add(latest[place].row.id)
        delivered_at = matcher.delivered_at
        hits.append(_raise(latest[place], match, batch=batch, delivered_at=delivered_at, policy=policy, at=at))
    return [hit for hit in hits if hit is not None]


def _match_all(matcher: Matcher, rows: Sequence[ReadRow]) -> list[tuple[int, WantedHit]]:
    """Return every match with the place of its read."""
    return [
        (place, match)
        for place, row in enumerate(rows)
        if row.plate is not None
        for match in matcher.match(Sighting(plate=Plate(row.plate), state=row.state, at=moment_of(row)))
    ]


def _raise(
    item: Incoming, match: WantedHit, *, batch: bytes, delivered_at: datetime | None, policy: Policy, at: datetime
) -> Hit | None:
    row, action = item.row._replace(batch=batch), action_of(match.how, match.hit_action)
    own = match.key.startswith("own:")
    stale = not own and isinstance(is_of_today(delivered_at, at=at, zone=policy.zone), Refused)
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
        action=action,
        urgent=match.category in HIGH_PRIORITY and action is not HitAction.SILENT,
        list_stale=stale,
        seen_at=moment_of(row),
        raised_at=at,
        window=timedelta(minutes=policy.whole("VII.e.window")),
        image=_image(item),
        policy=policy.stamp,
    )
    return hit if is_new else None


def read_copy(row: ReadRow) -> dict[str, Any]:
    """Return a read as a hit keeps it: plain JSON, bytes in hexadecimal, salt and digest included for later proof."""
    copy = {name: value.hex() if isinstance(value, bytes) else value for name, value in row._asdict().items()}
    return {**copy, "candidates": json.loads(row.candidates), "vehicle": json.loads(row.vehicle)}


def _image(item: Incoming) -> tuple[bytes, str] | None:
    content = item.image if item.image is not None else read_store().image_of(item.row)
    media_type = media_type_of(content) if content else None
    return (content, media_type) if content and media_type else None
