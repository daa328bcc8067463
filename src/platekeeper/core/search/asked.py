"""What a search of stored reads asks, as the Query Log keeps it: plain terms, what is not asked left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from platekeeper.core.search.areas import Area
from platekeeper.core.search.drawn import drawn
from platekeeper.core.search.hours import WeeklyHours

Hits = Literal["", "only", "none"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WHOLE_DAY = (0, 1440)


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a search, read back. `hits`: only reads that were hits, or only those that were none."""

    since: datetime
    until: datetime
    plates: tuple[str, ...] = ()
    lprs: tuple[int, ...] = ()
    look_alikes: bool = False
    states: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    area: Area | None = None
    hours: WeeklyHours | None = None
    hits: Hits = ""

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Self:
        """Read the terms of an entry. Raises KeyError and ValueError for what no search has."""
        hours = terms.get("hours")
        return cls(
            since=datetime.fromisoformat(terms["since"]),
            until=datetime.fromisoformat(terms["until"]),
            plates=tuple(terms.get("plates") or filter(None, [terms["plate"]])),
            lprs=tuple(terms["lprs"]),
            look_alikes=bool(terms.get("look_alikes")),
            states=tuple(terms.get("states", ())),
            directions=tuple(terms.get("directions", ())),
            colors=tuple(terms.get("colors", ())),
            makes=tuple(terms.get("makes", ())),
            area=drawn(terms["area"]) if terms.get("area") else None,
            hours=hours and WeeklyHours(hours["zone"], frozenset(hours["weekdays"]), hours["begin"], hours["end"]),
            hits=terms.get("hits", ""),
        )


def plates_of(terms: Mapping[str, Any]) -> frozenset[str]:
    """Return every plate that a query asks for, whichever tool asked it; none for one that asks for any plate."""
    plates = terms.get("plates") or str(terms.get("plate") or "").split(",")
    return frozenset(filter(None, map(str.strip, plates)))


def told(terms: Mapping[str, Any]) -> list[str]:
    """Return in words what a search asks besides plate, LPRs and time."""
    said = []
    if terms.get("look_alikes"):
        said.append("look-alike characters accepted")
    for name, what in (("states", "state"), ("directions", "direction"), ("colors", "color"), ("makes", "make")):
        if terms.get(name):
            said.append(f"{what}: {', '.join(terms[name])}")
    if terms.get("area"):
        said.append(f"in {terms['area']}")
    if hours := terms.get("hours"):
        days = (
            ", ".join(WEEKDAYS[day] for day in sorted(hours["weekdays"])) if len(hours["weekdays"]) < 7 else "every day"
        )
        whole = (hours["begin"], hours["end"]) == _WHOLE_DAY
        said.append(days if whole else f"{days} from {_clock(hours['begin'])} to {_clock(hours['end'])}")
    if terms.get("partners"):
        said.append(f"also asked: {', '.join(terms['partners'])}")
    if terms.get("hits"):
        said.append("hits only" if terms["hits"] == "only" else "no hits")
    return said


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
