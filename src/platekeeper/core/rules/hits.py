"""What a hit asks for, and what comes before a stop (VII.e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused


@dataclass(frozen=True, slots=True)
class HitFacts:
    """How far a hit has been worked. Times are aware UTC."""

    image_verified_at: datetime | None = None
    image_differs: bool = False
    confirmed_at: datetime | None = None
    not_confirmed: bool = False
    stopped_at: datetime | None = None
    recalled: bool = False
    outcome: str = ""


def may_stop(hit: HitFacts) -> Decision:
    """Decide whether a member may make the stop on this hit (VII.e)."""
    if hit.recalled:
        return Refused(Clause.VII_e, "This alarm has been recalled.")
    if hit.image_differs:
        return Refused(Clause.VII_e_1, "The plate image differs from the vehicle.")
    if hit.image_verified_at is None:
        return Refused(Clause.VII_e_1, "Compare the plate image with the vehicle first.")
    if hit.not_confirmed:
        return Refused(Clause.VII_e_2, "Dispatch did not confirm this hit.")
    if hit.confirmed_at is None:
        return Refused(Clause.VII_e_2, "Confirm the hit through dispatch first.")
    return Allowed()


def may_verify_image(hit: HitFacts) -> Decision:
    """Decide whether the image comparison (VII.e.1) can still be recorded."""
    if hit.outcome or hit.recalled:
        return Refused(Clause.VII_e_1, "This hit is closed.")
    if hit.image_verified_at is not None or hit.image_differs:
        return Refused(Clause.VII_e_1, "The image has been compared already.")
    return Allowed()


def may_ask_confirmation(hit: HitFacts) -> Decision:
    """Decide whether dispatch may be asked (VII.e.2): once the image was verified."""
    if hit.outcome or hit.recalled:
        return Refused(Clause.VII_e_2, "This hit is closed.")
    if hit.image_verified_at is None:
        return Refused(Clause.VII_e_1, "Compare the plate image with the vehicle first.")
    if hit.confirmed_at is not None or hit.not_confirmed:
        return Refused(Clause.VII_e_2, "Dispatch has answered already.")
    return Allowed()
