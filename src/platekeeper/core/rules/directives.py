"""Command directs that what is named be kept (VI.k.4): what a directive covers, and whether it may be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.search.areas import Area
from platekeeper.core.search.sought import Sought

DIRECTOR = "VI.k.4.director"


@dataclass(frozen=True)
class Named:
    """What a directive names; what is empty narrows nothing. Plates may be patterns; times are those of capture.

    One of several plates and one of several LPRs is enough; plate, LPR, area and time must all agree.
    """

    plates: tuple[str, ...] = ()
    lprs: tuple[int, ...] = ()
    area: Area | None = None
    since: datetime | None = None
    until: datetime | None = None

    def covers(
        self, folded: str | None, *, lpr: int, at: datetime, latitude: float | None, longitude: float | None
    ) -> bool:
        """Say whether it names a read, by its O/0-folded plate (None: unreadable), its LPR, time and place."""
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (not self.lprs or lpr in self.lprs)
            and (not self.plates or (folded is not None and self._fits(folded)))
            and (self.area is None or self._lies_inside(latitude, longitude))
        )

    @cached_property
    def _sought(self) -> Sought:
        return Sought(self.plates, look_alikes=False)

    def _fits(self, folded: str) -> bool:
        return folded in self._sought.plates or any(each.matches(folded) for each in self._sought.partials)

    def _lies_inside(self, latitude: float | None, longitude: float | None) -> bool:
        if self.area is None or latitude is None or longitude is None:
            return False
        return self.area.contains(latitude, longitude)


def may_direct(named: Named, *, why: str, kept_until: date, today: date) -> Decision:
    """Decide whether a directive says enough: what is kept, why, and until when."""
    clause = Clause.VI_k_4
    bounded = named.since is not None and named.until is not None
    if not (named.plates or named.lprs or named.area or bounded):
        return Refused(clause, "Name plates, LPRs, an area, or a time with its beginning and its end.")
    if named.since is not None and named.until is not None and named.since >= named.until:
        return Refused(clause, "The time that is named ends before it begins.")
    if not why.strip():
        return Refused(clause, "Say why it is to be kept.")
    if kept_until <= today:
        return Refused(clause, "Say until which day to come it is to be kept.")
    return Allowed()


HAS_ENDED = Refused(Clause.VI_k_4, "This directive has ended already.")
"""What is said to who ends a directive twice."""
