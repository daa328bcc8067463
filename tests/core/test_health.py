"""The health of the system: facts in, verdicts out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.rules.health import Facts, Level, has_reset_race, verdicts, worst

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GB, MB = 1024**3, 1024**2
WELL = Facts(
    at=NOW,
    disk_free=500 * GB,
    disk_total=1000 * GB,
    growth_a_day=2 * GB,
    days_stored=30,
    ceiling=180 * DAY,
    log_size=MB,
    engine="sqlite",
    version=(3, 51, 3),
    archives=False,
    oldest_day=date(2026, 2, 1),
    reads_over=False,
    backup_at=NOW - 5 * HOUR,
    backup_failed=False,
    backup_every=DAY,
    reads_since=NOW - 30 * DAY,
    last_batch=NOW - HOUR,
    transfer_every=DAY,
)


def test_all_well() -> None:
    assert worst(verdicts(WELL)) is Level.GOOD
    assert not any(each.do for each in verdicts(WELL))
    assert worst([]) is Level.GOOD


@pytest.mark.parametrize(
    ("name", "facts", "level", "words"),
    [
        ("Disk", {"disk_free": 310 * GB}, Level.GOOD, "enough for as long"),
        ("Disk", {"disk_free": 299 * GB}, Level.GOOD, "about 149 days"),
        ("Disk", {"disk_free": 40 * GB}, Level.WARN, "about 20 days"),
        ("Disk", {"disk_free": 12 * GB}, Level.BAD, "about 6 days"),
        ("Disk", {"disk_free": 40 * GB, "days_stored": 170}, Level.GOOD, "enough for as long"),
        ("Disk", {"disk_free": 40 * GB, "days_stored": 170, "ceiling": None}, Level.WARN, "about 20 days"),
        ("Disk", {"disk_free": 4 * GB, "growth_a_day": 0}, Level.WARN, "4.0 GB of 1000 GB free"),
        ("Disk", {"disk_free": GB // 2, "growth_a_day": 0}, Level.BAD, "512 MB"),
        ("Write-ahead log", {"log_size": 65 * MB}, Level.WARN, "65 MB"),
        ("Write-ahead log", {"log_size": 600 * MB}, Level.BAD, "600 MB"),
        ("Write-ahead log", {"log_size": None}, Level.GOOD, "PostgreSQL"),
        ("Database", {"version": (3, 40, 1)}, Level.GOOD, "WAL-reset race"),
        ("Database", {"engine": "postgresql", "version": (15, 4)}, Level.GOOD, "PostgreSQL 15.4"),
        ("Database", {"engine": "postgresql", "version": (14, 9)}, Level.BAD, "PostgreSQL 14.9"),
        ("Database", {"engine": "postgresql", "version": (16, 1), "archives": True}, Level.WARN, "archives its"),
        ("Oldest read", {"reads_over": True}, Level.BAD, "2026-02-01"),
        ("Oldest read", {"reads_over": True, "reads_waiting": True}, Level.BAD, "2026-02-01"),
        ("Oldest read", {"reads_waiting": True}, Level.WARN, "2026-02-01"),
        ("Oldest read", {}, Level.GOOD, "2026-02-01"),
        ("Oldest read", {"oldest_day": None}, Level.GOOD, "no reads"),
        ("Backup", {"backup_at": NOW - 27 * HOUR}, Level.BAD, "27 hours ago"),
        ("Backup", {"backup_at": NOW - 25 * HOUR}, Level.GOOD, "25 hours ago"),
        ("Backup", {"backup_at": None}, Level.BAD, "none yet"),
        ("Backup", {"backup_at": None, "reads_since": None}, Level.WARN, "none yet"),
        ("Backup", {"backup_failed": True}, Level.WARN, "FAILED"),
        ("Backup", {"backup_at": None, "backup_every": None}, Level.GOOD, "none yet"),
        ("Clock", {"last_batch": NOW + HOUR}, Level.BAD, "later than it is now"),
        ("Clock", {"clock_steps": (NOW - HOUR,)}, Level.WARN, "set back on 2026-03-03 11:00"),
        ("Clock", {"future_days": 2}, Level.WARN, "days of reads still to come: 2"),
        ("Clock", {"lprs_ahead": ["Car 12"]}, Level.WARN, "ahead of it: Car 12"),
        ("Clock", {"lprs_behind": ["A", "B", "C", "D"]}, Level.WARN, "A, B, C and 1 more"),
        ("Scheduled work", {"jobs_overdue": ["Sign the ledger"]}, Level.BAD, "overdue: Sign"),
        ("Scheduled work", {"jobs_waiting": ["Dispose"]}, Level.BAD, "waits: Dispose"),
        ("Scheduled work", {"jobs_failed": ["Sign the ledger"]}, Level.WARN, "failed last"),
        ("Dead letters", {"letters_waiting": 3, "oldest_letter": NOW - HOUR}, Level.GOOD, "3 waiting"),
        ("Dead letters", {"letters_waiting": 3, "oldest_letter": NOW - 25 * HOUR}, Level.WARN, "3 waiting"),
        ("Intake", {"last_batch": NOW - 25 * HOUR}, Level.BAD, "25 hours ago"),
        ("Intake", {"last_batch": NOW}, Level.GOOD, "less than a minute ago"),
        ("Intake", {"last_batch": None}, Level.GOOD, "no reads"),
        ("Intake", {"last_batch": NOW - 25 * HOUR, "transfer_every": None}, Level.GOOD, "25 hours ago"),
        ("Matching", {"batches_incomplete": 2}, Level.BAD, "not matched: 2"),
        ("Uploads", {"uploads_overdue": 2}, Level.WARN, "2 overdue, none never"),
    ],
)
def test_each_line(name: str, facts: dict[str, Any], level: Level, words: str) -> None:
    [found] = [each for each in verdicts(replace(WELL, **facts)) if each.name == name]
    assert found.level is level
    assert words in found.found
    assert bool(found.do) or level is Level.GOOD  # whatever is wrong says what to do
    assert found.told()["level"] == level.name.lower()


@pytest.mark.parametrize(
    ("version", "races"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
        ((3, 45, 0), True), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 0), True), ((3, 51, 2), True),
        ((3, 51, 3), False), ((3, 52, 0), False), ((4, 0, 0), False),
    ],
)  # fmt: skip
def test_versions_with_the_race(version: tuple[int, ...], races: bool) -> None:
    assert has_reset_race(version) is races
