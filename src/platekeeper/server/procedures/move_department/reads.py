"""Move the reads, a day in one step; their images stay where they are, in the day's packs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol

from platekeeper.server.procedures.move_department import steps
from platekeeper.server.procedures.move_department.copying import Tell
from platekeeper.server.storage.reads import Leaving


class Left(Protocol):
    """The store that is left behind."""

    def days(self) -> list[date]:
        """Return the days with reads, oldest first."""

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number."""

    def leaving(self, day: date) -> Iterator[Leaving]:
        """Yield a day's reads in the order of their numbers."""


class Taking(Protocol):
    """The store that takes the reads over."""

    def prepare(self) -> None:
        """Make it ready to keep reads; its error says what is missing."""

    def count(self, day: date) -> dict[int, int]:
        """Return a day's reads per LPR number."""

    def take_over(self, day: date, reads: Iterable[Leaving]) -> None:
        """Hold these reads of a day, with their numbers, instead of all it has of the day: all of them or none."""


class DayDiffers(Exception):
    """A day is not the same on both sides."""


def move_reads(left: Left, taking: Taking, *, tell: Tell) -> dict[str, int]:
    """Copy every day that is not copied yet; return the reads of each day. Raises `DayDiffers`."""
    counts: dict[str, int] = {}
    for day in left.days():
        if steps.said(f"day {day}") is None:
            copy_day(left, taking, day)
            steps.mark(f"day {day}")
        here, there = left.count(day), taking.count(day)
        if here != there:
            steps.undo(f"day {day}")
            raise DayDiffers(f"The reads of {day} are not the same on both sides.")
        counts[str(day)] = sum(here.values())
        tell(f"reads of {day}: {counts[str(day)]:,}")
    return counts


def copy_day(left: Left, taking: Taking, day: date) -> None:
    """Let the target take one day over."""
    taking.take_over(day, left.leaving(day))
