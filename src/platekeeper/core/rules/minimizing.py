"""How little leaves: which reads and hits stay here, and what of the others, by an MOU's terms (VI.l)."""

from __future__ import annotations

from dataclasses import dataclass

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.sharing import Terms
from platekeeper.core.search.areas import Area

UNBOUND = Terms(images=True, only_hits=False, misses=True)
"""The terms of an order: its own words say how much it asks for, and a person answers it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A read, or the read of a hit, as the terms look at it. `missed`: misread, or of another state."""

    latitude: float | None
    longitude: float | None
    is_hit: bool
    missed: bool


def leaves(seen: Seen, terms: Terms, area: Area | None) -> bool:
    """Say whether it leaves; `area` is the terms' own, drawn once. What was captured nobody knows where is in no area."""
    if terms.only_hits and not seen.is_hit:
        return False
    if seen.missed and not terms.misses:
        return False
    if area is None:
        return True
    return seen.latitude is not None and seen.longitude is not None and area.contains(seen.latitude, seen.longitude)


def may_leave_whole(terms: Terms, *, images: bool) -> Decision:
    """Decide whether what can only leave whole, such as an evidence packet, may leave under these terms."""
    cut = terms.only_hits or terms.area or not terms.misses or (images and not terms.images)
    said = "The MOU lets less leave than this holds, and it cannot be cut down. Give an order of a court, or the rows alone."
    return Refused(Clause.VI_l, said) if cut else Allowed()
