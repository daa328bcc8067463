"""What evidence comes to: a status, and the counts behind it in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.register.history import Rule, not_allowed
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, makers
from platekeeper.server.register.words import Counted, Joined, Said, Sentence, is_of_none, many


class Status(StrEnum):
    """What the evidence comes to."""

    KEPT = "kept"
    CAUTION = "caution"
    BREACH = "breach"
    IDLE = "idle"
    GUIDANCE = "guidance"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A status, and the counts behind it."""

    status: Status
    said: object

    @property
    def words(self) -> str:
        """The counts in words, in the language of the page being written."""
        return str(self.said)


Look = Callable[[Period], Evidence]
Found = Callable[[Of], QuerySet[Any]]
"""Which records of a period are looked at."""


class _Found(Counted):
    """How many were found of what was looked for. Reads after a number or "none"."""

    __slots__ = ()

    def __init__(self, count: int, words: str, *values: object) -> None:
        super().__init__(count, words, words, values, none="none")


class Fault(_Found):
    """What is a breach, each one."""

    __slots__ = ()


class Concern(_Found):
    """What somebody should see to, but what is no breach."""

    __slots__ = ()


def judged(*said: object, activity: int) -> Evidence:
    """Return a breach if there is one, else a caution, else kept if anything happened at all, else idle.

    Without activity a clause is idle, never kept: nothing was shown. What was looked for and not found is said as well.
    """
    shown: list[object] = []
    for each in said:
        if isinstance(each, Fault) and not each.count:
            # of nothing nothing could be wrong
            is_said = bool(activity) and not is_of_none(shown[-1])
        else:
            is_said = not isinstance(each, Concern) or bool(each.count)
        if is_said:
            shown.append(each)
    sentence = Sentence(Joined(*shown, by="; "))
    if any(each.count for each in said if isinstance(each, Fault)):
        return Evidence(Status.BREACH, sentence)
    if any(each.count for each in said if isinstance(each, Concern)):
        return Evidence(Status.CAUTION, sentence)
    return Evidence(Status.KEPT if activity else Status.IDLE, sentence)


_WORST_FIRST = (Status.BREACH, Status.CAUTION, Status.KEPT, Status.IDLE, Status.GUIDANCE)


def both(one: Evidence, other: Evidence) -> Evidence:
    """Return what two kinds of evidence of the same clause come to: the worse of them, and the words of both."""
    return Evidence(min(one.status, other.status, key=_WORST_FIRST.index), Joined(one.said, other.said, by=". "))


@asked
def _made(of: Times, found: Found, by: str) -> Sought[Makers]:
    return makers(found(of), by)


def unfit(
    period: Period,
    found: Found,
    rule: Rule,
    *,
    by: str,
    moment: str,
    made: Mapping[Any, int] | None = None,
) -> int:
    """Count the records of the period whose person, judged again from history, a rule would have refused then.

    `made` is how many of them each person made, where that is counted already; where not, `found` is no lambda.
    """
    made = _made(period, found, by) if made is None else made
    return not_allowed(
        lambda: found(period), rule, period.history, by=by, moment=moment, since=period.since, at=period.at, made=made
    )


def acts(*actions: Action, **more: Any) -> Found:
    """Return what tells what people did in a period, as the ledger has it; the system's own acts are left out.
    `counts.acted` says how often."""
    return lambda of: LedgerEntry.objects.filter(of.within("at"), action__in=actions, person__gt=0, **more)


def held_by(period: Period, key: str) -> int:
    """Return how many people held a position that blank `key` names, at the end of the period."""
    titles = period.policy.positions(key)
    people = (period.history.authority(person, period.at) for person in period.history.people)
    return sum(who.active and bool(who.positions & titles) for who in people)


def vacant(period: Period, key: str, duty: Said) -> Concern:
    """Return the concern that nobody held a duty that blank `key` gives to a position."""
    return Concern(int(key in period.policy.values and not held_by(period, key)), "duty that nobody holds: {1}", duty)


def refusals(period: Period, *clauses: str) -> Counted | str:
    """Say how often something was refused under these clauses, nothing if never."""
    count = sum(period.refusals[clause] for clause in clauses)
    return many(count, "refusal under this clause", "refusals under this clause") if count else ""
