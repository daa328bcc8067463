"""Special details and mutual aid (V.d, V.e): who asks, who authorizes, and when an LPR may be used on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing, has_any_duty, has_duty, may_act, may_use_lpr
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

AUTHORIZER, DIRECTOR = "V.d.authorizer", "V.e.director"
DECIDERS = (AUTHORIZER, DIRECTOR)
OVERSEERS = (*DECIDERS, "VII.e.supervisors", "VI.e.auditors", "signature.authority")
"""Who sees every deployment, besides those whom it concerns."""
LONGEST = timedelta(days=31)
"""A detail that goes on for longer is authorized anew."""


class Kind(StrEnum):
    """What LPRs are deployed for: a special operation (V.d), or mutual aid that is given or sought (V.e)."""

    CRIME_AREA = "crime_area"
    DWI = "dwi"
    ENFORCEMENT = "enforcement"
    INVESTIGATION = "investigation"
    OTHER = "other"
    AID_GIVEN = "aid_given"
    AID_SOUGHT = "aid_sought"

    @property
    def is_aid(self) -> bool:
        """Whether V.e speaks of it."""
        return self in {Kind.AID_GIVEN, Kind.AID_SOUGHT}

    @property
    def clause(self) -> Clause:
        """The clause that it comes under."""
        return Clause.V_e if self.is_aid else Clause.V_d

    @property
    def decider(self) -> str:
        """The blank that names who authorizes it."""
        return DIRECTOR if self.is_aid else AUTHORIZER


AIDS = tuple(each for each in Kind if each.is_aid)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `place` is in words; `agency`: the other one, of mutual aid. `count` of LPRs and of people."""

    kind: Kind
    purpose: str
    place: str
    since: datetime
    until: datetime
    lprs: int = 0
    people: int = 0
    offense: str = ""
    case_number: str = ""
    sought: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """How far a deployment is, as the person before it meets it.

    `is_own`: they asked for it; `in_charge` of it; `takes_part` in it. `closed`: refused, canceled or ended. `out`: LPRs in
    use on it, or lent, now. `answered`: the other agency has said whether it helps.
    """

    kind: Kind
    since: datetime
    until: datetime
    is_own: bool = False
    in_charge: bool = False
    takes_part: bool = False
    authorized: bool = False
    closed: bool = False
    ended: bool = False
    out: int = 0
    used: bool = False
    answered: bool = False
    reported: bool = False


@dataclass(frozen=True, slots=True)
class LPRFacts:
    """An LPR that is to be used on a deployment, or lent. `busy`: where it is instead, in words, empty where it is free.

    `tour_first`: a mobile one with which the member before it is on no tour.
    """

    assigned: bool
    in_service: bool
    busy: str = ""
    tour_first: bool = False


def may_ask(who: Authority, policy: Policy, kind: Kind) -> Decision:
    """Decide who asks for a deployment: the department's own people; whom the policy names authorizes it."""
    outsider = Refused(
        kind.clause, "Members and staff of this department ask; call the position that the policy names."
    )
    return first_refusal(
        may_act(who), outsider if who.standing is Standing.OUTSIDE else Allowed(), policy.needs(kind.decider)
    )


def may_be_asked(asked: Asked, *, at: datetime) -> Decision:
    """Refuse what nobody could decide on: without purpose, place, times and, of mutual aid, the crime and what is sought."""
    clause, aid = asked.kind.clause, asked.kind.is_aid
    is_case = aid or asked.kind is Kind.INVESTIGATION
    demands: tuple[tuple[object, str], ...] = (
        (asked.purpose.strip(), "Say what it is for."),
        (asked.place.strip(), "Say where."),
        (not aid or asked.agency.strip(), "Name the other agency."),
        (not is_case or asked.offense.strip(), "Name the crime."),
        (not is_case or asked.case_number.strip(), "Give the case or call number."),
        (not aid or asked.sought.strip(), "Describe the vehicle sought, or say what data the area is to give."),
        (asked.kind is Kind.AID_SOUGHT or asked.lprs, "Choose the LPRs."),
        (aid or asked.people, "Choose the members who take part."),
        (asked.since < asked.until, "It ends before it begins."),
        (asked.until > at, "It is over already: have it authorized before it begins."),
        (asked.until - asked.since <= LONGEST, f"{LONGEST.days} days at most; ask anew for what comes after."),
    )
    missing = next((reason for given, reason in demands if not given), "")
    return Refused(clause, missing) if missing else Allowed()


def may_see(who: Authority, policy: Policy, facts: DeploymentFacts) -> Decision:
    """Decide who looks into a deployment: whom it concerns, and who authorizes or oversees."""
    concerned = facts.is_own or facts.in_charge or facts.takes_part
    other = Refused(
        facts.kind.clause, "A deployment is seen by whom it concerns, who authorizes it and who oversees it."
    )
    overseer = Allowed() if has_any_duty(who, policy, *OVERSEERS) else other
    return first_refusal(may_act(who), Allowed() if concerned else overseer)


def may_decide(who: Authority, policy: Policy, facts: DeploymentFacts) -> Decision:
    """Decide who authorizes or refuses: the position that the policy names, never upon one's own asking."""
    clause = facts.kind.clause
    return first_refusal(
        has_duty(who, policy, facts.kind.decider),
        Refused(clause, "You asked for it: somebody else decides.") if facts.is_own else Allowed(),
        _open(facts),
        Refused(clause, "It is authorized already.") if facts.authorized else Allowed(),
    )


def may_authorize(who: Authority, policy: Policy, facts: DeploymentFacts, *, at: datetime) -> Decision:
    """Decide whether a deployment may be authorized now: not once it is over."""
    late = Refused(facts.kind.clause, "Its time is over. Have it asked for anew.")
    return first_refusal(may_decide(who, policy, facts), late if facts.until <= at else Allowed())


