"""Who lets a stake-out run, and who ends it (VIII.b): a standing query, seen by whoever asked for it alone."""

from __future__ import annotations

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused

DECIDING = ("VIII.b.grantor", "VII.e.supervisors")
"""The blanks that name who decides: whoever grants access to inquiries, and supervisors."""


def may_decide_stake_outs(who: Authority, policy: Policy) -> Decision:
    """Decide whether somebody decides about stake-outs at all."""
    return has_any_duty(who, policy, *DECIDING)


def may_decide_stake_out(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide whether somebody lets a stake-out run: never their own."""
    if is_own:
        return Refused(Clause.VIII_b, "Somebody else decides about one's own stake-out.")
    return may_decide_stake_outs(who, policy)


def may_end_stake_out(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide whether somebody ends a stake-out, or withdraws it: whoever asked, and everybody who decides."""
    return may_act(who) if is_own else may_decide_stake_outs(who, policy)


def still(state: str, *wanted: str) -> Decision:
    """Refuse what comes too late."""
    return Allowed() if state in wanted else Refused(Clause.VIII_b, f"Too late: this stake-out is {state} by now.")
