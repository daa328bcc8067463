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


class Status(StrEnum):
    """What the evidence comes to."""

    KEPT = "kept"
    CAUTION = "caution"
    BREACH = "breach"
    IDLE = "idle"
    GUIDANCE = "guidance"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A status, and the counts behind it in words."""

    status: Status
    words: str


Look = Callable[[Period], Evidence]


@dataclass(frozen=True, slots=True)
class Fault:
    """What was looked for and, if `count` is not 0, found: each one is a breach. Reads after a number or "none"."""

    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Concern:
    """What somebody should see to, if `count` is not 0, but what is no breach."""

    count: int
    words: str


def judged(*said: str | Fault | Concern, activity: int) -> Evidence:
    """Return a breach if there is one, else a caution, else kept if anything happened at all, else idle.

    Without activity a clause is idle, never kept: nothing was shown. What was looked for and not found is said as well.
    """
    words: list[str] = []
    for each in said:
        if isinstance(each, str):
            words.append(each)
        elif each.count:
            words.append(f"{each.count:,} {each.words}")
        # of nothing nothing could be wrong
        elif activity and isinstance(each, Fault) and not words[-1].startswith("no "):
            words.append(f"none {each.words}")
    sentence = "; ".join(filter(None, words))
    sentence = sentence[:1].upper() + sentence[1:]
    if any(each.count for each in said if isinstance(each, Fault)):
        return Evidence(Status.BREACH, sentence)
    if any(each.count for each in said if isinstance(each, Concern)):
        return Evidence(Status.CAUTION, sentence)
    return Evidence(Status.KEPT if activity else Status.IDLE, sentence)


_WORST_FIRST = (Status.BREACH, Status.CAUTION, Status.KEPT, Status.IDLE, Status.GUIDANCE)


def both(one: Evidence, other: Evidence) -> Evidence:
    """Return what two kinds of evidence of the same clause come to: the worse of them, and the words of both."""
    words = ". ".join(each.words for each in (one, other) if each.words)
    return Evidence(min(one.status, other.status, key=_WORST_FIRST.index), words)


def many(count: int, one: str, more: str = "") -> str:
    """Return a number with its noun: "no queries", "1 query", "3 queries"."""
    return f"{f'{count:,}' if count else 'no'} {one if count == 1 else more or f'{one}s'}"


def unfit(
    period: Period,
    found: QuerySet[Any],
    rule: Rule,
    *,
    by: str,
    moment: str,
    made: Mapping[Any, int] | None = None,
) -> int:
    """Count the records of the period whose person, judged again from history, a rule would have refused then; `made` is how
    many of them each person made, where that is counted already."""
    return not_allowed(found, rule, period.history, by=by, moment=moment, since=period.since, at=period.at, made=made)


def acts(period: Period, *actions: Action) -> QuerySet[LedgerEntry]:
    """Return what people did in the period, as the ledger has it; the system's own acts are left out. `counts.acted` says
    how often."""
    return LedgerEntry.objects.filter(period.within("at"), action__in=actions, person__gt=0)


def held_by(period: Period, key: str) -> int:
    """Return how many people held a position that blank `key` names, at the end of the period."""
    titles = period.policy.positions(key)
    people = (period.history.authority(person, period.at) for person in period.history.people)
    return sum(who.active and bool(who.positions & titles) for who in people)


def vacant(period: Period, key: str, what: str) -> Concern:
    """Return the concern that nobody held a duty that blank `key` gives to a position."""
    return Concern(int(key in period.policy.values and not held_by(period, key)), f"duty that nobody holds: {what}")


def refusals(period: Period, *clauses: str) -> str:
    """Say how often something was refused under these clauses, nothing if never."""
    count = sum(period.refusals[clause] for clause in clauses)
    return f"{many(count, 'refusal')} under this clause" if count else ""
