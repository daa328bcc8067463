"""Whether the system that keeps the department's data is well: facts in, a verdict a line out. No plates in either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from platekeeper.core.rules.upkeep import SCHEDULE_PATIENCE

_GB = 1024**3
_MB = 1024**2
_FEW_DAYS, _SOME_DAYS = 7, 30
_LITTLE, _TOO_LITTLE = 5 * _GB, 1 * _GB
_LONG_LOG, _TOO_LONG_LOG = 64 * _MB, 512 * _MB
_LETTERS_WAIT = timedelta(hours=24)
AHEAD, BEHIND = 5.0, 300.0
"""Seconds that an LPR's clock may be ahead of the server's, and that a live LPR's newest read may lie back."""


class Level(IntEnum):
    """How well something is; as a number, what `platekeeper health` ends with (0, 1, 2, as monitors expect)."""

    GOOD = 0
    WARN = 1
    BAD = 2

    @property
    def word(self) -> str:
        """Say it in words, since a color alone does not."""
        return ("in order", "see to it", "act now")[self]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found. Sizes are bytes, `None` where a thing does not exist or says nothing."""

    at: datetime
    disk_free: int
    disk_total: int
    growth_a_day: int  # of the last whole days
    days_stored: int
    ceiling: timedelta | None
    log_size: int | None  # of SQLite's write-ahead log; None on PostgreSQL
    engine: str  # "sqlite" or "postgresql"
    version: tuple[int, ...]
    archives: bool  # PostgreSQL keeps copies of its write-ahead log
    oldest_day: date | None
    reads_over: bool  # some are past their time, and the time within which two persons agree
    backup_at: datetime | None
    backup_failed: bool  # the run begun last
    backup_every: timedelta | None
    reads_since: datetime | None  # the first batch of all
    last_batch: datetime | None
    transfer_every: timedelta | None
    batches_incomplete: int = 0  # stored, and without hits
    clock_steps: Sequence[datetime] = ()  # when batches were received earlier than the one before them
    future_days: int = 0  # days of reads that are still to come
    lprs_ahead: Sequence[str] = ()
    lprs_behind: Sequence[str] = ()
    uploads_overdue: int = 0
    uploads_never: int = 0
    jobs_overdue: Sequence[str] = ()
    jobs_failed: Sequence[str] = ()
    jobs_waiting: Sequence[str] = ()  # much would end at once, while no time service vouches for the clock
    transfers_late: int = 0
    mous_ending: Sequence[str] = ()  # within a month: title and last day
    reads_waiting: bool = False  # some are past their time, and wait for two persons
    letters_waiting: int = 0
    oldest_letter: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line: what it is about, what is, what it should be, how well that is, and what to do."""

    name: str
    found: str
    wanted: str
    level: Level = Level.GOOD
    do: str = ""

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "level": self.level.name.lower()}


def verdicts(facts: Facts) -> list[Verdict]:
    """Return a verdict of everything that is looked at."""
    return [rule(facts) for rule in _RULES]


def worst(found: Sequence[Verdict]) -> Level:
    """Return the level of the worst verdict."""
    return max((each.level for each in found), default=Level.GOOD)


def has_reset_race(version: tuple[int, ...]) -> bool:
    """Say whether a version of SQLite can lose a commit when a checkpoint meets a write (the WAL-reset race).

    Mended in 3.51.3, 3.50.7 and 3.44.6; there since write-ahead logs are, 3.7.0.
    """
    mended = ((3, 44, 6), (3, 50, 7))
    return (3, 7) <= version < (3, 51, 3) and not any(each <= version < (3, each[1] + 1) for each in mended)


def _disk(facts: Facts) -> Verdict:
    free, growth = facts.disk_free, facts.growth_a_day
    days = free // growth if growth > 0 else None
    # once reads are as old as the policy keeps them, each day disposed of makes room for a new one
    to_come = None if facts.ceiling is None else max(0, facts.ceiling.days - facts.days_stored)
    holds = to_come is not None and free >= growth * to_come
    level = Level.GOOD
    if free < _LITTLE or (days is not None and days < _SOME_DAYS and not holds):
        level = Level.WARN
    if free < _TOO_LITTLE or (days is not None and days < _FEW_DAYS and not holds):
        level = Level.BAD
    found = f"{_size(free)} of {_size(facts.disk_total)} free"
    if growth > 0:
        enough, full = "enough for as long as the policy keeps reads", f"full in about {days} days"
        found = f"{found}; {_size(growth)} more each day; {enough if holds else full}"
    return Verdict(
        "Disk", found, f"{_size(_LITTLE)} free, and room for {_SOME_DAYS} days or the policy's whole period", level,
        "" if level is Level.GOOD else "Make room or add a disk before reads are refused: see docs/operations.md, Disk.",
    )  # fmt: skip


