"""How well an LPR reads, told by the hits that were worked to an outcome, and when it is to be looked after (IX.a-c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused

LATELY = timedelta(days=30)
LEAST_WORKED = 10
"""Fewer worked hits say nothing about an LPR."""
MOST_MISREAD = 10
"""Misreads in a hundred worked hits that are still no ground to look after an LPR."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The hits of an LPR whose outcome says how it read the plate, and those it misread or of whose state it was wrong."""

    worked: int = 0
    misread: int = 0
    wrong_state: int = 0

    @property
    def percent(self) -> int | None:
        """Misreads in a hundred worked hits, rounded; None before the first."""
        return round(100 * self.misread / self.worked) if self.worked else None


def reads_well(ever: Reading, lately: Reading) -> Decision:
    """Decide whether an LPR reads well; it is judged by what it did lately, if that is enough to go by."""
    judged = lately if lately.worked >= LEAST_WORKED else ever
    if judged.worked < LEAST_WORKED or 100 * judged.misread <= MOST_MISREAD * judged.worked:
        return Allowed()
    when = f" in the last {LATELY.days} days" if judged is lately else ""
    return Refused(
        Clause.IX_a,
        f"Reads badly: {judged.misread} of {judged.worked} worked hits{when} were misreads. Check aim, lens and light.",
    )
