"""Requests for searches of stored LPR data (IV.e, IV.h, V.e): who asks, who decides, who runs one, and to whom it goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing, has_any_duty, has_duty, may_act, may_inquire
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.sharing import Share

RUN_WITHIN = timedelta(hours=72)
"""How long an approval holds: after that the reason may be gone, and it is decided anew."""
DECIDERS = ("IV.e.custodian", "V.e.director")
DIRECTOR = "VI.l.director"
GROUNDS = (Clause.IV_h, Clause.V_e, Clause.VI_b, Clause.VI_f, Clause.VI_l, Clause.VIII_c)
"""The clauses under which a request may be refused by who decides on it."""
_SHARED_ON_REQUEST = {"request", "both"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `plate` is normalized, empty where only a description is known; no `lprs` means all of them."""

    plate: str
    description: str
    since: datetime
    until: datetime
    purpose: str
    offense: str
    case_number: str
    justification: str
    lprs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """How far a request is, as the person before it meets it.

    `is_own`: they asked it, or entered it for somebody. `agency`: the other agency that asks, empty for the department's own
    people. `directed`: the direction to share it was given. `ran`: this person ran it, and the search was completed.
    """

    is_own: bool
    mutual_aid: bool = False
    agency: str = ""
    approved_at: datetime | None = None
    directed: bool = False
    ran: bool = False
    closed: bool = False


def decider(*, mutual_aid: bool) -> str:
    """Return the blank that names who decides: the Custodian (IV.e), for mutual aid whom V.e names."""
    return "V.e.director" if mutual_aid else "IV.e.custodian"


def may_ask(who: Authority, policy: Policy, *, for_another: bool, agency: str, mutual_aid: bool) -> Decision:
    """Decide who asks: anybody with an account for themselves; for somebody outside, the department's people only.

    `agency` is the other one for which it is asked, empty for the department's own people.
    """
    outsider = Refused(Clause.IV_h, "Ask in your own name; members and staff enter what others ask.")
    unshared = Refused(Clause.VI_l, "The MOU with your agency does not share answers to searches.")
    guest = who.standing is Standing.OUTSIDE and Share.SEARCHES not in who.shares
    unnamed = Refused(Clause.IV_h, "Name the law enforcement agency that asks.")
    alone = Refused(Clause.V_e, "Mutual aid is between agencies: this one is asked by the department's own.")
    return first_refusal(
        may_act(who),
        unshared if guest else Allowed(),
        outsider if for_another and who.standing is Standing.OUTSIDE else Allowed(),
        unnamed if for_another and not agency.strip() else Allowed(),
        alone if mutual_aid and not agency.strip() else Allowed(),
        policy.needs(decider(mutual_aid=mutual_aid)),
    )


def may_be_asked(asked: Asked, *, at: datetime) -> Decision:
    """Refuse what nobody could decide on: without what is sought, when, and the reasons that the search itself will need."""
    demands = (
        (asked.plate or asked.description, Clause.IV_h, "Give the plate, or describe what is sought."),
        (asked.purpose, Clause.VI_f, "Choose the purpose of the search."),
        (asked.offense, Clause.VI_f, "Name the offense or incident type."),
        (asked.case_number, Clause.VIII_c, "Give the case or call number."),
        (asked.justification, Clause.VI_f, "Say in a few words why the search is needed."),
    )
    for given, clause, reason in demands:
        if not given.strip():
            return Refused(clause, reason)
    if asked.since >= asked.until:
        return Refused(Clause.IV_h, "The time span ends before it begins.")
    if asked.since >= at:
        return Refused(Clause.IV_h, "Stored data is of the past: the time span begins in the future.")
    return Allowed()


