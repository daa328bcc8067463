"""Routine transfers (VI.i): when one is due, when it is late, and how often the policy wants one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.retention import HITS, kept_for
from platekeeper.core.rules.sharing import Share

EVERY, RESPONSIBLE, DESTINATION = "VI.i.every", "VI.i.by", "VI.i.destination"
SENT_WITHIN = timedelta(days=1)
"""After the end of its period; then a transfer is late."""
RECEIVED_WITHIN = timedelta(days=3)
"""After it was sent; then its receipt is late."""
KINDS = frozenset({Share.READS, Share.HITS})
"""What a routine sends."""
_DAY = timedelta(days=1)


class Every(StrEnum):
    """How often a routine sends."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_LENGTH = {Every.DAY: _DAY, Every.WEEK: 7 * _DAY, Every.MONTH: 31 * _DAY}


def may_see_to_transfers(who: Authority, policy: Policy) -> Decision:
    """Decide who begins and ends routines, and confirms receipts: the position that VI.i makes responsible."""
    return first_refusal(policy.needs(EVERY, DESTINATION), has_duty(who, policy, RESPONSIBLE))


def may_send(what: Share, every: Every, policy: Policy) -> Decision:
    """Refuse a routine of what none sends, and one that sends less often than the policy says, or after it is gone."""
    period, kept = policy.period(EVERY), policy.said_period(HITS) if what is Share.HITS else kept_for(policy)
    gone = Refused(Clause.VI_k, "This is disposed of before so long a period is over and sent.")
    rare = Refused(Clause.VI_i, "The policy wants LPR data transferred more often than that.", EVERY)
    unfit = Refused(Clause.VI_i, "A routine transfer sends reads or hits.")
    return first_refusal(
        Allowed() if what in KINDS else unfit,
        Allowed() if period is None or _LENGTH[every] <= period else rare,
        Allowed() if kept is None or _LENGTH[every] + 2 * SENT_WITHIN <= kept else gone,
    )


def periods(every: Every, *, since: date, before: date) -> Iterator[tuple[date, date]]:
    """Give the whole periods (first and last UTC day) from a day on that are over before another; the first may be short."""
    while True:
        match every:
            case Every.DAY:
                last = since
            case Every.WEEK:
                last = since + timedelta(days=6 - since.weekday())
            case Every.MONTH:
                last = (since.replace(day=1) + timedelta(days=31)).replace(day=1) - _DAY
        if last >= before:
            return
        yield since, last
        since = last + _DAY


def due_at(last: date) -> datetime:
    """Return the moment at which a period's last day is over."""
    return datetime.combine(last + _DAY, time(), UTC)


def is_late(*, due: datetime, sent: datetime | None, received: datetime | None, at: datetime) -> bool:
    """Say whether a transfer is not sent, or its receipt not here, past its time."""
    if received is not None:
        return False
    return at > due + SENT_WITHIN if sent is None else at > sent + RECEIVED_WITHIN
