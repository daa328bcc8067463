"""What comes before a tour of duty with an LPR, and what ends one (IV.a, IV.i, V.a, VII.a-d, VII.h, IX.a-c)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty, may_act, may_use_lpr
from platekeeper.core.rules.decision import TRAINING, Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.freshness import is_of_today

NEEDED = (
    "III.zone", "IV.a.users", "IV.i.refresher", "VII.h.1.tours", "VII.h.1.to", "VII.h.2.checker",
)  # fmt: skip
"""The blanks without which no tour begins: whose day it is, who may, and what becomes of the Daily User Log."""
CHECKERS = ("VII.h.2.checker", "VII.e.supervisors")
"""The duties whose holders end a tour that somebody forgot."""
SUPERVISORS = "VII.e.supervisors"
"""The duty whose holders override what stands in the way of a tour."""
LONGEST = timedelta(hours=24)
"""A tour that is open for longer was forgotten."""


class Purpose(StrEnum):
    """A legitimate law enforcement purpose of patrol (VII.a). Special operations are authorized first (V.d)."""

    PATROL = "patrol"
    CALL = "call"
    ALERT = "alert"


class Phase(StrEnum):
    """When a question is asked."""

    BEGIN = "begin"
    END = "end"


class Question(StrEnum):
    """What is asked of a tour."""

    PURPOSE = "purpose"
    TRAINING = "training"
    HOT_LIST = "hot_list"
    IN_SERVICE = "in_service"
    AIM = "aim"
    LENS = "lens"
    DAMAGE = "damage"
    PARKED = "parked"


class Answer(StrEnum):
    """What is answered, but for the purpose, which is its own answer. `NO` is what somebody must see to."""

    YES = "yes"
    NO = "no"
    OURS = "ours"
    ATTESTED = "attested"
    OVERRIDDEN = "overridden"
    HANDED_OVER = "handed_over"
    UNSAID = "unsaid"


CLAUSES = {
    Question.PURPOSE: Clause.VII_a,
    Question.TRAINING: Clause.IV_a,
    Question.HOT_LIST: Clause.V_a,
    Question.IN_SERVICE: Clause.IV_f,
    Question.AIM: Clause.IX_a,
    Question.LENS: Clause.IX_b,
    Question.DAMAGE: Clause.IX_c,
    Question.PARKED: Clause.VII_c,
}
"""The clause that asks each question; of a mobile LPR's member VII.b asks for the training."""
ASKED = {
    Phase.BEGIN: (Question.AIM, Question.LENS, Question.DAMAGE),
    Phase.END: (Question.DAMAGE, Question.PARKED),
}
"""What the member is asked at the beginning and at the end; the rest the records know."""
_UNSAID = {
    Question.AIM: "Say whether the cameras are aimed at the right lanes.",
    Question.LENS: "Say whether the lenses are clean.",
    Question.DAMAGE: "Say whether anything is damaged.",
    Question.PARKED: "Say whether the vehicle is secured where it is parked.",
}
Answers = Mapping[Question, str]


@dataclass(frozen=True, slots=True)
class TourFacts:
    """A tour that a member would begin at `at` (aware); `delivered_at` is of the portal's hot list in force.

    `own_list`: the unit matches by somebody else's list, so the member's word that it is of today (`attested`) takes the
    place of ours; None before the member was asked. `held`: whether this unit of ours said that it has the list in force,
    and may use it still; None where the server matches. `overridden`: clauses that a supervisor has overridden for this
    member today.
    """

    at: datetime
    purpose: str
    mobile: bool
    in_service: bool
    delivered_at: datetime | None
    own_list: bool = False
    attested: bool | None = None
    held: bool | None = None
    overridden: frozenset[Clause] = field(default_factory=frozenset)
    open_with: str = ""  # the LPR of a tour of the member's own that is open already
    lpr_taken: bool = False  # the LPR is on an open tour of somebody else's
    taking_over: bool = False  # and it is handed over now, which ends that tour
    lent_to: str = ""  # the agency in whose hands the LPR is (V.e)
    deployed: Clause | None = None  # under which another member, on no tour, has the LPR in use on a deployment


def may_begin(who: Authority, policy: Policy, today: date, tour: TourFacts) -> Decision:
    """Decide whether a member may begin a tour of duty with an LPR."""
    return first_refusal(
        policy.needs(*NEEDED),
        _unless_overridden(_may_use(who, policy, today, mobile=tour.mobile), who, tour),
        _serves_law_enforcement(tour.purpose),
        _unless_overridden(_has_list_of_today(policy, tour), who, tour),
        _is_in_service(tour),
        _is_free(tour),
    )


