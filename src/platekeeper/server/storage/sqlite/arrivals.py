"""Reads in the order in which they arrived, for whoever must look at each newly stored one exactly once.

A read's number is its place in that order, over all files. One append may commit several hours one after the other, so
the highest number in sight says nothing of the lower ones yet; once the append that was under way is over, it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import DayMissing, day_folder
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.reads import Arrival
from platekeeper.server.storage.sqlite.layout import DAYS_LOCK, days_in
from platekeeper.server.storage.sqlite.reading import reading


def arrived_until(store: Path) -> int:
    """Return a number up to which every read is in sight, 0 in an empty store; later ones get higher numbers."""
    last = max((number for _, number in _last_numbers(store)), default=0)
    if last:
        with held(store / DAYS_LOCK):  # every append holds it
            pass
    return last


def arrivals(store: Path, *, after: int, until: int) -> Iterator[Arrival]:
    """Give the reads with after < number <= until, in no order across days; those of days disposed of meanwhile are gone."""
    for day, last in _last_numbers(store):
        if last <= after:
            continue
        try:
            with reading(day_folder(store, day)) as connections:
                for connection in connections:
                    found = connection.execute(
                        "SELECT number, folded, lpr, at FROM read WHERE number > ? AND number <= ? AND folded IS NOT NULL",
                        (after, until),
                    )
                    yield from (Arrival(day, *row) for row in found)
        except DayMissing:
            continue


def _last_numbers(store: Path) -> Iterator[tuple[date, int]]:
    for day in days_in(store):
        try:
            with reading(day_folder(store, day)) as connections:
                numbers = [each.execute("SELECT max(number) FROM read").fetchone()[0] for each in connections]
        except DayMissing:
            continue
        yield day, max((number or 0 for number in numbers), default=0)
