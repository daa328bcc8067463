"""Public oversight: who hands out the year's audit packet, and who publishes what the public sees (VI.e, VI.l)."""

from __future__ import annotations

from datetime import date

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

AUDITING = ("VI.e.auditors", "signature.authority")
"""The duties of the policy that take stock of a year: who audits, and who signs the policy."""


def may_take_stock(who: Authority, policy: Policy) -> Decision:
    """Decide who hands out the audit packet of a year: the auditors, and the authority that signs the policy."""
    return has_any_duty(who, policy, *AUDITING)


def may_publish(who: Authority, policy: Policy) -> Decision:
    """Decide who lets the public read a report, and takes it back: the authority that signs the policy."""
    return has_duty(who, policy, "signature.authority")


def may_be_published(*, first: date, last: date, today: date, overlaps: bool, counted: bool) -> Decision:
    """Decide what may be published: whole months that are over and whose reads are `counted`, each in one report alone.

    Of two reports that overlap, the difference would give away the small counts that neither shows.
    """
    whole = first.day == 1 and first <= last and (last.toordinal() + 1 == _next_month(last).toordinal())
    return first_refusal(
        Allowed() if whole else Refused(Clause.VI_l, "A report is of whole months: from a first day to a last one."),
        Allowed() if last < today else Refused(Clause.VI_l, "A report is published once its period is over."),
        Allowed()
        if counted
        else Refused(Clause.VI_l, "The reads of its last day are not counted yet; they are by tomorrow."),
        Refused(
            Clause.VI_l,
            "A report of some of these days is published already; from two, small counts could be worked out.",
        )
        if overlaps
        else Allowed(),
    )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
