"""Registers as tests ask for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import Line, line_of, register
from platekeeper.server.register.period import Period, period_of
from platekeeper.server.retention.lookups import Stored

NOW = datetime.now(UTC)


class Days(tuple[date, ...]):
    """A store of reads that has whole days."""

    def days(self) -> list[date]:
        """Return the days with reads."""
        return [*self]

    def count_until(self, _moment: int) -> dict[int, int]:
        """Count no reads of steps."""
        return {}


def until(at: datetime = NOW, *, days: int = 30, store: Stored | None = None) -> Period:
    """Return the period of some days up to a moment."""
    policy = in_force(at=at)
    return Period(policy=policy, since=at - timedelta(days=days), at=at, zone=policy.zone, store=store)


def of_day(day: date, *, days: int = 1, store: Stored | None = None) -> Period:
    """Return the period that ends with a past day, as the page asks for it."""
    return period_of(now=NOW, on=day, days=days, store=store)


def by_number(period: Period) -> dict[str, Line]:
    """Return the lines of a period by their number."""
    return {line.number: line for line in register(period)}


def on_day(clause: Clause, day: date, *, days: int = 1) -> Status:
    """Return what the register of a past day says of a clause."""
    return line_of(clause, of_day(day, days=days)).status


def status(clause: Clause, *, at: datetime = NOW, store: Stored | None = None) -> Status:
    """Return what the register says of a clause up to a moment."""
    return line_of(clause, until(at, store=store)).status
