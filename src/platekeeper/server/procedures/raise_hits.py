"""Reads meet the hot lists (VII.e): each match becomes a hit with its own copy of read, image and entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from platekeeper.core.categories import HIGH_PRIORITY, HitAction
from platekeeper.core.formats.reads import FINAL
from platekeeper.core.hotlists.in_force import Matcher, candidates_of
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import PlateBatch
from platekeeper.core.policy import Policy
from platekeeper.core.rules.lists import is_fresh, when_it_arrives
from platekeeper.server.hits import changes
from platekeeper.server.hits.lookups import alarms_near, raised
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.changes import hold_version
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.procedures.prove_reads import Batch, Proof
from platekeeper.server.procedures.recall import Alarmed, recall_corrected
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.images import media_type_of
from platekeeper.server.storage.rows import Incoming, ReadRow, image_hash

ImageOf = Callable[[Incoming], bytes | None]


def found_among(incoming: Sequence[Incoming]) -> list[WantedHit]:
    """Match reads, each given as it stands now, inside the caller's transaction and before its first leaf.

    Where something is found nobody changes a list until that transaction ends: what is canceled afterwards finds its alarm.
    """
    matcher = current()
    found = _found(matcher, incoming)
    if found and hold_version() != matcher.version:
        found = _found(current(), incoming)
    return found


def _found(matcher: Matcher, incoming: Sequence[Incoming]) -> list[WantedHit]:
    rows = [item.row for item in incoming]
    return matcher.match(
        PlateBatch([row.plate or "" for row in rows]),
        states=[row.state for row in rows],
        at=[row.at for row in rows],
        candidates=[candidates_of(json.loads(row.candidates)) if row.candidates != "[]" else () for row in rows],
    )


def raise_hits(
    incoming: Sequence[Incoming],
    found: Sequence[WantedHit],
    *,
    batch: Batch,
    alarmed: Alarmed,
    policy: Policy,
    at: datetime,
    image_of: ImageOf = attrgetter("image"),
) -> list[Hit]:
    """Raise what was found and is new, inside the caller's transaction; return the new hits.

    `image_of` gives the image of a read that is a hit: what came with it, unless it lies in the store already.

    A read that came before under the same id is a revision: alarms of the earlier text that no longer match, or no longer
    as an alarm, are recalled. The latest one counts.
    """
    rows = [item.row for item in incoming]
    corrected = alarmed.reads_among(row.id for row in rows)
    if corrected:
        matched: dict[str, dict[str, HitAction]] = {identity.hex(): {} for identity in corrected}
        for match in found:
            matched.get(rows[match.sighting].id.hex(), {}).setdefault(match.key, match.hit_action)
        digests = {row.id.hex(): row.digest.hex() for row in rows}
        recall_corrected(matched, digests=digests, at=at, policy=policy)
    if not found:
        return []
    standing = alarmed.entries_among(match.key for match in found)
    alarmed.add((rows[match.sighting].id, match.key) for match in found)
    matches = [(incoming[match.sighting], match) for match in found]
    raising = _Raising(matches, standing=standing, image_of=image_of, policy=policy)
    return raising.all_new(batch=batch, at=at)


def last_words(incoming: Sequence[Incoming], *, stored: Sequence[ReadRow]) -> list[Incoming]:
    """Return every read of a batch once, as it stands; `stored` are the rows of the batch that are new.

    What comes late (a message sent again after its correction, a preview after the final read) says nothing of a read that
    stands corrected by now: it is left out.
    """
    latest: dict[bytes, Incoming] = {}
    for item in incoming:
        known = latest.get(item.row.id)
        if known is None or item.row.stage >= known.row.stage:
            latest[item.row.id] = item
    items = list(latest.values())
    new = None if len(stored) == len(incoming) else {(row.id, row.digest) for row in stored}
    doubtful = [
        place
        for place, (row, _, _) in enumerate(items)
        if row.stage < FINAL or (new is not None and (row.id, row.digest) not in new)
    ]
    if not doubtful:
        return items
    overtaken = read_store().overtaken([items[place].row for place in doubtful])
    gone = {doubtful[place] for place in overtaken}
    return [item for place, item in enumerate(items) if place not in gone]


class _Raising:
    """The matches of one batch on their way to hits; what is there already is asked for once for all of them."""

    def __init__(
        self,
        found: Sequence[tuple[Incoming, WantedHit]],
        *,
        standing: Collection[str],
        image_of: ImageOf,
        policy: Policy,
    ) -> None:
        """Ask for it; `standing` are the keys of entries on which there may be alarms."""
        self._found = found
        self._image_of = image_of
        self._policy = policy
        self._window = timedelta(minutes=policy.whole("VII.e.window"))
        self._there = raised({item.row.id.hex() for item, _ in found})
        seen = [moment_of(item.row) for item, _ in found]
        self._alarms = (
            alarms_near(standing, since=min(seen) - self._window, until=max(seen) + self._window) if standing else []
        )

    def all_new(self, *, batch: Batch, at: datetime) -> list[Hit]:
        """Raise what does not stand yet, one hit a read and entry, and return it."""
        hits = []
        for item, match in self._found:
            name = item.row.id.hex(), match.key
            if name in self._there:
                continue
            self._there.add(name)
            row, image = item.row._replace(batch=batch.name), self._image_of(item)
            proof = batch.proof_of(item.row, image_sha256=item.image_sha256 or image_hash(image))
            hit = self._raise(row, match, proof=proof, image=with_type(image), at=at)
            hits.append(hit)
            if hit.repeat_of_id is None:
                self._alarms.append(hit)
        return hits

    def _raise(
        self, row: ReadRow, match: WantedHit, *, proof: Proof | None, image: tuple[bytes, str] | None, at: datetime
    ) -> Hit:
        rules, policy = match.rules, self._policy
        fresh = rules is None or is_fresh(rules, match.delivered_at, at=at, zone=policy.zone)
        plate, seen_at = row.plate or row.raw, moment_of(row)
        action = when_it_arrives(match.hit_action, seen_at, at=at)
        return changes.raise_hit(
            read_id=row.id.hex(),
            entry_key=match.key,
            lpr_id=row.lpr,
            plate=plate,
            read_state=row.state or "",
            read=read_copy(row),
            proof=proof,
            entry=match.entry,
            category=match.category,
            how=match.how,
            state_agreement=match.state,
            action=action,
            urgent=match.category in HIGH_PRIORITY and action is not HitAction.SILENT,
            list_stale=not fresh,
            seen_at=seen_at,
            raised_at=at,
            repeat_of=self._alarm(match.key, plate, seen_at, silent=action is HitAction.SILENT),
            image=image,
            policy=policy.stamp,
        )

    def _alarm(self, entry_key: str, plate: str, seen_at: datetime, *, silent: bool) -> Hit | None:
        """Return the earliest open alarm of the same plate and entry within the policy's window (VII.e).

        What alarms is never the repeat of a hit that does not: nobody would see it.
        """
        same = (
            hit
            for hit in self._alarms
            if (hit.entry_key, hit.plate) == (entry_key, plate) and (silent or hit.action != HitAction.SILENT)
        )
        near = [hit for hit in same if abs(hit.seen_at - seen_at) <= self._window]
        return min(near, key=lambda hit: hit.seen_at, default=None)


def read_copy(row: ReadRow) -> dict[str, Any]:
    """Return a read as a hit keeps it: plain JSON, bytes in hexadecimal, salt and digest included for later proof."""
    copy = {name: value.hex() if isinstance(value, bytes) else value for name, value in row._asdict().items()}
    return {**copy, "candidates": json.loads(row.candidates), "vehicle": json.loads(row.vehicle)}


def with_type(content: bytes | None) -> tuple[bytes, str] | None:
    """Return a picture with its media type, as a copy keeps it; None without one that can be shown."""
    media_type = media_type_of(content) if content else None
    return (content, media_type) if content and media_type else None
