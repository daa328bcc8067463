"""What an inquiry must say before it may run, and what it waits for (VI.c, VI.f-g, VIII.b-d)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PlatePattern
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.reasons import may_justify

AGE, APPROVERS = "VIII.b.older", "VIII.b.approvers"
"""The blanks: from which age on reads are searched with approval, and who gives it and reviews exigent searches."""
APPROVAL_HOLDS = timedelta(hours=24)
"""After that the question is put anew: what was needed then may not be needed now."""
REVIEWED_WITHIN = timedelta(days=1)
"""An exigent search is reviewed within a day."""
MOST_PLATES, FEWEST_KNOWN = 10, 3
"""More plates at once, or fewer known characters, is a search in bulk: the password is asked for once more."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The reasons given for a query of stored LPR data, and the span of time it asks for.

    `none_prohibited`: whoever asks declared it to be none of `reasons.PROHIBITED`. `exigent` says why it cannot wait for
    approval, empty if it can.
    """

    plate: str
    purpose: str
    offense: str
    case_number: str
    justification: str
    since: datetime
    until: datetime
    none_prohibited: bool = False
    is_exigent: bool = False
    exigent: str = ""
    requestor: str = ""
    requestor_agency: str = ""


def may_run(inquiry: Inquiry, policy: Policy) -> Decision:
    """Refuse a query without purpose, offense type, case or call number, a reason of its own and the declaration."""
    restated = inquiry.plate, inquiry.offense, inquiry.case_number
    return first_refusal(
        _said(inquiry.purpose, Clause.VI_f, "Choose the purpose of this query."),
        _said(inquiry.offense, Clause.VI_f, "Name the offense or incident type."),
        _said(inquiry.case_number, Clause.VIII_c, "Give the case or call number."),
        may_justify(inquiry.justification, restated=restated),
        _if(inquiry.none_prohibited, Clause.VI_f, "Declare that this search serves none of the prohibited purposes."),
        _names_requestor(inquiry),
        _if(inquiry.since < inquiry.until, Clause.VI_c, "The time span ends before it begins."),
        may_justify(inquiry.exigent, restated=restated) if inquiry.is_exigent else Allowed(),
        policy.needs(AGE, APPROVERS),
    )


def needs_approval(since: datetime, policy: Policy, *, at: datetime) -> bool:
    """Say whether reads from `since` on are old enough, in whole days, for a second person's word (ask `may_run` first)."""
    age = policy.period(AGE)
    return age is not None and since <= at - age - _DAY


def may_correct_case(who: Authority, policy: Policy, *, is_own: bool, now: str, number: str, why: str) -> Decision:
    """Decide who says that a query was made under a wrong case or call number, and which it is: who made it, or an
    auditor, with the reason (VIII.c)."""
    return first_refusal(
        may_act(who) if is_own else has_duty(who, policy, "VI.e.auditors"),
        _said(number, Clause.VIII_c, "Give the case or call number."),
        _if(number.strip() != now.strip(), Clause.VIII_c, "The query is under this number already."),
        _said(why, Clause.VIII_c, "Say why it belongs under another number."),
    )


def may_see_approvals(who: Authority, policy: Policy) -> Decision:
    """Let those see what waits who approve searches of older reads and review exigent ones."""
    return has_duty(who, policy, APPROVERS)


def may_decide(who: Authority, policy: Policy, *, is_own: bool, grants: bool, remark: str) -> Decision:
    """Decide whether a person may approve, deny or review a search: never one that they made or asked for; a no says why."""
    return first_refusal(
        may_see_approvals(who, policy),
        _if(not is_own, Clause.VIII_b, "Somebody else decides on your own searches."),
        _if(grants or bool(remark.strip()), Clause.VIII_b, "Say why not; whoever asked reads this."),
    )


def may_run_approved(decided_at: datetime, *, corrected_at: datetime | None, at: datetime) -> Decision:
    """Refuse to run an approved search once the approval is older than `APPROVAL_HOLDS`, or was for another case."""
    corrected = corrected_at is not None and corrected_at > decided_at
    return first_refusal(
        _if(at - decided_at <= APPROVAL_HOLDS, Clause.VIII_b, "This approval is a day old. Ask again."),
        _if(not corrected, Clause.VIII_b, "The case number was corrected after the search was approved. Ask again."),
    )


def is_bulk(patterns: tuple[PlatePattern, ...]) -> bool:
    """Say whether a search asks for much at once: many plates, none, or one of which hardly anything is known."""
    return not 0 < len(patterns) <= MOST_PLATES or min(pattern.known for pattern in patterns) < FEWEST_KNOWN


def _names_requestor(inquiry: Inquiry) -> Decision:
    who, agency = inquiry.requestor.strip(), inquiry.requestor_agency.strip()
    return first_refusal(
        _if(bool(who) or not agency, Clause.VI_g, "Name who asked for this search, not only their agency."),
        _if(bool(agency) or not who, Clause.VI_g, "Name the agency or unit of whoever asked for this search."),
    )


def _said(text: str, clause: Clause, reason: str) -> Decision:
    return _if(bool(text.strip()), clause, reason)


def _if(holds: bool, clause: Clause, reason: str) -> Decision:
    return Allowed() if holds else Refused(clause, reason)