def _log(facts: Facts) -> Verdict:
    if facts.log_size is None:
        return Verdict("Write-ahead log", "PostgreSQL keeps its own", "nothing to see to here")
    size = facts.log_size
    level = Level.BAD if size >= _TOO_LONG_LOG else Level.WARN if size >= _LONG_LOG else Level.GOOD
    do = "Only the jobs checkpoint the records: see that they run, and that no program keeps records.sqlite3 open."
    return Verdict(
        "Write-ahead log", f"{_size(size)} of the records", f"below {_size(_LONG_LOG)}", level, do if level else ""
    )


def _database(facts: Facts) -> Verdict:
    version = ".".join(str(part) for part in facts.version)
    if facts.engine == "postgresql":
        found, wanted = f"PostgreSQL {version}", "PostgreSQL 15 or later, its write-ahead log not archived"
        if facts.version < (15,):
            return Verdict("Database", found, wanted, Level.BAD, "Upgrade PostgreSQL: this version is not supported.")
        if facts.archives:
            do = "What was disposed of lives on in the archive: remove its files on time, as docs/restore.md says (VI.k)."
            return Verdict("Database", f"{found}, which archives its write-ahead log", wanted, Level.WARN, do)
        return Verdict("Database", found, wanted)
    found, wanted = f"SQLite {version}", "version 3.51.3 or later, or the rule of one checkpointer kept"
    if not has_reset_race(facts.version):
        return Verdict("Database", found, wanted)
    return Verdict(
        "Database", f"{found}: has the WAL-reset race, which is held off by checkpointing under the write lock", wanted,
        do="Let no other program write to or checkpoint records.sqlite3 while the server runs.",
    )  # fmt: skip


def _oldest_read(facts: Facts) -> Verdict:
    wanted = "no ceiling in the policy" if facts.ceiling is None else f"no older than {_length(facts.ceiling)} (VI.k)"
    if facts.oldest_day is None:
        return Verdict("Oldest read", "no reads are stored", wanted)
    found = f"captured on {facts.oldest_day.isoformat()}"
    if facts.reads_over:
        do = "Reads are kept past the policy's time. Look at Upkeep, Disposals, and at the job that disposes of reads."
        return Verdict("Oldest read", found, wanted, Level.BAD, do)
    if facts.reads_waiting:
        do = "Reads past the policy's time wait for two persons to agree: Upkeep, Disposals."
        return Verdict("Oldest read", found, wanted, Level.WARN, do)
    return Verdict("Oldest read", found, wanted)


def _backup(facts: Facts) -> Verdict:
    every, last = facts.backup_every, facts.backup_at
    wanted = "the policy names no interval (VI.m)" if every is None else f"every {_length(every)} (VI.m)"
    found = "none yet" if last is None else f"made {_length(facts.at - last)} ago"
    since, do = last or facts.reads_since, "Back up now, on Upkeep, and see that its place has room."
    if every is not None and since is not None and facts.at - since > every + SCHEDULE_PATIENCE:
        return Verdict("Backup", found, wanted, Level.BAD, do)
    if facts.backup_failed:
        return Verdict(
            "Backup", f"{found}; the last run FAILED", wanted, Level.WARN, "Upkeep says why. Mend it, run again."
        )
    if every is not None and last is None:
        return Verdict("Backup", found, wanted, Level.WARN, do)
    return Verdict("Backup", found, wanted)


def _clock(facts: Facts) -> Verdict:
    wanted = f"never set back, and LPRs within {AHEAD:.0f} seconds of it"
    back = facts.last_batch is not None and facts.last_batch - facts.at > timedelta(seconds=AHEAD)
    said = [
        "reads were received later than it is now" if back else "",
        f"days of reads still to come: {facts.future_days}" if facts.future_days else "",
        f"set back on {facts.clock_steps[0]:%Y-%m-%d %H:%M} UTC" if facts.clock_steps else "",
    ]
    do = "Let a time service set the server's clock (timedatectl), and look at the LPRs' clocks."
    if not any(said):
        said = [
            f"ahead of it: {few_of(facts.lprs_ahead)}" if facts.lprs_ahead else "",
            f"behind, or sending late: {few_of(facts.lprs_behind)}" if facts.lprs_behind else "",
        ]
        do = "Let a time service set these LPRs' clocks (NTP)."
    if not any(said):
        return Verdict("Clock", "no step seen, and no LPR far from it", wanted)
    return Verdict("Clock", "; ".join(filter(None, said)), wanted, Level.BAD if back else Level.WARN, do)


