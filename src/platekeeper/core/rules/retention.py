"""The period of stored reads and its end (VI.k). Days are UTC days of capture.

A hit keeps its own copy of read, image and entry. So the store need not tell reads with a hit from those without: what
the policy says of reads without one holds for the whole store, and reads go in whole units of a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused

CEILING, NO_HIT, FLOOR, HITS = "VI.k.ceiling", "VI.k.no_hit", "VI.k.floor", "VI.k.hits"
MANAGER, APPROVERS = "VI.j.manager", "VI.k.approvers"
A_DAY = timedelta(days=1)
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (60, 15, 5, 1))
_LITTLE = 2
"""Days of which a draft may make go what is stored without its number written out."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def kept_for(policy: Policy) -> timedelta | None:
    """Return how long the store keeps a read: the shorter of what the policy says; None for no end."""
    periods = (policy.said_period(key) for key in (CEILING, NO_HIT))
    return min((period for period in periods if period is not None), default=None)


def step(policy: Policy) -> timedelta:
    """Return the time whose reads go together: a day, or for a period under one a part of it, never over a third.

    Nothing goes later than its period and this.
    """
    period = kept_for(policy)
    if period is None or period >= A_DAY:
        return A_DAY
    return next((each for each in _STEPS if each * 3 <= period), _STEPS[-1])


def oldest_stored(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the first moment whose reads are kept at `at`, the beginning of a step; None while the policy names no end.

    Everything of the steps before is past its time, to the last read.
    """
    period = kept_for(policy)
    return None if period is None else _begun(at - period, step(policy))


def oldest_taken(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the first moment whose reads may become hits at `at`, though the store keep them no more; None for no end."""
    period = policy.said_period(CEILING)
    return None if period is None else _begun(at - period, A_DAY if period >= A_DAY else step(policy))


def oldest_shown(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the first moment whose reads a search still finds at `at`: what is past its time is over before it is gone.

    None for no end, and where two persons must agree: until they have, it is there.
    """
    return None if waits_for_approval(policy) else oldest_stored(policy, at=at)


def shown_from(since: datetime, until: datetime, *, oldest: datetime | None) -> datetime:
    """Return from when on reads of a span are looked at, where none before `oldest` is shown: within the span in any case."""
    return since if oldest is None else min(max(since, oldest), until)


def may_store(captured_at: datetime, policy: Policy, *, at: datetime) -> Decision:
    """Refuse a read that arrives already past its time: storing it would outlive the policy (VI.k)."""
    unfilled = policy.needs(CEILING)
    if isinstance(unfilled, Refused):
        return unfilled
    oldest = oldest_stored(policy, at=at)
    if oldest is not None and captured_at < oldest:
        return Refused(Clause.VI_k, "This read is older than the policy keeps reads.")
    return Allowed()


@dataclass(frozen=True, slots=True)
class HitFacts:
    """What decides how long an alarm and its repeats stay, all of them together; `raised_at` is that of the last.

    `in_case`: a case that still holds its records preserves one of them. `was_in_case`: one that holds them no longer
    did. `led_on`: to enforcement, an investigation or a prosecution. `in_complaint`: a complaint is about one of them.
    """

    raised_at: datetime
    in_case: bool = False
    was_in_case: bool = False
    led_on: bool = False
    in_complaint: bool = False


def hits_raised_before(policy: Policy, *, at: datetime) -> datetime | None:
    """Return the moment before which hits were raised that may go at `at`; None while the policy names no end."""
    period = policy.said_period(HITS)
    return None if period is None else at - period


def may_end_hit(hit: HitFacts, policy: Policy, *, at: datetime) -> Decision:
    """Decide whether a hit goes: its time is over, no case holds it, and nothing came of it that waits for a case."""
    unfilled = policy.needs(HITS)
    before = hits_raised_before(policy, at=at)
    if isinstance(unfilled, Refused):
        return unfilled
    if before is None or hit.raised_at >= before:
        return Refused(Clause.VI_k, "The time of this hit is not over.")
    if hit.in_case:
        return Refused(Clause.VI_k_1, "A case preserves this hit.")
    if hit.in_complaint:
        return Refused(Clause.IV_h, "A complaint is about this hit.")
    if hit.led_on and not hit.was_in_case:
        return Refused(Clause.V_c, "Something came of this hit: it belongs into a case file.")
    return Allowed()


@dataclass(frozen=True, slots=True)
class Going:
    """What of the stored goes as soon as a draft is in force, though the policy before it would keep it: days with reads, and
    hits, which were raised on so many days."""

    days: int = 0
    hits: int = 0
    hit_days: int = 0

    @property
    def to_write(self) -> int:
        """The number that whoever adopts the draft writes out first: of days of reads, or of hits where these are of more
        days; 0 where little goes."""
        if max(self.days, self.hit_days) <= _LITTLE:
            return 0
        return self.hits if self.hit_days > self.days else self.days


def may_let_go(going: Going, *, written: int | None) -> Decision:
    """Decide whether a draft may be adopted that makes so much go for good: its number shows a period written wrongly."""
    if going.to_write in {0, written}:
        return Allowed()
    return Refused(
        Clause.VI_k,
        f"By what is stored today, {going.days} days of reads and {going.hits} hits go for good as soon as this draft is in "
        f"force: write {going.to_write} beside the button to go on.",
    )


AGREED_WITHIN = timedelta(days=7)
"""How long what is past its time may wait for two persons to agree."""


def waits_for_approval(policy: Policy) -> bool:
    """Say whether two persons must approve a disposal; where the policy says nothing of it, what it ends just ends."""
    return policy.text("VI.k.disposal") == "two_persons"


def may_propose(proposed_by: int | None) -> Decision:
    """Decide whether somebody may still put a disposal forward."""
    if proposed_by is not None:
        return Refused(Clause.VI_k, "Somebody put this disposal forward already.")
    return Allowed()


def may_approve(proposed_by: int | None, *, by: int) -> Decision:
    """Decide whether a disposal may be approved: once it was put forward, and never by whoever did that."""
    if proposed_by is None:
        return Refused(Clause.VI_k, "The managing position has not put this disposal forward yet.")
    if proposed_by == by:
        return Refused(Clause.VI_k, "You put this disposal forward yourself. Somebody else approves it.")
    return Allowed()


def _begun(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - _EPOCH) % unit


def periods_agree(policy: Policy) -> Decision:
    """Refuse a policy whose reads end before their least period is over, or go too soon for anybody to approve it."""
    shortest = min(
        (key for key in (NO_HIT, CEILING) if policy.said_period(key) is not None),
        key=lambda key: policy.period(key) or A_DAY,
        default=None,
    )
    if shortest is None:
        return Allowed()
    ends = policy.period(shortest) or A_DAY
    floor = policy.said_period(FLOOR)
    if floor is not None and ends < floor:
        least, most = BLANKS[FLOOR], BLANKS[shortest]
        words = f"Reads must be stored {least.spoken(policy.values[FLOOR])} at least"
        return Refused(
            Clause.VI_k, f"{words}, yet are disposed of after {most.spoken(policy.values[shortest])}.", shortest
        )
    if ends < A_DAY and waits_for_approval(policy):
        reason = (
            "Nobody can approve what goes by the minute. Let the disposal be automatic, or keep reads a day at least."
        )
        return Refused(Clause.VI_k, reason, "VI.k.disposal")
    return Allowed()
