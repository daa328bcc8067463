"""What is kept and what is gone in a department's time, in plain Python: the rules of `core` and nothing of the server.

A read is stored in the unit of the policy of that moment, a step or a day, and goes with it. A hit keeps its own; copies
in a case outlive both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from platekeeper.core.policy import Policy
from platekeeper.core.rules import retention
from platekeeper.core.rules.directives import Named
from platekeeper.core.rules.retention import HitFacts

BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LOCAL, WINDOW, ALARMS_FOR = ZoneInfo("America/New_York"), timedelta(minutes=15), timedelta(hours=24)
WANTED = frozenset({"HVK4410", "WTX9876"})


@dataclass(frozen=True)
class Read:
    """A read; `unit` is the time whose reads go together, as the policy had it when the read came."""

    plate: str
    captured: datetime
    unit: timedelta = timedelta(0)

    @property
    def unit_ends(self) -> datetime:
        since = datetime(1970, 1, 1, tzinfo=UTC)
        return self.captured - (self.captured - since) % self.unit + self.unit

    def named(self, by: Named) -> bool:
        return by.covers(self.plate, lpr=1, at=self.captured, latitude=None, longitude=None)


@dataclass
class ModelHit:
    read: Read
    raised: datetime
    silent: bool
    alarm: int | None  # the hit that it repeats
    stopped: bool = False

    def copied(self, by: Named) -> bool:
        """Say whether a directive copies it: of one that raises no alarm the read alone."""
        return not self.silent and self.read.named(by)


@dataclass
class ModelCase:
    copies: set[tuple[str, datetime]] = field(default_factory=set)
    hits: set[int] = field(default_factory=set)
    directives: list[tuple[Named, date]] = field(default_factory=list)
    ended: bool = False


class Timeline:
    """One department from `BEGIN` on; `now` may step back."""

    def __init__(self) -> None:
        self.now = BEGIN
        first = Policy(1, "", {"VI.k.floor": "1 minutes", "VI.k.ceiling": "180 days"})
        self.said = [(BEGIN - timedelta(days=10), first)]
        self.stored: list[Read] = []
        self.hits: dict[int, ModelHit] = {}
        self.cases: list[ModelCase] = []
        self.gone: list[Read] = []
        self.raised = 0

    @property
    def policy(self) -> Policy:
        """The one in force: where the clock steps back behind a change, that is the one before it."""
        return [policy for since, policy in self.said if since <= self.now][-1]

    def say(self, **values: str) -> None:
        self.now = max(self.now, self.said[-1][0] + timedelta(minutes=1))
        said = {f"VI.k.{key}": value for key, value in values.items()}
        self.said.append((self.now, replace(self.policy, values={**self.policy.values, **said})))

    def come_in(self, read: Read) -> None:
        oldest, taken = (
            each(self.policy, at=self.now) or datetime.min.replace(tzinfo=UTC)
            for each in (retention.oldest_stored, retention.oldest_taken)
        )
        if read.captured < min(oldest, taken):
            return
        if read.captured >= oldest:
            self.stored.append(replace(read, unit=retention.step(self.policy)))
        for case, named in self._standing():
            if read.named(named):
                case.copies.add((read.plate, read.captured))
        if read.plate in WANTED:
            self._raise(read)

    def _raise(self, read: Read) -> None:
        silent = self.now - read.captured > ALARMS_FOR
        near = [
            (each.read.captured, number)
            for number, each in self.hits.items()
            if each.alarm is None
            and each.read.plate == read.plate
            and (silent or not each.silent)
            and abs(each.read.captured - read.captured) <= WINDOW
        ]
        self.raised += 1
        self.hits[self.raised] = ModelHit(read, self.now, silent, min(near)[1] if near else None)

    def direct(self, case: ModelCase, named: Named, until: date) -> None:
        case.directives.append((named, until))
        case.copies |= {(read.plate, read.captured) for read in self.stored if read.named(named)}
        case.hits |= {number for number, hit in self.hits.items() if hit.copied(named)}

    def dispose(self) -> None:
        oldest = retention.oldest_stored(self.policy, at=self.now)
        if oldest is not None:
            self.gone += [read for read in self.stored if read.unit_ends <= oldest]
            self.stored = [read for read in self.stored if read.unit_ends > oldest]
        over = self._over()
        for case, named in self._standing():
            case.hits |= {number for number in over if self.hits[number].copied(named)}
        for number in self._over():
            del self.hits[number]

    def _standing(self) -> list[tuple[ModelCase, Named]]:
        today = self.now.astimezone(LOCAL).date()
        return [
            (case, named) for case in self.cases if not case.ended for named, until in case.directives if until >= today
        ]

    def _over(self) -> list[int]:
        over = []
        for alarm in (number for number, hit in self.hits.items() if hit.alarm is None):
            group = {alarm} | {number for number, hit in self.hits.items() if hit.alarm == alarm}
            facts = HitFacts(
                raised_at=max(self.hits[number].raised for number in group),
                in_case=any(case.hits & group for case in self.cases if not case.ended),
                was_in_case=any(case.hits & group for case in self.cases if case.ended),
                led_on=any(self.hits[number].stopped for number in group),
            )
            if retention.may_end_hit(facts, self.policy, at=self.now):
                over += sorted(group)
        return over

    def check(self) -> None:
        """After a disposal nothing is there later than period and step, and nothing went while it was to be kept."""
        period = retention.kept_for(self.policy)
        if period is not None:
            for read in self.stored:
                late = self.now - read.captured - period
                mixed = timedelta(0) if read.unit == retention.step(self.policy) else read.unit
                assert late <= retention.step(self.policy) + mixed, (read, self.policy.values)
            for read in self.gone:
                assert self.now - read.captured >= period, (read, self.policy.values)
        self.gone.clear()
        ends = self.policy.period(retention.HITS) if self.policy.needs(retention.HITS) else None
        for number, hit in self.hits.items():
            lone = hit.alarm is None and not any(each.alarm == number for each in self.hits.values())
            held = hit.stopped or any(number in case.hits for case in self.cases)
            assert ends is None or held or not lone or self.now - hit.raised <= ends, hit
