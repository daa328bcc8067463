"""What everybody was at any moment up to now, out of a few queries: so that each record can be judged as it was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import chain, islice
from operator import or_
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from platekeeper.core.policy import NO_POLICY, Policy
from platekeeper.core.rules.access import Authority, Standing, has_any_duty
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.server.personnel.lookups.training import answers, concerns
from platekeeper.server.personnel.models import (
    Bulletin,
    BulletinReceipt,
    Course,
    Disabling,
    Grant,
    Holding,
    Person,
    Training,
)
from platekeeper.server.policy.lookups import as_policy, versions
from platekeeper.server.policy.models import PolicyVersion

Rule = Callable[[Authority, Policy, date], Decision]
"""A rule of access, asked about a person under the policy of the day."""
_DAY = timedelta(days=1)
_COUNTS = (Course.Kind.INITIAL, Course.Kind.REFRESHER)
_AT_ONCE = 40
"""Spans that one query asks about."""


class Span(NamedTuple):
    """A time in which one person was refused: from `begins` up to, not with, `ends`."""

    person: int
    begins: datetime
    ends: datetime


class Governed(NamedTuple):
    """A time in which one policy was in force: from `begins` up to, not with, `ends`."""

    begins: datetime
    ends: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class _Version:
    begins: datetime
    policy: Policy


class History:
    """People and policy as they were at every moment up to `at`.

    Says what `personnel.lookups.authorities_of` and `policy.lookups.in_force` say; those ask the database about one moment,
    this was told everything and answers about all of them.
    """

    def __init__(self, *, at: datetime, adopted: Sequence[PolicyVersion] | None = None) -> None:
        """Be told; `adopted` are the versions adopted by `at`, newest first, where they are known already."""
        self._versions = [
            _Version(max(version.adopted_at or at, version.effective_at or at), as_policy(version))
            for version in (versions(by=at) if adopted is None else adopted)
        ]
        self._people = {person.pk: person for person in Person.objects.all()}
        self._holdings = _by_person(Holding.objects.select_related("position"))
        self._grants = _by_person(Grant.objects.all())
        self._disablings = _by_person(Disabling.objects.all())
        self._trainings = _by_person(Training.objects.select_related("course").order_by("on", "pk"))
        self._read: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
        for person, bulletin, read_at in BulletinReceipt.objects.values_list("person", "bulletin", "read_at"):
            self._read[person][bulletin] = read_at
        self.bulletins = list(Bulletin.objects.order_by("due_on", "pk"))
        self._due = [bulletin for bulletin in self.bulletins if bulletin.must]
        self._zones = {version.policy.zone for version in self._versions} or {ZoneInfo("UTC")}
        self._known: dict[tuple[int, datetime], Authority] = {}
        self._turned: dict[int, list[datetime]] = {}

    @property
    def people(self) -> dict[int, Person]:
        """Everybody who ever had an account, by number."""
        return self._people

    @property
    def trainings(self) -> Iterator[Training]:
        """Every training ever recorded."""
        return chain.from_iterable(self._trainings.values())

    @property
    def receipts(self) -> Iterator[datetime]:
        """When bulletins were read, each by everybody who read it."""
        return chain.from_iterable(each.values() for each in self._read.values())

    @property
    def ever_disabled(self) -> set[int]:
        """The accounts that were ever disabled, by number."""
        return {person for person, times in self._disablings.items() if times}

    @property
    def policies(self) -> list[Policy]:
        """Every policy adopted up to `at`, newest first."""
        return [version.policy for version in self._versions]

    def policy(self, moment: datetime) -> Policy:
        """Return the policy in force at a moment."""
        return next((version.policy for version in self._versions if version.begins <= moment), NO_POLICY)

    def governed(self, since: datetime, until: datetime) -> list[Governed]:
        """Return the policies in force from one moment to another, the oldest first."""
        begins = sorted({since, *(version.begins for version in self._versions if since < version.begins < until)})
        return [Governed(*times, self.policy(times[0])) for times in zip(begins, [*begins[1:], until], strict=True)]

    def today(self, moment: datetime) -> date:
        """Return the department's calendar day of a moment."""
        return moment.astimezone(self.policy(moment).zone).date()

    def authority(self, person: int, moment: datetime) -> Authority:
        """Return what a person was at a moment."""
        found = self._known.get((person, moment))
        if found is None:
            found = self._known[person, moment] = self._authority(self._people[person], moment)
        return found

    def decide(self, rule: Rule, person: int, moment: datetime) -> Decision:
        """Ask a rule about a person at a moment, under the policy of that moment."""
        return rule(self.authority(person, moment), self.policy(moment), self.today(moment))

    def everybody(self, rule: Rule, moment: datetime) -> dict[int, Authority]:
        """Return the people whom a rule allowed at a moment."""
        return {person: self.authority(person, moment) for person in self._people if self.decide(rule, person, moment)}

    def refused(self, rule: Rule, people: Iterable[int | None], *, since: datetime, at: datetime) -> list[Span]:
        """Return the times after `since` up to `at` in which a rule refused these people.

        Between two turns of a person's history nothing changes, so each such time is asked about once.
        """
        found: list[Span] = []
        end = at + timedelta(microseconds=1)
        for person in sorted(self._people.keys() & {each for each in people if each is not None}):
            begins = [since, *(turn for turn in self._turns(person) if since < turn <= at)]
            for begin, until in zip(begins, [*begins[1:], end], strict=True):
                if isinstance(self.decide(rule, person, begin), Refused):
                    if found and (found[-1].person, found[-1].ends) == (person, begin):
                        begin = found.pop().begins  # noqa: PLW2901 - goes on from where the last one began
                    found.append(Span(person, begin, until))
        return found

    def _authority(self, person: Person, moment: datetime) -> Authority:
        number, today = person.pk, self.today(moment)
        positions = frozenset(
            held.position.title
            for held in self._holdings[number]
            if held.given_at <= moment
            and held.since <= today
            and (held.until is None or held.until >= today)
            and _stands(held.ended_at, moment)
        )
        granted = {
            grant.kind
            for grant in self._grants[number]
            if grant.granted_at <= moment and _stands(grant.ended_at, moment)
        }
        disabled = any(
            each.disabled_at <= moment and _stands(each.enabled_at, moment) for each in self._disablings[number]
        )
        return Authority(
            standing=Standing(person.kind),
            active=not disabled and person.added_at <= moment and _stands(person.ends_at, moment),
            positions=positions,
            trained_on=self._trained_on(number, moment, today),
            overdue=tuple(
                bulletin.title
                for bulletin in self._due
                if bulletin.issued_at <= moment
                and _stands(bulletin.withdrawn_at, moment)
                and bulletin.due_on < today
                and concerns(bulletin, positions)
                and not self._has_done(bulletin, number, moment)
            ),
            staff_access=Grant.Kind.STAFF_ACCESS in granted,
            inquiries=Grant.Kind.INQUIRIES in granted,
            designee=Grant.Kind.DESIGNEE in granted,
        )

    def _taken(self, person: int, moment: datetime) -> list[Training]:
        return [
            training
            for training in self._trainings[person]
            if training.recorded_at <= moment and _stands(training.withdrawn_at, moment)
        ]

    def _trained_on(self, person: int, moment: datetime, today: date) -> date | None:
        found: date | None = None
        for training in self._taken(person, moment):
            counts = training.course.kind in _COUNTS and training.on <= today
            if counts and (found is not None or training.course.kind == Course.Kind.INITIAL):
                found = training.on
        return found

    def _has_done(self, bulletin: Bulletin, person: int, moment: datetime) -> bool:
        if bulletin.course_id is None:
            read_at = self._read[person].get(bulletin.pk)
            return read_at is not None and read_at <= moment
        return any(answers(each, bulletin) for each in self._taken(person, moment))

    def _turns(self, person: int) -> list[datetime]:
        """Return in order every moment at which anything may have changed for a person; a few too many do no harm."""
        found = self._turned.get(person)
        if found is None:
            found = self._turned[person] = sorted(self._turns_of(person))
        return found

    def _turns_of(self, person: int) -> set[datetime]:
        someone = self._people[person]
        turns: set[datetime | None] = {someone.added_at, someone.ends_at}
        days: set[date] = set()
        for held in self._holdings[person]:
            turns |= {held.given_at, held.ended_at}
            days |= {held.since} | ({held.until + _DAY} if held.until else set())
        for grant in self._grants[person]:
            turns |= {grant.granted_at, grant.ended_at}
        for disabling in self._disablings[person]:
            turns |= {disabling.disabled_at, disabling.enabled_at}
        lengths = {policy.whole("IV.i.refresher") for policy in self.policies if policy.needs("IV.i.refresher")}
        for training in self._trainings[person]:
            turns |= {training.recorded_at, training.withdrawn_at}
            days |= {training.on, *(training.on + timedelta(days=length + 1) for length in lengths)}
        turns |= {*self._read[person].values()}
        for bulletin in self._due:
            turns |= {bulletin.issued_at, bulletin.withdrawn_at}
            days.add(bulletin.due_on + _DAY)
        turns |= {version.begins for version in self._versions}
        turns |= {datetime.combine(day, time(), zone).astimezone(UTC) for day in days for zone in self._zones}
        return {turn for turn in turns if turn is not None}


