"""Small counts in public tables: a number of a few can point at a person, so it is not shown, nor can it be worked out.

The method is that of statistical offices: a small cell is suppressed, and so are others of its table, until the total and
what is shown leave every small cell as open as the sign that stands in its place says it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 5
"""The usual threshold: a count under it is small."""
WITHHELD = "withheld"
"""Stands for a count that is not small, or in a table of which none is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the public sees it: each cell and the total as a number, as "<n" (one to n-1), or as `WITHHELD`."""

    cells: dict[str, int | str]
    total: int | str


def suppressed(counts: Mapping[str, int], *, least: int = LEAST) -> Shown:
    """Return a table whose total is the sum of its cells, without its small counts. Raises ValueError.

    A nought is shown: it speaks of nobody. With a threshold under 3 a sign would stand for one number alone. Where the total
    itself is small, or the others are too few to hide behind, no cell is shown, not even which are noughts.
    """
    if least < 3 or any(count < 0 for count in counts.values()):
        raise ValueError("a threshold is 3 or more, and a count no less than 0")
    total, small = sum(counts.values()), {name for name, count in counts.items() if 0 < count < least}
    if not small:
        return Shown(dict(counts), total)
    if total < least:
        return Shown(dict.fromkeys(counts, _under(least)), _under(least))
    hidden = _beside(counts, small, least)
    if not hidden:
        return Shown(dict.fromkeys(counts, WITHHELD), total)
    signs = dict.fromkeys(hidden, WITHHELD) | dict.fromkeys(small, _under(least))
    return Shown({name: signs.get(name, count) for name, count in counts.items()}, total)


def _beside(counts: Mapping[str, int], small: set[str], least: int) -> list[str]:
    """Return the cells to withhold beside the small ones, the least first; none where all of them are not enough.

    Whoever subtracts what is shown knows the sum of what is not. It leaves each small cell anything from one to `least` - 1
    once what is withheld lies above its own least values by `least` - 2 in all, and at least one cell takes up the rest.
    """
    slack, chosen = sum(counts[name] - 1 for name in small), []
    for name in sorted(counts.keys() - small, key=lambda name: (counts[name], name)):
        if counts[name] < least:  # a nought hides nothing
            continue
        chosen.append(name)
        slack += counts[name] - least
        if slack >= least - 2:
            return chosen
    return []


def _under(least: int) -> str:
    return f"<{least}"
