"""Whether the entry behind a hit is still in force: asked whenever a hit is looked at, since an end recalls nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from platekeeper.core.hotlists.in_force import candidates_of
from platekeeper.core.matching import PlateBatch
from platekeeper.core.plates import plate_text
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.lookups import entries
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.storage.snapshots import SnapshotDamaged

OWN = "own:"
CORRECTED = "The LPR corrected this read."
OVER = "The entry behind this hit has ended or was canceled."
GONE = "The plate is no longer on the hot list that raised this hit."
UNREADABLE = "The hot list that raised this hit cannot be read now: take the plate for one that is no longer on it."


def ended(hits: Iterable[Hit], *, at: datetime) -> dict[int, str]:
    """Return by hit why its entry is no longer in force at `at`; hits whose entry is in force are left out."""
    every = list(hits)
    own = [hit for hit in every if hit.entry_key.startswith(OWN)]
    delivered = [hit for hit in every if not hit.entry_key.startswith(OWN)]
    return {**_own(own, at=at), **_delivered(delivered, at=at)}


def with_ends(hits: Iterable[Hit], *, at: datetime) -> list[tuple[Hit, str]]:
    """Return hits, each with why its entry is no longer in force at `at`, "" while it is."""
    every = list(hits)
    found = ended(every, at=at)
    return [(hit, found.get(hit.pk, "")) for hit in every]


def over(hit: Hit, *, at: datetime) -> str:
    """Return why a hit is none to work any more at `at`, "" while it is one: its read was corrected, or its entry ended."""
    if hit.steps.filter(kind=HitStep.Kind.READ_CORRECTED).exists():
        return CORRECTED
    return ended([hit], at=at).get(hit.pk, "")


def _own(hits: Sequence[Hit], *, at: datetime) -> dict[int, str]:
    numbers = {hit.pk: int(hit.entry_key.removeprefix(OWN)) for hit in hits}
    asked = entries().filter(pk__in=numbers.values())
    over = set(asked.exclude(state=HotListEntry.State.ACTIVE, expires_at__gt=at).values_list("pk", flat=True))
    return {hit: OVER for hit, number in numbers.items() if number in over}


def _delivered(hits: Sequence[Hit], *, at: datetime) -> dict[int, str]:
    """Match the plates once more: what changed the list, its rules or the line's own end shows in what is found."""
    if not hits:
        return {}
    try:
        found = current().match(
            PlateBatch([plate_text(hit.plate) or "" for hit in hits]),
            states=[hit.read_state or None for hit in hits],
            at=[round(at.timestamp() * 1_000_000)] * len(hits),
            candidates=[candidates_of(hit.read.get("candidates", ())) for hit in hits],
        )
    except SnapshotDamaged:
        return {hit.pk: UNREADABLE for hit in hits}
    standing = {(match.sighting, match.key) for match in found}
    return {hit.pk: GONE for place, hit in enumerate(hits) if (place, hit.entry_key) not in standing}
