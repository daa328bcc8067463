"""What goes between two departments' servers: who connects them, what may be asked, and what is answered (IV.h, VI.l)."""

from __future__ import annotations

from datetime import datetime

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.inquiries import Inquiry, may_run, needs_approval
from platekeeper.core.rules.sharing import CUSTODIAN, DIRECTOR

_STOPPED = "The connection with this department is stopped."


def may_connect(who: Authority, policy: Policy) -> Decision:
    """Decide who invites, connects and resumes: upon whose direction data is shared."""
    return has_duty(who, policy, DIRECTOR)


def may_stop(who: Authority, policy: Policy, *, why: str) -> Decision:
    """Decide who stops a connection at once, and says why: the Custodian too."""
    unsaid = Refused(Clause.VI_l, "Say why the connection is stopped.")
    return first_refusal(has_any_duty(who, policy, DIRECTOR, CUSTODIAN), Allowed() if why.strip() else unsaid)


def may_be_connected(
    *, agency: str, is_department: bool, is_own_key: bool, is_anothers: bool, compared: bool
) -> Decision:
    """Decide whether a key may be taken for an agency's. `is_anothers`: it is known already, as that of another agency."""
    conditions = (
        (agency and not is_department, "Choose the agency whose server this is."),
        (not is_own_key, "This is this department's own invitation. Ask them for theirs."),
        (not is_anothers, "This key is another agency's: one of the two is not who they say."),
        (compared, "Compare the fingerprint with them by phone or in person first."),
    )
    wrong = next((reason for holds, reason in conditions if not holds), "")
    return Refused(Clause.VI_l, wrong) if wrong else Allowed()


def may_ask(*, is_connected: bool, has_mou: bool) -> Decision:
    """Decide whether a partner may be asked at all: the question itself tells them whom we look for."""
    return first_refusal(
        Allowed() if is_connected else Refused(Clause.VI_l, _STOPPED),
        Allowed() if has_mou else Refused(Clause.VI_l, "No MOU with this agency is in force: nothing is asked of it."),
    )


def may_answer(who: Authority, *, is_connected: bool) -> Decision:
    """Decide whether a partner, in whose account's name it asks, gets anything; what, the agreement says. Asked again when
    the answer leaves."""
    return first_refusal(Allowed() if is_connected else Refused(Clause.VI_l, _STOPPED), may_act(who))


def may_run_for_partner(inquiry: Inquiry, policy: Policy, *, is_bulk: bool, at: datetime) -> Decision:
    """Decide whether a partner's search may run: for plates, with the reasons that our own need, of older reads not at
    once."""
    decision = may_run(inquiry, policy)
    if decision and is_bulk:
        return Refused(Clause.VI_l, "A partner's search names its plates, with three known characters at least.")
    if decision and needs_approval(inquiry.since, policy, at=at):
        return Refused(Clause.VIII_b, "Reads this old are searched here with approval only. Send a request for it.")
    return decision
