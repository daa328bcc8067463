"""What comes before a tour of duty with an LPR, and who ends one (IV.a, IV.i, V.a, VII.a-b, VII.d, VII.h)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, may_act, may_use_lpr
from platekeeper.core.rules.decision import TRAINING, Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.freshness import is_of_today

NEEDED = (
    "III.zone", "IV.a.users", "IV.i.refresher", "VII.h.1.tours", "VII.h.1.to", "VII.h.2.checker",
)  # fmt: skip
"""The blanks without which no tour begins: whose day it is, who may, and what becomes of the Daily User Log."""
CHECKERS = ("VII.h.2.checker", "VII.e.supervisors")
"""The duties whose holders end a tour that somebody forgot."""


class Purpose(StrEnum):
    """A legitimate law enforcement purpose of patrol (VII.a). Special operations are authorised first (V.d)."""

    PATROL = "patrol"
    CALL = "call"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class TourFacts:
    """A tour that a member would begin at `at` (aware); `delivered_at` is of the portal's hot list in force."""

    at: datetime
    purpose: str
    mobile: bool
    in_service: bool
    delivered_at: datetime | None
    open_with: str = ""  # the LPR of a tour of the member's own that is open already
    lpr_taken: bool = False  # the LPR is on an open tour of somebody else's
    lent_to: str = ""  # the agency in whose hands the LPR is (V.e)


def may_begin(who: Authority, policy: Policy, today: date, tour: TourFacts) -> Decision:
    """Decide whether a member may begin a tour of duty with an LPR."""
    return first_refusal(
        policy.needs(*NEEDED),
        _may_use(who, policy, today, mobile=tour.mobile),
        _serves_law_enforcement(tour.purpose),
        is_of_today(tour.delivered_at, at=tour.at, zone=policy.zone),
        _is_free(tour),
    )


def may_end(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide whether a person may end a tour: whose it is, or who checks the Daily User Log or supervises."""
    if is_own:
        return may_act(who)
    return has_any_duty(who, policy, *CHECKERS)


def _may_use(who: Authority, policy: Policy, today: date, *, mobile: bool) -> Decision:
    decision = may_use_lpr(who, policy, today)
    if mobile and isinstance(decision, Refused) and decision.mend == TRAINING:
        return replace(decision, clause=Clause.VII_b)
    return decision


def _serves_law_enforcement(purpose: str) -> Decision:
    return Allowed() if purpose in set(Purpose) else Refused(Clause.VII_a, "Choose the purpose of this tour.")


def _is_free(tour: TourFacts) -> Decision:
    if not tour.in_service:
        return Refused(Clause.IV_f, "This LPR is out of service.")
    if tour.open_with:
        return Refused(Clause.VII_h, f"Your tour with {tour.open_with} is open still. End it first.")
    if tour.lent_to:
        return Refused(Clause.V_e, f"This LPR is lent to {tour.lent_to}.")
    if tour.lpr_taken:
        return Refused(Clause.VII_h, "This LPR is on another member's tour, which has not ended.")
    return Allowed()
