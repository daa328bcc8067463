"""Clauses that no rule can keep: what they say is what the others rest on, or what hands do. Sparingly chosen."""

from __future__ import annotations

from dataclasses import dataclass

from platekeeper.core.clauses import Clause
from platekeeper.server.equipment.models import LPR
from platekeeper.server.register.evidence.basis import Look
from platekeeper.server.register.evidence.people import kinds_of_lpr


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the software makes of such a clause, and what it can tell of it, if anything."""

    how: str
    page: str = "policy"
    look: Look | None = None


GUIDANCE: dict[Clause, Guidance] = {
    Clause.I: Guidance("Says what the whole policy is for; every other line of this register serves it."),
    Clause.II: Guidance("Says how LPRs and their data are to be used; sections IV to IX make rules of it."),
    Clause.III: Guidance("Fixes the words; screens, logs and this register use each of them for one thing only."),
    Clause.III_fixed: Guidance(
        "The inventory keeps for each LPR whether it is fixed.", "lprs", kinds_of_lpr(LPR.Kind.FIXED)
    ),
    Clause.III_gps: Guidance("A word: the inventory and each read can hold a position."),
    Clause.III_lpr: Guidance("A word: the same thing has this one name on every page."),
    Clause.III_mobile: Guidance(
        "The inventory keeps for each LPR whether it is mobile.", "lprs", kinds_of_lpr(LPR.Kind.MOBILE)
    ),
    Clause.III_mou: Guidance("A word: an agreement between agencies, which the department keeps on paper."),
    Clause.III_ocr: Guidance("A word: each read keeps what the LPR made of its image, and how sure it was."),
    Clause.III_portable: Guidance(
        "The inventory keeps for each LPR whether it is portable.", "lprs", kinds_of_lpr(LPR.Kind.PORTABLE)
    ),
    Clause.III_sop: Guidance("A word: the department's own standing procedures."),
    Clause.IX_b: Guidance("How to clean a lens is for the hands that do it; no record could show it."),
}
"""Each with what the software makes of it."""
