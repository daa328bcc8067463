"""What a search of stored reads looks for, and the pages that it answers with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from platekeeper.core.partial import PatternError
from platekeeper.core.plates import MAX_LENGTH
from platekeeper.core.search.areas import Area
from platekeeper.core.search.hours import WeeklyHours
from platekeeper.core.search.sought import Sought
from platekeeper.server.storage.rows import StoredRead

LARGEST = 2**63 - 1
MOST_PLATES, MOST_PARTIALS = 200, 20
_CURSOR = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{1,15})")
_PATTERN = re.compile(rf"\**(?:[A-Z0-9?]\**){{0,{MAX_LENGTH}}}")
_LONGEST = 64


@dataclass(frozen=True)
class SearchTerms:
    """What is looked for: since <= captured < until (microseconds), and all that is given besides.

    Of what has several values, one must agree: `plates` (normalized plates, or patterns with ? for one character and *
    for any run), `lprs`, `states`, `directions`, `colors`, `makes` and `types` (of the vehicle, in any case of letters).
    Without `plates`, unreadable ones are found too. `look_alikes` also takes characters that are misread for those given.
    `ids` are read ids to keep to, `other_than` ids to leave out: what is a hit is known elsewhere. Raises ValueError.
    """

    since: int
    until: int
    plates: tuple[str, ...] = ()
    look_alikes: bool = False
    lprs: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    area: Area | None = None
    hours: WeeklyHours | None = None
    ids: frozenset[bytes] | None = None
    other_than: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        """Refuse terms that cannot be looked for, before anything is looked for."""
        if not 0 <= self.since <= self.until <= LARGEST:
            raise ValueError("A search begins before it ends.")
        if len(self.plates) > MOST_PLATES:
            raise PatternError(f"Look for {MOST_PLATES} plates at once at most.")
        if any(not each or len(each) > _LONGEST or not _PATTERN.fullmatch(each) for each in self.plates):
            raise PatternError(f"A pattern has up to {MAX_LENGTH} letters, digits and ?, and * between them.")
        if sum(bool(set(each) & {"?", "*"}) for each in self.plates) > MOST_PARTIALS:
            raise PatternError(f"Look for {MOST_PARTIALS} partial plates at once at most.")

    @cached_property
    def sought(self) -> Sought | None:
        """The plates made ready, None where every read will do."""
        return Sought(self.plates, look_alikes=self.look_alikes) if self.plates else None

    @property
    def vehicle(self) -> dict[str, frozenset[str]]:
        """What is asked of the vehicle, by the name it has in a row."""
        asked = {"color": self.colors, "make": self.makes, "type": self.types}
        return {name: frozenset(each.casefold() for each in texts) for name, texts in asked.items() if texts}

    @property
    def picky(self) -> bool:
        """Whether reads of a plate, an LPR and a time can still fail to agree."""
        narrowing = (self.states, self.directions, self.vehicle, self.area, self.other_than)
        return self.ids is not None or any(narrowing)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended; its text is short and safe in a URL."""

    at: int
    rowid: int

    def __str__(self) -> str:
        return f"{self.at:x}-{self.rowid:x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor back. Raises ValueError."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("That page does not exist.")
        return cls(int(found[1], 16), int(found[2], 16))


@dataclass(frozen=True, slots=True)
class Page:
    """Reads, newest first; `next` is None on the last page."""

    reads: list[StoredRead]
    next: Cursor | None
