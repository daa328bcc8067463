"""The only writer of what the watch over LPRs counted and found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from platekeeper.core.watching.findings import Finding
from platekeeper.server.equipment.models import DayCount, WatchFinding

_COUNTED = ("watched", "reads", "readable", "confidence", "characters", "lag")


def keep_counts(counts: Iterable[DayCount]) -> None:
    """Keep a day's counts, instead of those that were taken before late reads came."""
    DayCount.objects.bulk_create(
        counts, update_conflicts=True, unique_fields=["lpr", "day"], update_fields=_COUNTED, batch_size=200
    )


def keep_expected(day: date, expected: Mapping[int, float | None]) -> None:
    """Say how many readable reads of each LPR, by its number, were to be expected on a day."""
    rows = list(DayCount.objects.filter(day=day, lpr__in=expected))
    for row in rows:
        row.expected = expected[row.lpr_id]
    DayCount.objects.bulk_update(rows, ["expected"], batch_size=200)


def keep_finding(finding: Finding, *, at: datetime) -> WatchFinding:
    """Record a finding."""
    return WatchFinding.objects.create(
        lpr_id=finding.lpr, trouble=finding.trouble.value, day=finding.day, since=finding.since, size=finding.size,
        strength=finding.strength, character=finding.character, instead=finding.instead, found_at=at,
    )  # fmt: skip
