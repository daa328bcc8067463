"""Who may use LPRs and reach LPR data (IV.a-c, IV.i, VI.b, VII.b, VIII.a-b): authority is a designation,
current training and an active account together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import TRAINING, Allowed, Decision, Refused, first_refusal


class Standing(StrEnum):
    """Member, staff (III), or somebody of another agency."""

    MEMBER = "member"
    STAFF = "staff"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Authority:
    """What a person is at a moment: facts for the rules of access.

    `trained_on`: the last day of training that counts; `overdue`: titles of the bulletins and courses that should have
    been read or taken by now (IV.i). `shares`: of somebody of another agency, what its MOUs in force let leave
    (`sharing.Share`); without one the account does nothing.
    """

    standing: Standing
    active: bool
    positions: frozenset[str]
    trained_on: date | None = None
    overdue: tuple[str, ...] = ()
    staff_access: bool = False
    inquiries: bool = False
    designee: bool = False
    shares: frozenset[str] = frozenset()


def may_act(who: Authority) -> Decision:
    """Refuse an account that is not active (IV.h), and a guest's while no MOU of their agency is in force (VI.l)."""
    unshared = Refused(Clause.VI_l, "No MOU with your agency is in force: a guest's account does nothing without one.")
    guest = who.standing is Standing.OUTSIDE and not who.shares
    return first_refusal(
        Allowed() if who.active else Refused(Clause.IV_h, "This account is not active."),
        unshared if guest else Allowed(),
    )


def has_duty(who: Authority, policy: Policy, key: str) -> Decision:
    """Decide whether the policy gives the duty named by blank `key` to a position this person holds."""
    return has_any_duty(who, policy, key)


def has_any_duty(who: Authority, policy: Policy, *keys: str) -> Decision:
    """Decide whether the policy gives this person one of several duties; a refusal is under the clause of the first, and
    names every position that has one of them."""
    named = [key for key in keys if policy.needs(key)]
    positions = frozenset[str]().union(*(policy.positions(key) for key in named))
    held = who.positions & positions if who.standing is not Standing.OUTSIDE else frozenset()
    wanted = ", ".join(sorted(positions)) or "nobody"
    return first_refusal(
        may_act(who),
        Allowed() if named else policy.needs(*keys),
        Allowed() if held else Refused(BLANKS[keys[0]].clause, f"The policy gives this to: {wanted}."),
    )


def is_trained(who: Authority, policy: Policy, today: date, *, clause: Clause = Clause.IV_i) -> Decision:
    """Refuse without training, with training older than the policy allows, or with in-service training overdue."""
    unfilled = policy.needs("IV.i.refresher")
    if isinstance(unfilled, Refused):
        return unfilled
    last_day = trained_until(who, policy)
    if last_day is None:
        return Refused(clause, "No LPR training is recorded.", TRAINING)
    if today > last_day:
        return Refused(clause, f"LPR training lapsed on {last_day:%Y-%m-%d}.", TRAINING)
    if who.overdue:
        return Refused(clause, f"In-service training is overdue: {', '.join(who.overdue)}.", TRAINING)
    return Allowed()


def trained_until(who: Authority, policy: Policy) -> date | None:
    """Return the last day of a person's training, None without any or while the policy does not say how long it holds."""
    if who.trained_on is None or not policy.needs("IV.i.refresher"):
        return None
    return who.trained_on + timedelta(days=policy.whole("IV.i.refresher"))


def may_use_lpr(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may use an LPR and work its hits: trained, designated members only (IV.a, VII.b)."""
    if who.standing is not Standing.MEMBER:
        return Refused(Clause.IV_a, "Only members use LPRs.")
    return first_refusal(
        has_duty(who, policy, "IV.a.users"),
        is_trained(who, policy, today, clause=Clause.IV_a),
    )


def may_reach_lpr_data(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may reach LPR data at all: a designated member, or staff once authorized (IV.b-c), in a
    position that VI.b names or as a designee."""
    match who.standing:
        case Standing.MEMBER:
            own = has_duty(who, policy, "IV.b.access")
        case Standing.STAFF if who.staff_access:
            own = may_act(who)
        case Standing.STAFF:
            own = Refused(Clause.IV_c, "Staff reach LPR data once authorized by the position the policy names.")
        case _:
            own = Refused(Clause.IV_h, "Other agencies ask for searches; they do not reach LPR data themselves.")
    limited = policy.needs("VI.b.access") if who.designee else has_duty(who, policy, "VI.b.access")
    return first_refusal(own, limited, is_trained(who, policy, today))


def may_inquire(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may make inquiries of stored reads: IV.b, VI.b and VIII.a-b together."""
    granted = Allowed() if who.inquiries else Refused(Clause.VIII_b, "Access to inquiries has not been granted.")
    return first_refusal(
        may_reach_lpr_data(who, policy, today),
        has_duty(who, policy, "VIII.a.access"),
        granted,
    )