def may_refuse(who: Authority, policy: Policy, facts: DeploymentFacts, *, why: str) -> Decision:
    """Decide whether a deployment may be refused so."""
    return first_refusal(may_decide(who, policy, facts), _said(facts, why, "Say why it is refused."))


def may_cancel(who: Authority, facts: DeploymentFacts, *, why: str) -> Decision:
    """Decide who takes back what nobody has authorized yet: who asked."""
    other = Refused(facts.kind.clause, "Who asked for it takes it back.")
    standing = Refused(facts.kind.clause, "It is authorized: end it instead.")
    return first_refusal(
        may_act(who),
        Allowed() if facts.is_own else other,
        _open(facts),
        standing if facts.authorized else Allowed(),
        _said(facts, why, "Say why it is taken back."),
    )


def may_end(who: Authority, policy: Policy, facts: DeploymentFacts, *, why: str) -> Decision:
    """Decide who ends an authorized deployment: who asked, who is in charge, who may authorize; with every LPR back."""
    clause = facts.kind.clause
    unauthorized = Refused(clause, "It is not authorized.")
    concerned = Allowed() if facts.is_own or facts.in_charge else has_duty(who, policy, facts.kind.decider)
    return first_refusal(
        may_act(who),
        concerned,
        _open(facts),
        Allowed() if facts.authorized else unauthorized,
        Refused(clause, f"LPRs are still out: {facts.out}. Bring them back first.") if facts.out else Allowed(),
        _said(facts, why, "Say why it ends."),
    )


def is_authorized(facts: DeploymentFacts, *, at: datetime) -> Decision:
    """Decide whether LPRs may be deployed at a moment: authorized, not closed, and within its times."""
    clause = facts.kind.clause
    return first_refusal(
        _open(facts),
        Allowed() if facts.authorized else Refused(clause, "It is not authorized yet."),
        Allowed() if facts.since <= at else Refused(clause, f"It begins at {facts.since:%Y-%m-%d %H:%M %Z}."),
        Allowed() if at < facts.until else Refused(clause, f"It was over at {facts.until:%Y-%m-%d %H:%M %Z}."),
    )


def may_use_on(
    who: Authority, policy: Policy, today: date, facts: DeploymentFacts, lpr: LPRFacts, *, at: datetime
) -> Decision:
    """Decide whether a member may use an LPR on a deployment: authorized, within its times, an LPR and a member of it; a
    mobile one on a tour of their own, which asks for the hot list and the checks and has its Daily User Log."""
    return first_refusal(
        is_authorized(facts, at=at),
        may_use_lpr(who, policy, today),
        Allowed() if facts.takes_part else Refused(facts.kind.clause, "You are not among its people."),
        is_free(facts.kind, lpr),
        Refused(Clause.VII_h, "Begin a tour with this LPR first.") if lpr.tour_first else Allowed(),
    )


def may_hand_in_roads(who: Authority, policy: Policy) -> Decision:
    """Decide who hands in the file of roads that posts are proposed from: who authorizes, or keeps the inventory."""
    return has_any_duty(who, policy, DIRECTOR, AUTHORIZER, "IV.f.inventory")


def may_place(who: Authority, policy: Policy, facts: DeploymentFacts) -> Decision:
    """Decide who keeps posts for LPRs with a deployment: who asked, who is in charge, who may authorize; while it is open."""
    concerned = facts.is_own or facts.in_charge
    return first_refusal(
        may_act(who), Allowed() if concerned else has_duty(who, policy, facts.kind.decider), _open(facts)
    )


def may_bring_back(who: Authority, policy: Policy, facts: DeploymentFacts, *, is_user: bool) -> Decision:
    """Decide who brings an LPR back: who uses it, who is in charge, who may authorize."""
    concerned = is_user or facts.in_charge
    return first_refusal(may_act(who), Allowed() if concerned else has_duty(who, policy, facts.kind.decider))


def is_free(kind: Kind, lpr: LPRFacts) -> Decision:
    """Refuse an LPR that is none of the deployment's, out of service, or elsewhere."""
    return first_refusal(
        Allowed() if lpr.assigned else Refused(kind.clause, "This LPR is none of the deployment's."),
        Allowed() if lpr.in_service else Refused(Clause.IV_f, "This LPR is out of service."),
        Refused(kind.clause, f"This LPR is {lpr.busy}.") if lpr.busy else Allowed(),
    )


def may_report(
    who: Authority, facts: DeploymentFacts, *, at: datetime, numbers: Mapping[str, int], words: str
) -> Decision:
    """Decide whether the after-action report may be made so: by who is in charge, once it is over and every LPR is back."""
    clause = facts.kind.clause
    over = facts.ended or facts.until <= at
    conditions = (
        (facts.in_charge, "Who is in charge reports."),
        (facts.authorized, "It was never authorized: there is nothing to report."),
        (over and not facts.out, "It is not over: end it, and bring the LPRs back."),
        (not facts.reported, "It is reported already."),
        (min(numbers.values(), default=0) >= 0, "Numbers begin at 0."),
        (words.strip(), "Say in a few words what came of it."),
    )
    wrong = next((reason for given, reason in conditions if not given), "")
    return first_refusal(may_act(who), Refused(clause, wrong) if wrong else Allowed())


def _open(facts: DeploymentFacts) -> Decision:
    return Refused(facts.kind.clause, "It is closed.") if facts.closed else Allowed()


def _said(facts: DeploymentFacts, why: str, otherwise: str) -> Decision:
    return Allowed() if why.strip() else Refused(facts.kind.clause, otherwise)
