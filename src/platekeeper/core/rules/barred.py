"""Who bars collecting at a place, and lets it be collected again (IV.h)."""

from __future__ import annotations

from datetime import datetime

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

BARRING = "signature.authority"
_SEEING = (BARRING, "VI.e.auditors", "VI.j.manager", "IV.e.custodian")


def may_see_barred(who: Authority, policy: Policy) -> Decision:
    """Decide who sees the places and their counts: who bars them, auditors, and who keeps LPR data."""
    return has_any_duty(who, policy, *_SEEING)


def may_bar(who: Authority, policy: Policy) -> Decision:
    """Decide who bars a place, and ends that: the authority that signs the policy."""
    return has_duty(who, policy, BARRING)


def may_be_barred(*, since: datetime, until: datetime | None, at: datetime, why: str) -> Decision:
    """Decide from when a place may be barred: not from the past on, since what was read there is stored by now."""
    past = Refused(
        Clause.IV_h, "A place is barred from now on, or from a later moment: what was read before is stored."
    )
    over = Refused(Clause.IV_h, "Its end lies before its beginning.")
    return first_refusal(
        past if since < at else Allowed(),
        over if until is not None and until <= since else Allowed(),
        Allowed() if why.strip() else Refused(Clause.IV_h, "Say why collecting is barred there."),
    )