def _jobs(facts: Facts) -> Verdict:
    wanted = "every job ran when it was due"
    if facts.jobs_overdue:
        do = "The jobs' process is not running, or a job hangs: restart platekeeper serve."
        return Verdict("Scheduled work", f"overdue: {few_of(facts.jobs_overdue)}", wanted, Level.BAD, do)
    if facts.jobs_waiting:
        do = (
            "Much would end at once, and the clock may be wrong. Let a time service set it, and they go on; or see that it "
            "is right, and dispose now on Upkeep, or disable the accounts on People."
        )
        return Verdict("Scheduled work", f"waits: {few_of(facts.jobs_waiting)}", wanted, Level.BAD, do)
    if facts.jobs_failed:
        return Verdict(
            "Scheduled work",
            f"failed last: {few_of(facts.jobs_failed)}",
            wanted,
            Level.WARN,
            "Upkeep says what went wrong.",
        )
    return Verdict("Scheduled work", "alive", wanted)


def _letters(facts: Facts) -> Verdict:
    wanted = f"none waits longer than {_length(_LETTERS_WAIT)} (VI.j)"
    late = facts.oldest_letter is not None and facts.at - facts.oldest_letter > _LETTERS_WAIT
    do = "Whoever manages the data looks at them on Dead letters." if late else ""
    return Verdict("Dead letters", f"{facts.letters_waiting or 'none'} waiting", wanted, Level(late), do)


def _intake(facts: Facts) -> Verdict:
    every = facts.transfer_every
    wanted = "the policy names no period (VI.i)" if every is None else f"within {_length(every)} (VI.i)"
    if facts.last_batch is None:
        return Verdict("Intake", "no reads were received yet", wanted)
    silent = every is not None and facts.at - facts.last_batch > every
    found = f"last batch {_length(max(facts.at - facts.last_batch, timedelta(0)))} ago"
    do = "No LPR sends: look at the network, and at the server's address in the LPRs." if silent else ""
    return Verdict("Intake", found, wanted, Level.BAD if silent else Level.GOOD, do)


def _matching(facts: Facts) -> Verdict:
    wanted = "every stored read was matched"
    if not facts.batches_incomplete:
        return Verdict("Matching", "nothing waits", wanted)
    found = f"batches stored, but not matched: {facts.batches_incomplete}"
    do = "Their reads raised no alarm. Keep the server's log, which says why, and report it: see docs/operations.md."
    return Verdict("Matching", found, wanted, Level.BAD, do)


def _uploads(facts: Facts) -> Verdict:
    wanted = "every LPR in service heard from in time (V.b, VI.i)"
    if not facts.uploads_overdue and not facts.uploads_never:
        return Verdict("Uploads", "none overdue", wanted)
    found = f"{facts.uploads_overdue or 'none'} overdue, {facts.uploads_never or 'none'} never heard from"
    return Verdict("Uploads", found, wanted, Level.WARN, "The page LPRs names them: look at key, address and network.")


def _sharing(facts: Facts) -> Verdict:
    wanted = "routine transfers sent and received in time (VI.i), no MOU about to end (VI.l)"
    said = [
        f"transfers late: {facts.transfers_late}" if facts.transfers_late else "",
        f"ending within a month: {few_of(facts.mous_ending)}" if facts.mous_ending else "",
    ]
    if not any(said):
        return Verdict("Sharing", "nothing late or ending", wanted)
    do = "The page Sharing says why, and shows what is to be attested anew."
    return Verdict("Sharing", "; ".join(filter(None, said)), wanted, Level.WARN, do)


_RULES: tuple[Callable[[Facts], Verdict], ...] = (
    _disk, _log, _database, _oldest_read, _backup, _clock, _jobs, _letters, _intake, _matching, _uploads, _sharing,
)  # fmt: skip


def _size(count: int) -> str:
    size, units = float(count), ("bytes", "KB", "MB", "GB", "TB")
    for unit in units:
        if size < 1024 or unit == units[-1]:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError(count)


def _length(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= length * (2 if unit == "day" else 1):
            count = minutes // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def few_of(names: Sequence[str], *, between: str = ", ") -> str:
    """Return the first names of many, and how many more there are."""
    few = between.join(names[:3])
    return f"{few} and {len(names) - 3} more" if len(names) > 3 else few