def holds(*keys: str) -> Rule:
    """Return the rule that somebody held a duty of one of these blanks."""

    def rule(who: Authority, policy: Policy, today: date) -> Decision:
        return has_any_duty(who, policy, *keys)

    return rule


def not_allowed(
    found: Callable[[], QuerySet[Any]],
    rule: Rule,
    history: History,
    *,
    by: str,
    moment: str,
    since: datetime,
    at: datetime,
    made: Mapping[Any, int],
) -> int:
    """Count the records whose person, judged again from history, a rule would have refused when they were made.

    `by` and `moment` name the record's fields; records without a person are the system's and are left out. People are judged
    by the times in which nothing changed for them, and records counted in SQL, however many there are. `made` is how many of
    the records each person made between `since` and `at`; `found` is asked only where somebody's right began or ended.
    """
    whole = (since, at + timedelta(microseconds=1))
    refused = history.refused(rule, made, since=since, at=at)
    count = sum(made[span.person] for span in refused if (span.begins, span.ends) == whole)
    spans = (span for span in refused if (span.begins, span.ends) != whole)
    while some := list(islice(spans, _AT_ONCE)):
        conditions = [Q(**{by: s.person, f"{moment}__gte": s.begins, f"{moment}__lt": s.ends}) for s in some]
        count += found().filter(reduce(or_, conditions)).count()
    return count


def _by_person(rows: QuerySet[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _stands(ended_at: datetime | None, moment: datetime) -> bool:
    return ended_at is None or ended_at > moment
