"""The plot of an LPR: plates read a day against what was expected, and what the watch found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from platekeeper.server.equipment.lookups.watching import counted, findings_of
from platekeeper.server.equipment.models import LPR, DayCount, WatchFinding

SHOWN = timedelta(days=90)
HEIGHT = 100
FEWEST = 14  # days, so that the bar of a new LPR is no block


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: its place, its height in hundredths of the highest, and whether something was found of it."""

    day: DayCount
    x: int
    height: float
    marked: bool

    @property
    def top(self) -> float:
        """Where it begins, from above."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn. `expected` are the lines through days of which it is known, as points of SVG."""

    bars: Sequence[Bar]
    expected: Sequence[str]
    highest: int
    width: int
    findings: Sequence[WatchFinding]


def plot_of(lpr: LPR, *, at: datetime) -> Plot | None:
    """Return the plot of an LPR's last days; None before any was counted."""
    since = (at - SHOWN).date()
    days, found = counted(lpr, since=since), findings_of(lpr, since=since)
    if not days:
        return None
    first = days[0].day
    highest = max(1.0, *(max(each.readable, each.expected or 0) for each in days))
    troubled = {each.day for each in found}
    bars = [
        Bar(each, (each.day - first).days, round(HEIGHT * each.readable / highest, 2), each.day in troubled)
        for each in days
    ]
    lines: list[list[str]] = [[]]
    for bar in bars:
        if bar.day.expected is None:
            lines.append([])
        else:
            lines[-1].append(f"{bar.x + 0.5},{HEIGHT * (1 - bar.day.expected / highest):.2f}")
    return Plot(
        bars=bars, expected=[" ".join(line) for line in lines if line], highest=round(highest),
        width=max(FEWEST, bars[-1].x + 1), findings=found,
    )  # fmt: skip
