"""The time that a register speaks of: what happened in it counts, and states are judged as they stood at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from platekeeper.core.policy import Policy
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy.lookups import in_force, review_due_of, versions
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.register.history import History
from platekeeper.server.register.questions import Sought, Times, asked
from platekeeper.server.register.sums import alike
from platekeeper.server.retention.lookups import Stored

WINDOWS = (1, 7, 30, 365)
"""Days that a register may look back upon, its own day included."""
USUAL_WINDOW = 30
_FIRST_YEAR = 2000
_REFUSALS = (Action.ACTION_REFUSED, Action.QUERY_REFUSED, Action.HOTLIST_REFUSED)
_COUNTED = (
    *_REFUSALS, Action.CASE_CHANGED, Action.DIRECTIVE_ENDED, Action.DIRECTIVE_GIVEN, Action.DISPOSAL_APPROVED,
    Action.HOTLIST_ADDED, Action.HOTLIST_CHANGED, Action.LPR_ADDED, Action.LPR_CHANGED, Action.LPR_KEY_ISSUED,
    Action.QUERY_BEGUN, Action.READS_IMPORTED, Action.REVIEW_REMINDED, Action.SIGNED_IN, Action.SIGN_IN_FAILED,
    Action.UPLOAD_NOTHING,
)  # fmt: skip
"""The acts that clauses count."""
_TICK = timedelta(microseconds=1)


class PeriodError(ValueError):
    """There is no register of the time asked for; the message says which there is."""


class Acts(NamedTuple):
    """An act with its outcome, the clause it was under and the person (0 for the system), and how often the ledger has it."""

    action: str
    outcome: str
    clause: str
    person: int
    times: int


# without slots: what several clauses ask for is looked up once and kept beside the fields
@dataclass(frozen=True)
class Period:
    """Everything after `since` up to `at`, under the policy in force at `at`.

    `zone` is the department's, in whose calendar `at` falls on `today`. `store` is where the reads are, if it was handed in.
    """

    policy: Policy
    since: datetime
    at: datetime
    zone: ZoneInfo
    store: Stored | None = None

    @property
    def today(self) -> date:
        """The department's calendar day of `at`."""
        return self.at.astimezone(self.zone).date()

    @property
    def first_day(self) -> date:
        """The department's first calendar day of the period."""
        return self.half_open[0].astimezone(self.zone).date()

    @property
    def half_open(self) -> tuple[datetime, datetime]:
        """Its first moment, and the first one after it."""
        return self.since + _TICK, self.at + _TICK

    def within(self, field: str) -> Q:
        """Return the condition that a moment lies in the period."""
        return Q(**{f"{field}__gt": self.since, f"{field}__lte": self.at})

    def day_of(self, moment: datetime) -> str:
        """Return a moment's day in the department's calendar, as people read it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d}"

    @cached_property
    def known(self) -> dict[Hashable, Any]:
        """What was counted already for one clause and is asked for by another."""
        return {}

    @cached_property
    def days_stored(self) -> list[date]:
        """The UTC days of capture up to `at` whose reads are stored now."""
        last = self.at.astimezone(UTC).date()
        return [day for day in self.store.days() if day <= last] if self.store else []

    @cached_property
    def adopted(self) -> list[PolicyVersion]:
        """The versions of the policy adopted by `at`, newest first."""
        return list(versions(by=self.at))

    @cached_property
    def version(self) -> PolicyVersion | None:
        """The version in force at `at`."""
        return next((each for each in self.adopted if each.effective_at and each.effective_at <= self.at), None)

    @cached_property
    def review_due_on(self) -> date | None:
        """The day by which that version is to be reviewed, as it was known at `at`."""
        return review_due_of(self.version, at=self.at)

    @cached_property
    def history(self) -> History:
        """What everybody was, up to `at`."""
        return History(at=self.at, adopted=self.adopted)

    def acts(self, *actions: Action) -> list[Acts]:
        """Return how often these acts were done in the period."""
        if uncounted := set(actions) - set(_COUNTED):
            raise ValueError(f"add to the acts that clauses count: {', '.join(sorted(uncounted))}")
        return [each for each in _acts(self) if each.action in actions]

    @cached_property
    def refusals(self) -> Counter[str]:
        """How often something was refused in the period, by the number of the clause."""
        found: Counter[str] = Counter()
        for each in self.acts(*_REFUSALS):
            found[each.clause] += each.times
        return found


@asked
def _acts(of: Times) -> Sought[list[Acts]]:
    acts = LedgerEntry.objects.filter(of.within("at"), action__in=_COUNTED)
    counted = alike(acts, "action", "outcome", "clause", "person").found
    return Sought(counted, lambda found: [Acts(*each) for each in found])


def period_of(
    *,
    now: datetime,
    current: Policy | None = None,
    on: date | None = None,
    days: int | None = None,
    store: Stored | None = None,
) -> Period:
    """Return the period of `days` days that ends with the day `on`, at its last moment; of today, at `now`.

    `current` is the policy in force `now`, where it is known already. Raises `PeriodError`.
    """
    current = in_force(at=now) if current is None else current
    zone = current.zone
    today = now.astimezone(zone).date()
    day = today if on is None else on
    if day > today:
        raise PeriodError(f"{day.isoformat()} is still to come; the register shows what has happened.")
    if day.year < _FIRST_YEAR:
        raise PeriodError(f"There are no records of {day.isoformat()}.")
    length = (USUAL_WINDOW if day == today else 1) if days is None else days
    if length not in WINDOWS:
        raise PeriodError(f"Choose a window of {', '.join(str(window) for window in WINDOWS)} days.")
    return _whole(day - timedelta(days=length - 1), day, current=current, now=now, store=store)


def between(first: date, last: date, *, now: datetime, store: Stored | None = None) -> Period:
    """Return the period from a day to another, both whole; up to `now` where it is not over. Raises `PeriodError`."""
    current = in_force(at=now)
    zone = current.zone
    if first.year < _FIRST_YEAR or last < first or _midnight(first, zone) > now:
        raise PeriodError("Give a first day that has come, and a last day that does not lie before it.")
    return _whole(first, last, current=current, now=now, store=store)


def _whole(first: date, last: date, *, current: Policy, now: datetime, store: Stored | None) -> Period:
    zone = current.zone
    since, end = _midnight(first, zone) - _TICK, min(now, _midnight(last + timedelta(days=1), zone) - _TICK)
    policy = current if end == now else in_force(at=end)
    return Period(policy=policy, since=since, at=end, zone=zone, store=store)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