def standing(who: Authority, policy: Policy, today: date, tour: TourFacts) -> dict[Question, Decision]:
    """Return what the records themselves answer, overridden or not."""
    return {
        Question.TRAINING: _may_use(who, policy, today, mobile=tour.mobile),
        Question.HOT_LIST: _has_list_of_today(policy, tour),
        Question.IN_SERVICE: _is_in_service(tour),
    }


def is_answered(phase: Phase, answers: Answers, *, words: str) -> Decision:
    """Refuse a tour's beginning or end while a question is unanswered, or something is wrong and nobody says what."""
    for question in ASKED[phase]:
        if answers.get(question) not in {Answer.YES, Answer.NO}:
            return Refused(CLAUSES[question], _UNSAID[question])
    wrong = next((each for each in ASKED[phase] if answers[each] == Answer.NO), None)
    if wrong is not None and not words.strip():
        return Refused(CLAUSES[wrong], "Say what is not in order.")
    return Allowed()


def may_end(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide whether a person may end a tour: whose it is, or who checks the Daily User Log or supervises."""
    if is_own:
        return may_act(who)
    return has_any_duty(who, policy, *CHECKERS)


def can_be_overridden(refusal: Decision, who: Authority) -> bool:
    """Say whether a supervisor could override a refusal: a list that is not of today, or training that was taken and has
    lapsed. Somebody who was never trained uses no LPR, whoever agrees (IV.a, VII.b)."""
    if not isinstance(refusal, Refused):
        return False
    return refusal.clause is Clause.V_a or (refusal.mend == TRAINING and who.trained_on is not None)


def may_ask_override(refusal: Decision, who: Authority, *, why: str) -> Decision:
    """Decide whether a member may ask that what stands in the way be overridden."""
    if not isinstance(refusal, Refused):
        return Refused(Clause.VII_h, "Nothing stands in the way that could be overridden.")
    if not can_be_overridden(refusal, who):
        return refusal
    return Allowed() if why.strip() else Refused(refusal.clause, "Say why the tour cannot wait.")


def may_decide_override(who: Authority, policy: Policy, *, clause: Clause, is_own: bool, reason: str) -> Decision:
    """Decide whether somebody may override, or take that back: a supervisor, never for themselves, never without a reason."""
    return first_refusal(
        has_duty(who, policy, SUPERVISORS),
        Refused(clause, "Another supervisor decides on an override of your own.") if is_own else Allowed(),
        Allowed() if reason.strip() else Refused(clause, "Say why."),
    )


def carries_own_list(way: str, method: str) -> bool:
    """Say whether a unit matches by a list of its own: it does unless its reads come over the network as they are made.

    `way` is how it uploads ("live", "file", "docked"), "" for the policy's own `method` ("network", "removable", "push").
    """
    return way != "live" if way else method in {"removable", "push"}


def _may_use(who: Authority, policy: Policy, today: date, *, mobile: bool) -> Decision:
    decision = may_use_lpr(who, policy, today)
    if mobile and isinstance(decision, Refused) and decision.mend == TRAINING:
        return replace(decision, clause=Clause.VII_b)
    return decision


def _serves_law_enforcement(purpose: str) -> Decision:
    return Allowed() if purpose in set(Purpose) else Refused(Clause.VII_a, "Choose the purpose of this tour.")


def _has_list_of_today(policy: Policy, tour: TourFacts) -> Decision:
    if tour.held is False:
        return Refused(Clause.V_a, "This unit has not said that it has the hot list in force. Let it call home once.")
    if not tour.own_list:
        return is_of_today(tour.delivered_at, at=tour.at, zone=policy.zone)
    if tour.attested is False:
        return Refused(Clause.V_a, "The list on this unit is not of today.")
    return Allowed()


def _unless_overridden(decision: Decision, who: Authority, tour: TourFacts) -> Decision:
    if isinstance(decision, Refused) and decision.clause in tour.overridden and can_be_overridden(decision, who):
        return Allowed()
    return decision


def _is_in_service(tour: TourFacts) -> Decision:
    return Allowed() if tour.in_service else Refused(Clause.IV_f, "This LPR is out of service.")


def _is_free(tour: TourFacts) -> Decision:
    if tour.open_with:
        return Refused(Clause.VII_h, f"Your tour with {tour.open_with} is open still. End it first.")
    if tour.lent_to:
        return Refused(Clause.V_e, f"This LPR is lent to {tour.lent_to}.")
    if tour.deployed is not None:
        return Refused(tour.deployed, "Another member has this LPR in use on a deployment. It is brought back first.")
    if tour.lpr_taken and not tour.taking_over:
        return Refused(Clause.VII_h, "This LPR is on another member's tour, which has not ended.")
    return Allowed()
