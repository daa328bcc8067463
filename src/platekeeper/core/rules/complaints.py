"""A person wrongly stopped complains: who handles it, what ends it, and what corrects a wrong entry.

No clause speaks of complaints. They stand on VII.e, the checks that were to keep the stop from happening, and on what the
policy is for (I, II): LPR data used properly and responsibly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

LONGEST_SUPPRESSION = timedelta(days=30)
"""A line that is still wrong after a month needs another decision: a plate may be stolen in earnest by then."""
_CLAUSE = Clause.VII_e
HANDLING = ("VII.e.supervisors", "signature.authority")
"""The duties of the policy that handle complaints."""
_READING = ("VI.e.auditors", "IV.e.custodian")


class Finding(StrEnum):
    """What a complaint comes to."""

    NOT_LPR = "not_lpr"
    STOP_RIGHT = "stop_right"
    MISREAD = "misread"
    WRONG_STATE = "wrong_state"
    WRONG_ENTRY = "wrong_entry"
    STEPS_NOT_TAKEN = "steps_not_taken"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """How far a complaint is, as the person before it meets it.

    `is_own_stop`: they made the stop, or are who it is about. `findings`: the latest. `corrected`: a correction of the entry
    holds still.
    """

    is_own_stop: bool = False
    has_hit: bool = False
    findings: frozenset[Finding] = frozenset()
    corrected: bool = False
    answered: bool = False
    closed: bool = False


def may_handle_complaints(who: Authority, policy: Policy) -> Decision:
    """Decide who receives and handles complaints: supervisors, and the authority that signs the policy."""
    return has_any_duty(who, policy, *HANDLING)


def may_read_complaints(who: Authority, policy: Policy) -> Decision:
    """Decide who reads complaints: who handles them, auditors, and who keeps the hot lists that one may correct."""
    return has_any_duty(who, policy, *HANDLING, *_READING)


def may_see_complaint(who: Authority, policy: Policy, facts: ComplaintFacts) -> Decision:
    """Decide whether a person may look into one complaint: never into one about their own stop."""
    return first_refusal(may_read_complaints(who, policy), _not_own(facts))


def may_see_complainant(who: Authority, policy: Policy) -> Decision:
    """Decide who is shown who complains: not the keeper of the hot lists, who corrects an entry without it."""
    return has_any_duty(who, policy, *HANDLING, "VI.e.auditors")


def may_handle(who: Authority, policy: Policy, facts: ComplaintFacts) -> Decision:
    """Decide whether a person may take a step on an open complaint: nobody on one about their own stop."""
    return first_refusal(may_handle_complaints(who, policy), _not_own(facts), _open(facts))


def may_correct(who: Authority, policy: Policy, facts: ComplaintFacts) -> Decision:
    """Decide whether the entry behind the hit may be corrected: once it was found wrong, and only where it is still."""
    finding = Refused(_CLAUSE, "First record the finding that the hot list entry was stale or wrong.")
    no_hit = Refused(_CLAUSE, "Find the hit first: the correction is of its entry.")
    again = Refused(_CLAUSE, "The entry is corrected already.")
    return first_refusal(
        may_lift(who, policy, facts),
        _open(facts),
        Allowed() if facts.has_hit else no_hit,
        Allowed() if Finding.WRONG_ENTRY in facts.findings else finding,
        again if facts.corrected else Allowed(),
    )


def may_lift(who: Authority, policy: Policy, facts: ComplaintFacts) -> Decision:
    """Decide who corrects, and lets a suppressed line alarm again: who handles complaints, or keeps the hot lists (IV.e)."""
    return first_refusal(has_any_duty(who, policy, *HANDLING, "IV.e.custodian"), _not_own(facts))


def may_suppress(*, until: datetime, at: datetime) -> Decision:
    """Decide how long a wrong line of a list may raise no alarm: not for ever, since the plate may be wanted in earnest."""
    if until <= at:
        return Refused(_CLAUSE, "The suppression would be over already.")
    if until > at + LONGEST_SUPPRESSION:
        return Refused(_CLAUSE, f"A line is suppressed for {LONGEST_SUPPRESSION.days} days at most; then decide anew.")
    return Allowed()


def may_close(who: Authority, policy: Policy, facts: ComplaintFacts) -> Decision:
    """Decide whether a complaint may be closed: with a finding, an answer to the complainant, and no wrong entry left."""
    no_finding = Refused(_CLAUSE, "Record a finding before the complaint is closed.")
    wrong = Finding.WRONG_ENTRY in facts.findings and facts.has_hit and not facts.corrected
    return first_refusal(
        may_handle(who, policy, facts),
        Allowed() if facts.findings else no_finding,
        Refused(_CLAUSE, "The entry was found wrong: correct it first.") if wrong else Allowed(),
        Allowed() if facts.answered else Refused(_CLAUSE, "Answer the complainant before the complaint is closed."),
    )


def _not_own(facts: ComplaintFacts) -> Decision:
    return (
        Refused(_CLAUSE, "Somebody else handles a complaint about your own stop.") if facts.is_own_stop else Allowed()
    )


def _open(facts: ComplaintFacts) -> Decision:
    return Refused(_CLAUSE, "This complaint is closed.") if facts.closed else Allowed()
