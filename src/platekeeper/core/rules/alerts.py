"""Who asks for, decides, cancels and sees hot list entries, and what is too broad to enter (IV.h, VI.a, VII.f-g)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from platekeeper.core.categories import MANDATORY_ENTRY, Category
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import (
    Authority,
    Standing,
    has_any_duty,
    has_duty,
    is_trained,
    may_act,
    may_inquire,
    may_reach_lpr_data,
    may_use_lpr,
)
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

URGENT_ENTRY = MANDATORY_ENTRY | {Category.CRIME_JUST_OCCURRED}
"""Categories that the positions of VII.f.2 may put in force at once."""
BROADEST_PERCENT = 2
"""An entry that fits a larger share of recent traffic would alarm on the innocent."""
FEWEST_LOOKED_AT = 200
"""With fewer stored reads a share says nothing."""
_EVER = timedelta(days=3650)
"""How far back prior reads are looked up where the policy disposes of none."""
_OWING_DUTIES = ("VI.a.decider", "VII.e.supervisors")
_SEEING_DUTIES = (
    "IV.e.custodian", "VI.a.decider", "VI.e.auditors", "VII.e.dispatch", "VII.e.supervisors", "VII.f.directors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """An entry waiting for a decision, as the decider meets it."""

    category: Category
    is_own_request: bool
    is_own_direction: bool = False


def may_request_entry(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may ask for an entry: a trained member who uses LPRs or reaches LPR data (VI.a)."""
    if who.standing is not Standing.MEMBER:
        return Refused(Clause.VI_a, "Members ask for hot list entries; ask one to enter this plate.")
    if may_use_lpr(who, policy, today):
        return Allowed()
    return first_refusal(has_duty(who, policy, "IV.b.access"), is_trained(who, policy, today))


def may_decide_entry(who: Authority, policy: Policy, entry: DecisionFacts) -> Decision:
    """Decide whether a person may decide on an entry (VI.a, VII.f.2, VII.g).

    Nobody decides on their own request, but for a bulletin that must be entered (VII.g).
    """
    decides = has_duty(who, policy, "VI.a.decider")
    if not decides and entry.category in URGENT_ENTRY and has_duty(who, policy, "VII.f.directors"):
        decides = Allowed()
    if decides and entry.is_own_request and entry.category not in MANDATORY_ENTRY:
        return Refused(Clause.VI_a, "Somebody else decides on what you asked for yourself.")
    return decides


def may_enter_at_once(who: Authority, policy: Policy, category: Category) -> Decision:
    """Decide whether a request is in force without a second person: urgent, and made by the position of VII.f.2."""
    if category not in URGENT_ENTRY:
        return Refused(Clause.VI_a, "An entry of this category waits for its decision.")
    directs = has_duty(who, policy, "VII.f.directors")
    return directs if directs else may_decide_entry(who, policy, DecisionFacts(category=category, is_own_request=True))


def may_cancel_entry(who: Authority, policy: Policy, entry: DecisionFacts) -> Decision:
    """Decide whether a person may take an entry off the list: who asked for it, directed it, or could decide on it."""
    if entry.is_own_request or entry.is_own_direction:
        return may_act(who)
    return may_decide_entry(who, policy, entry)


def may_see_hot_lists(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may look into the hot lists: those whose work rests on them (IV.h)."""
    if who.standing is Standing.OUTSIDE:
        return Refused(Clause.IV_h, "Hot lists stay within the department.")
    if may_request_entry(who, policy, today) or may_reach_lpr_data(who, policy, today):
        return Allowed()
    if has_any_duty(who, policy, *_SEEING_DUTIES):
        return Allowed()
    return Refused(Clause.IV_h, "Hot lists are open to trained members and to the positions that keep or check them.")


def may_look_up_prior_reads(
    who: Authority, policy: Policy, today: date, *, decided_it: bool, is_owed: bool
) -> Decision:
    """Decide whether a person may look up the prior reads of an entry: who put it on the list, or may inquire anyway; as long
    as the look is owed, who decides on entries (VI.a) and supervisors (VII.e), too.

    The look belongs to the entry (VII.f.3, VII.g), so it asks for no access to inquiries beyond it, but for the work that
    rests on hot lists still.
    """
    if decided_it or (is_owed and sees_to_prior_reads(who, policy)):
        return may_see_hot_lists(who, policy, today)
    return may_inquire(who, policy, today)


def sees_to_prior_reads(who: Authority, policy: Policy) -> Decision:
    """Decide who sees to looks that others owe (VII.f.3): who decides on entries, and supervisors."""
    return has_any_duty(who, policy, *_OWING_DUTIES)


def prior_reads_since(policy: Policy, *, at: datetime) -> datetime:
    """Return from when on reads are looked up that came before an entry: as far back as the policy keeps any (VII.f.3)."""
    kept = policy.period("VI.k.ceiling") if policy.needs("VI.k.ceiling") else timedelta(days=1)
    return at - (kept or _EVER)


def is_narrow_enough(*, matched: int, looked_at: int) -> Decision:
    """Refuse an entry that fits more than `BROADEST_PERCENT` of the reads looked at (VI.a)."""
    if looked_at >= FEWEST_LOOKED_AT and matched * 100 > looked_at * BROADEST_PERCENT:
        return Refused(
            Clause.VI_a,
            f"Too broad: {matched} of the last {looked_at} reads would be hits. Give more characters of the plate.",
        )
    return Allowed()