def may_see_queue(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide who opens the queue: who decides, directs, audits, or can run a request."""
    concerned = has_any_duty(who, policy, *DECIDERS, DIRECTOR, "VI.e.auditors")
    return Allowed() if may_inquire(who, policy, today) else concerned


def may_see(who: Authority, policy: Policy, facts: RequestFacts, today: date) -> Decision:
    """Decide who looks into a request: who asked or entered it, who decides or directs, who can run it, the auditors."""
    duties = ("IV.e.custodian", "VI.e.auditors", DIRECTOR, *(("V.e.director",) if facts.mutual_aid else ()))
    concerned = (
        facts.is_own
        or bool(has_any_duty(who, policy, *duties))
        or (facts.approved_at is not None and bool(may_inquire(who, policy, today)))
    )
    other = Refused(Clause.IV_h, "A request is seen by who asked, who decides on it and who can run it.")
    return first_refusal(may_act(who), Allowed() if concerned else other)


def may_decide(who: Authority, policy: Policy, facts: RequestFacts) -> Decision:
    """Decide who approves or refuses a request: the position that the policy names, never upon one's own request."""
    key = decider(mutual_aid=facts.mutual_aid)
    own = Refused(BLANKS[key].clause, "You asked or entered this request: somebody else decides on it.")
    return first_refusal(has_duty(who, policy, key), own if facts.is_own else Allowed(), _open(facts))


def may_approve(who: Authority, policy: Policy, facts: RequestFacts, *, at: datetime) -> Decision:
    """Decide whether a request may be approved: not while an approval holds, nor for whom no answer could be given."""
    again = Refused(BLANKS[decider(mutual_aid=facts.mutual_aid)].clause, "It is approved already.")
    return first_refusal(
        may_decide(who, policy, facts),
        again if _holds(facts, at) else Allowed(),
        _may_reach(policy, facts.agency) if facts.agency else Allowed(),
    )


def may_refuse(who: Authority, policy: Policy, facts: RequestFacts, *, why: str, clause: Clause) -> Decision:
    """Decide whether a request may be refused so, or an approval taken back that nobody has answered yet."""
    key = BLANKS[decider(mutual_aid=facts.mutual_aid)].clause
    return first_refusal(
        may_decide(who, policy, facts),
        Allowed() if why.strip() else Refused(key, "Say why it is refused, as the requestor will read it."),
        Allowed() if clause in GROUNDS else Refused(key, "Name the clause under which it is refused."),
    )


def may_direct(who: Authority, policy: Policy, facts: RequestFacts) -> Decision:
    """Decide who directs that the answer be shared with other agencies (VI.l)."""
    unapproved = Refused(Clause.VI_l, "The request is not approved yet: there is nothing to share.")
    again = Refused(Clause.VI_l, "It has been directed already.")
    return first_refusal(
        has_duty(who, policy, DIRECTOR),
        _open(facts),
        Allowed() if facts.approved_at else unapproved,
        again if facts.directed else Allowed(),
    )


def may_run_request(who: Authority, policy: Policy, facts: RequestFacts, today: date, *, at: datetime) -> Decision:
    """Decide who runs a request: whoever may inquire, within 72 hours of its approval."""
    clause = BLANKS[decider(mutual_aid=facts.mutual_aid)].clause
    hours = RUN_WITHIN // timedelta(hours=1)
    lapsed = Refused(clause, f"The approval was for {hours} hours and has lapsed. Have the request decided anew.")
    waiting = Refused(clause, "This request is not approved.")
    return first_refusal(
        may_inquire(who, policy, today),
        _open(facts),
        Allowed() if facts.approved_at else waiting,
        Allowed() if _holds(facts, at) else lapsed,
    )


def is_within(
    asked: Asked,
    *,
    plate: str,
    since: datetime,
    until: datetime,
    lprs: Collection[int],
    case_number: str,
    look_alikes: bool = False,
) -> Decision:
    """Refuse a search for more than was approved: another plate, a longer time, other LPRs, another case."""
    clause = Clause.IV_h
    if asked.plate and look_alikes:
        return Refused(clause, f"The plate {asked.plate} was approved, and not those that look like it.")
    if asked.plate and plate != asked.plate:
        return Refused(clause, f"The plate {asked.plate} was approved; search for that one.")
    if since < asked.since or until > asked.until:
        return Refused(clause, "The time span goes beyond the one that was approved.")
    if asked.lprs and not (lprs and asked.lprs.issuperset(lprs)):
        return Refused(clause, "LPRs are searched that were not approved.")
    if case_number.strip() != asked.case_number.strip():
        return Refused(clause, f"It was approved for {asked.case_number}; search under that number.")
    return Allowed()


def may_answer(
    who: Authority, policy: Policy, facts: RequestFacts, today: date, *, words: str, agencies: Collection[str]
) -> Decision:
    """Decide whether a request may be answered so. `agencies`: the other agencies among its recipients."""
    unread = Refused(Clause.VI_h, "Run it first: only who has seen the results can say what was found.")
    return first_refusal(
        may_inquire(who, policy, today),
        _open(facts),
        Allowed() if facts.ran else unread,
        Allowed() if words.strip() else Refused(Clause.VI_h, "Say in words what was found, or that nothing was."),
        *(may_share(policy, each, directed=facts.directed) for each in sorted({*agencies, facts.agency} - {""})),
    )


def may_share(policy: Policy, agency: str, *, directed: bool) -> Decision:
    """Decide whether what was found may go to another agency (VI.l): one that the policy names, upon its direction."""
    titles = ", ".join(sorted(policy.positions(DIRECTOR)))
    undirected = Refused(Clause.VI_l, f"Another agency gets an answer upon the direction of: {titles}.")
    return first_refusal(_may_reach(policy, agency), Allowed() if directed else undirected)


def may_withdraw(who: Authority, facts: RequestFacts) -> Decision:
    """Decide who withdraws a request: who asked or entered it, while it is open."""
    other = Refused(Clause.IV_h, "Who asked or entered a request withdraws it.")
    return first_refusal(may_act(who), Allowed() if facts.is_own else other, _open(facts))


def _may_reach(policy: Policy, agency: str) -> Decision:
    unfilled = policy.needs("VI.l.how", "VI.l.destinations", DIRECTOR)
    if isinstance(unfilled, Refused):
        return unfilled
    if policy.text("VI.l.how") not in _SHARED_ON_REQUEST:
        return Refused(Clause.VI_l, "The policy does not share LPR data upon request.", "VI.l.how")
    named = {each.strip().casefold() for each in policy.values["VI.l.destinations"]}
    if agency.strip().casefold() not in named:
        return Refused(Clause.VI_l, f"The policy names no such destination of LPR data: {agency}.", "VI.l.destinations")
    return Allowed()


def _holds(facts: RequestFacts, at: datetime) -> bool:
    return facts.approved_at is not None and at < facts.approved_at + RUN_WITHIN


def _open(facts: RequestFacts) -> Decision:
    return Refused(Clause.IV_h, "This request is closed.") if facts.closed else Allowed()
