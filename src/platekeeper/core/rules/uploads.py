"""How often an LPR is to be heard from, and what becomes of one that is not (V.b, VI.i).

An LPR in the field goes by V.b and VI.i, a fixed one by VI.i alone; either may have a shorter period of its own. What
counts is that an LPR was heard from: reads, a sign of life, or the word of the position responsible that there is nothing
to upload. A car that was parked broke nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from platekeeper.core.blanks import BLANKS
from platekeeper.core.durations import length_of, spoken
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused

FIELD, FIXED = ("V.b.every", "VI.i.every"), ("VI.i.every",)
"""The blanks whose period an LPR goes by: a mobile or portable one, and a fixed one."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which an LPR was heard from again and again, or was out of service; or one in which it was silent."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.until - self.since


class Standing(StrEnum):
    """Where an LPR stands with its uploads."""

    KEPT = "kept"
    OVERDUE = "overdue"
    AWAITED = "awaited"  # new: not heard from yet, and not late either
    NEVER = "never"
    OUT = "out"
    UNSCHEDULED = "unscheduled"  # the policy names no period


def periods_of(*, in_field: bool) -> tuple[str, ...]:
    """Return the blanks whose periods an LPR goes by."""
    return FIELD if in_field else FIXED


def responsible_for(*, in_field: bool) -> str:
    """Return the blank that names who is responsible for an LPR's uploads."""
    return "V.b.responsible" if in_field else "VI.i.by"


def allowed_silence(policy: Policy, *keys: str, own: str = "") -> timedelta | None:
    """Return the shortest of the periods named and the LPR's own; None where none is filled or all are "never"."""
    stored = [policy.text(key) for key in keys if policy.needs(key)] + ([own] if own else [])
    return min((length for each in stored if (length := length_of(each)) is not None), default=None)


def may_schedule(policy: Policy, *, in_field: bool, own: str) -> Decision:
    """Refuse a period of an LPR's own that is longer than the policy's; `own` is a stored period, "" for none."""
    unfilled = policy.needs(*periods_of(in_field=in_field))
    if isinstance(unfilled, Refused) or not own:
        return unfilled
    length = length_of(own)
    for key in periods_of(in_field=in_field):
        longest = policy.period(key)
        if longest is not None and (length is None or length > longest):
            most = spoken(policy.text(key))
            return Refused(BLANKS[key].clause, f"An LPR may upload more often than every {most}, not less often.")
    return Allowed()


def standing_of(
    allowed: timedelta | None, *, in_service: bool, added_at: datetime, heard_at: datetime | None, at: datetime
) -> Standing:
    """Say where an LPR stands; one that was never heard from is counted from when it was added."""
    if not in_service:
        return Standing.OUT
    if allowed is None:
        return Standing.UNSCHEDULED
    late = at - (heard_at or added_at) > allowed
    if heard_at is None:
        return Standing.NEVER if late else Standing.AWAITED
    return Standing.OVERDUE if late else Standing.KEPT
