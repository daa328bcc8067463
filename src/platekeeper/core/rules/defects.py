"""Defects of LPRs and damage to them: who reports, who hears of it, and each step until it is mended (IV.d, IX.c).

Damage is reported to the LPR Administrator (IX.c), everything else that wants repair to whoever the policy names for
defects (IV.d); the latter hear of damage, too. Whoever hears of a defect works it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing, has_any_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

DEFECTS, DAMAGE = "IV.d.defects", "IX.c.administrator"
HEARD_WITHIN, MENDED_WITHIN = timedelta(days=1), timedelta(days=14)
"""After how long a report that nobody acknowledged, and a defect that nobody mended, wait too long. No clause says;
damage is to be reported "immediately", so a day is the most that its hearing may take."""


class DefectKind(StrEnum):
    """What is wrong, in the order in which it is offered."""

    DAMAGE = "damage"
    AIM = "aim"
    LENS = "lens"
    BLIND = "blind"
    DRIFTING = "drifting"
    MISREADING = "misreading"
    CLOCK = "clock"
    POWER = "power"
    OTHER = "other"


class DefectStep(StrEnum):
    """What was done about it; the newest, but for `SEEN_AGAIN`, says where it stands."""

    REPORTED = "reported"
    SEEN_AGAIN = "seen_again"
    ACKNOWLEDGED = "acknowledged"
    IN_REPAIR = "in_repair"
    MENDED = "mended"
    CLOSED = "closed"


ENDED = (DefectStep.MENDED, DefectStep.CLOSED)
_NEXT = {
    DefectStep.REPORTED: (DefectStep.ACKNOWLEDGED, DefectStep.IN_REPAIR, *ENDED),
    DefectStep.ACKNOWLEDGED: (DefectStep.IN_REPAIR, *ENDED),
    DefectStep.IN_REPAIR: ENDED,
}
_SAID = {
    DefectStep.IN_REPAIR: "Say who repairs it, and where it is.",
    DefectStep.MENDED: "Say what was done.",
    DefectStep.CLOSED: "Say why it needs no repair.",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken."""

    step: DefectStep
    at: datetime


def clause_of(kind: DefectKind) -> Clause:
    """Return the clause under which a defect is reported."""
    return Clause.IX_c if kind is DefectKind.DAMAGE else Clause.IV_d


def hearing(kind: DefectKind) -> tuple[str, ...]:
    """Return the blanks that name who hears of a defect, whom it goes to first."""
    return (DAMAGE, DEFECTS) if kind is DefectKind.DAMAGE else (DEFECTS,)


def may_report(who: Authority) -> Decision:
    """Decide who reports: everybody of the department, trained or not. Damage waits for no training."""
    outside = (
        Refused(Clause.IV_d, "Somebody of the department reports it.")
        if who.standing is Standing.OUTSIDE
        else Allowed()
    )
    return first_refusal(may_act(who), outside)


def is_told(policy: Policy, kind: DefectKind, *, words: str, pictured: bool) -> Decision:
    """Refuse a report that nobody is named to hear, or that says nothing of what is wrong."""
    told = bool(words.strip()) or pictured or kind is not DefectKind.OTHER
    return first_refusal(
        policy.needs(hearing(kind)[0]),
        Allowed() if told else Refused(clause_of(kind), "Say what is wrong, or add a photograph."),
    )


def may_work(who: Authority, policy: Policy, kind: DefectKind) -> Decision:
    """Decide who acknowledges, repairs and closes: who hears of such a defect."""
    return has_any_duty(who, policy, *hearing(kind))


def may_hear(who: Authority, policy: Policy) -> Decision:
    """Decide who hears of any defect."""
    return has_any_duty(who, policy, DEFECTS, DAMAGE)


def may_take(stands: DefectStep, step: DefectStep, *, kind: DefectKind, words: str) -> Decision:
    """Decide whether a step follows from where a defect stands."""
    if stands in ENDED:
        return Refused(clause_of(kind), "This defect has ended. Report it anew if it is back.")
    if step not in _NEXT[stands]:
        return Refused(clause_of(kind), "This step was taken already, or does not follow.")
    unsaid = _SAID.get(step)
    return Refused(clause_of(kind), unsaid) if unsaid and not words.strip() else Allowed()


def next_steps(stands: DefectStep) -> tuple[DefectStep, ...]:
    """Return what may be done next."""
    return _NEXT.get(stands, ())


def stands_at(taken: Sequence[Taken]) -> DefectStep:
    """Return where a defect stands after its steps, the oldest first."""
    return next(each.step for each in reversed(taken) if each.step is not DefectStep.SEEN_AGAIN)


def time_to_repair(taken: Sequence[Taken], *, at: datetime) -> timedelta:
    """Return how long it took, or has taken by `at`."""
    ended = next((each.at for each in taken if each.step in ENDED), at)
    return ended - taken[0].at


def waits_too_long(stands: DefectStep, *, reported_at: datetime, at: datetime) -> bool:
    """Say whether a report was not acknowledged in time, or a defect not mended in time."""
    if stands in ENDED:
        return False
    return at - reported_at > (HEARD_WITHIN if stands is DefectStep.REPORTED else MENDED_WITHIN)
