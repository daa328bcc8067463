"""What a hot list's own rules make of a match: which kinds alarm, what a hit does, and when the list is stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from platekeeper.core.categories import Category, HitAction, usual_action
from platekeeper.core.clauses import Clause
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.freshness import is_of_today


class MatchKind(StrEnum):
    """How much of an entry a read agrees with."""

    PLATE_AND_STATE = "plate_and_state"
    PLATE_ONLY = "plate_only"
    PARTIAL = "partial"
    LOOK_ALIKE = "look_alike"


USUAL_ALARMS = frozenset({MatchKind.PLATE_AND_STATE, MatchKind.PLATE_ONLY, MatchKind.PARTIAL})
"""Look-alikes beyond O and 0 are reviewed silently unless a list says otherwise."""


ALARMS_FOR = timedelta(hours=24)
"""How long after a car was seen its hit may still alarm; later it is reviewed silently."""


@dataclass(frozen=True, slots=True)
class ListRules:
    """The rules of one list. No `categories` named: all count. Without `stale_after` it is stale the next day (V.a)."""

    alarms: frozenset[MatchKind] = USUAL_ALARMS
    categories: frozenset[Category] = frozenset()
    actions: Mapping[Category, HitAction] = field(default_factory=dict)
    stale_after: timedelta | None = None


def kind_of_match(how: HowMatched, state: StateAgreement) -> MatchKind:
    """Return which kind of match this is."""
    if how is HowMatched.PLATE:
        return MatchKind.PLATE_AND_STATE if state is StateAgreement.AGREES else MatchKind.PLATE_ONLY
    return MatchKind(how.value)


def counts(rules: ListRules, category: Category) -> bool:
    """Say whether entries of a category count on a list."""
    return not rules.categories or category in rules.categories


def action_on(rules: ListRules, *, category: Category, kind: MatchKind, said: HitAction | None = None) -> HitAction:
    """Return what a hit does: what the entry itself said, else the list, else what is usual; silent if it may not alarm."""
    if kind not in rules.alarms:
        return HitAction.SILENT
    return said or rules.actions.get(category) or usual_action(category)


def when_it_arrives(action: HitAction, seen_at: datetime, *, at: datetime) -> HitAction:
    """Return what a hit does that arrives at `at`: no alarm for a car seen long ago, as imports and late uploads bring."""
    return HitAction.SILENT if at - seen_at > ALARMS_FOR else action


def is_fresh(rules: ListRules, delivered_at: datetime | None, *, at: datetime, zone: ZoneInfo) -> Decision:
    """Refuse a list older than its own rule says, which is the department's calendar day unless said (V.a, VII.d). One dated
    ahead is judged by its day."""
    if rules.stale_after is None or delivered_at is None or delivered_at > at:
        return is_of_today(delivered_at, at=at, zone=zone)
    if at - delivered_at > rules.stale_after:
        hours = int(rules.stale_after.total_seconds() // 3600)
        return Refused(Clause.V_a, f"The hot list is more than {hours} hours old.")
    return Allowed()
