"""The figures of a period, as they are counted, and as the public sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from platekeeper.core.document import Part, Table
from platekeeper.core.plots import bars
from platekeeper.core.suppression import LEAST, suppressed


@dataclass(frozen=True, slots=True)
class Tally:
    """A table of counts under a name. Small counts `of_people` are not shown to the public; of cameras, reads and
    accounts they are: that somebody may use LPR data says nothing of what they did.

    `words` say what is counted, `unit` what its total is a number of. What counts the same again as part of another table is
    not `public`: two tables that overlap would give away what each hides.
    """

    name: str
    heading: str
    words: str
    unit: str
    counts: Mapping[str, int]
    of_people: bool = True
    public: bool = True

    @property
    def total(self) -> int:
        """The sum of its counts."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted, and what is said of it in words as (label, text)."""

    tallies: tuple[Tally, ...]
    said: tuple[tuple[str, str], ...]

    def numbers(self) -> dict[str, int]:
        """Return every count by name: a tally's total by its name, each of its counts by that and its label."""
        found: dict[str, int] = {}
        for tally in self.tallies:
            found |= {tally.name: tally.total, **{f"{tally.name}.{label}": n for label, n in tally.counts.items()}}
        return found


def public_tables(tallies: Iterable[Tally], *, least: int = LEAST) -> list[dict[str, Any]]:
    """Return the tallies as plain data without their small counts: what is published, and stays as it was published."""
    found = []
    for tally in tallies:
        if not tally.public:
            continue
        shown = suppressed(tally.counts, least=least) if tally.of_people else None
        cells = shown.cells if shown else tally.counts
        found.append({
            "name": tally.name, "heading": tally.heading, "words": tally.words, "unit": tally.unit,
            "total": shown.total if shown else tally.total, "rows": [[label, value] for label, value in cells.items()],
        })  # fmt: skip
    return found


def public_part(table: Mapping[str, Any]) -> Part:
    """Return a published table as a part of a booklet, with its plot."""
    total = f"{table['total']:,}" if isinstance(table["total"], int) else table["total"]
    rows = [(label, value) for label, value in table["rows"]]
    plots = ((bars(rows), table["words"]),) if rows else ()
    nothing = None if rows else Table((), (), "Nothing to count.")
    return Part(table["heading"], (table["words"],), ((f"In all ({table['unit']})", total),), nothing, plots)
