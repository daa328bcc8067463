"""Public oversight: who hands out the year's audit packet, and who publishes what the public sees (VI.e, VI.l)."""

from __future__ import annotations

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty
from platekeeper.core.rules.decision import Decision

AUDITING = ("VI.e.auditors", "signature.authority")
"""The duties of the policy that take stock of a year: who audits, and who signs the policy."""


def may_take_stock(who: Authority, policy: Policy) -> Decision:
    """Decide who hands out the audit packet of a year: the auditors, and the authority that signs the policy."""
    return has_any_duty(who, policy, *AUDITING)
